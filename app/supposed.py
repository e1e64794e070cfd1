"""Teams as a scenario supposes them: others stay at home, have other hours or kits, or are new."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from app.models import Team

SUPPOSED = "supposed"
"""Where a plan's parameters keep them: ``without`` names, ``changed`` by name, ``extra`` teams."""


_WISHED = (
    "worth.weight.", "cost.", "plan.minutes", "plan.max_nights", "plan.request_factor",
    "plan.home_visit_worth", "plan.home_visits_most",
)  # fmt: skip
"""Beginnings of parameters that say what the office wants; most others say what there is."""


def supposes(params: Mapping[str, Any]) -> bool:
    """Tell whether a plan is a scenario of what is not so: teams, or the office's parameters.

    Weights, prices and rules may be wished otherwise; days, hours, speeds and shares may not.
    """
    changed = params["scenario"]["changes"] if "scenario" in params else ()
    return bool(params.get(SUPPOSED)) or any(
        "." in name and "rupiah" not in name and not name.startswith(_WISHED) for name in changed
    )


def supposed_teams(teams: Sequence[Team], params: Mapping[str, Any]) -> tuple[Team, ...]:
    """Give the teams of a week, by name; those in the database stay as they are."""
    asked = params.get(SUPPOSED)
    if not asked:
        return tuple(teams)
    by_name = {team.name: team for team in teams}
    changed = [_with(team, asked["changed"].get(team.name, {})) for team in teams]
    extra = [
        _with(by_name[row["like"]], {"name": row["name"], "satellite_kits": 0})
        for row in asked["extra"]
        if row["like"] in by_name
    ]
    return tuple(sorted([*changed, *extra], key=lambda team: team.name))


def stays_home(params: Mapping[str, Any], team: str) -> bool:
    """Tell whether a scenario does without a team; its satellite kits stay at the base."""
    asked = params.get(SUPPOSED)
    return asked is not None and team in asked["without"]


def _with(team: Team, values: Mapping[str, Any]) -> Team:
    if not values:
        return team
    read = {
        name: time.fromisoformat(value) if name in {"starts", "ends"} else value
        for name, value in values.items()
    }
    return Team(**(team.model_dump() | read))
