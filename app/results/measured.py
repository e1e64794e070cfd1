"""Signal and power as teams measured them: rows beside those of lists, for the join."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlmodel import Session, col, select

from app.models import PointVillage, ServicePoint
from app.models.results import MEASURED, MEASURED_POWER
from app.results.standing import SessionResult, standing
from geodata.coverage import FIELD_MEASUREMENT
from geodata.points import GATHERING

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMON = ("id", "import_id", "file_name", "code", "observed_on", "source", "confidence", "status",
           "row", "label")  # fmt: skip


def measured_rows(session: Session) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give what counts of signal, and of power, as rows of ``join_connectivity``.

    A session speaks of the villages that are served where it was held; if a village's service
    point has moved since, of no other.
    """
    assigned = _assigned(session)
    signals, powers = [], []
    for one in standing(session).sessions:
        for row in _rows(one, assigned):
            if one.signal is not None:
                id_ = f"{MEASURED}:{one.entry.id}"
                signals.append({**row, "id": id_, "signal": one.signal})
            if one.power is not None:
                id_ = f"{MEASURED_POWER}:{one.entry.id}"
                powers.append({**row, "id": id_, "power": one.power, "status": one.power})
    return (
        pd.DataFrame(signals, columns=[*_COMMON, "signal", "definition"]),
        pd.DataFrame(powers, columns=[*_COMMON, "power", "definition"]),
    )


def _assigned(session: Session) -> dict[str, str]:
    """Give the point of each village that an office assigned to one; others have their own."""
    query = (
        select(PointVillage.village_code, PointVillage.point_code)
        .join(ServicePoint)
        .where(col(ServicePoint.is_active), col(ServicePoint.kind).in_(GATHERING))
    )
    return dict(session.exec(query).all())


def _rows(one: SessionResult, assigned: "Mapping[str, str]") -> Iterator[dict[str, Any]]:
    speed = "" if one.signal_mbps is None else f" ({one.signal_mbps:g} Mbit/s)"
    for code in one.entry.serves:
        if assigned.get(code, code) == one.place.point_code:
            yield {
                "import_id": None,
                "file_name": one.place.team,
                "code": code,
                "observed_on": one.place.day,
                "source": one.place.team,
                "confidence": "high",
                "status": f"{one.signal}{speed}",
                "row": None,
                "label": f"{one.place.team} {one.place.day.isoformat()}",
                "definition": FIELD_MEASUREMENT,
            }
