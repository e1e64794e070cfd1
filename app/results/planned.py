"""What a plan takes from the ledger, as it stood when the plan was asked for."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from app.results.standing import SessionResult, standing
from routing import WorthParams


def reported_before(
    session: Session, regency: str, monday: date, params: Mapping[str, Any]
) -> tuple[SessionResult, ...]:
    """Give the sessions before a week that lower a plan's need; none where it does not want that.

    ``params["reported_until"]`` is the newest entry when the plan was asked for: what comes later
    changes other plans. Plans made before there were results have none.
    """
    until = params.get("reported_until") or 0
    if not until or not params.get("results", {}).get("lower_need", True):
        return ()
    found = standing(session, regency=regency, until_entry=until).sessions
    return tuple(one for one in found if one.place.day < monday)


def taught_params(params: WorthParams, kept: Mapping[str, Any]) -> dict[str, WorthParams]:
    """Read the numbers by district that a plan keeps under ``learned``."""
    return {
        code: WorthParams.from_dict({**params.to_dict(), **own})
        for code, own in kept.get("learned", {}).items()
    }
