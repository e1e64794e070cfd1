"""A plan as a table for a spreadsheet."""

import csv
import io
from typing import Any

from sqlmodel import Session

from app.cells import safe_cell
from app.plan_document import plan_document
from app.texts import Lang
from routing import Programme

COLUMNS = (
    "team", "day", "order", "village_code", "village_name", "district", "point_code", "point_name",
    "point_kind", "arrive", "start",
    "depart", "minutes", "break_minutes", "service_mode", "travel_mode", "travel_minutes",
    "travel_break_minutes", "distance_m", "off_network_m",
    "is_straight_line", "n_rapids", "with_kit", "lon", "lat",
    "sleeps_at", "sleeps_code", "worth", "worth_p10", "worth_p90",
)  # fmt: skip
NOTHING = dict.fromkeys((*COLUMNS, "expected", "expected_p10", "expected_p90"))


def plan_csv(session: Session, plan_id: int, lang: Lang) -> str:
    """Write the stops of a plan as CSV with a header, one row a stop, by team, day and order.

    ``sleeps_at`` is where the team sleeps after the day, empty when it comes home; a day without a
    stop after which it sleeps out has a row of its own. The file can be edited and judged
    (``app/hand_plan.py``).

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    """
    document = plan_document(session, plan_id, lang)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(
        [*COLUMNS, *(f"expected_{p.value}{end}" for end in ("", "_p10", "_p90") for p in Programme)]
    )
    for stop in _rows(document):
        tables = (stop["expected"] or {}, stop["expected_p10"] or {}, stop["expected_p90"] or {})
        people = (table.get(p.value) for table in tables for p in Programme)
        writer.writerow([*(safe_cell(stop[name]) for name in COLUMNS), *people])
    return text.getvalue()


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Give every stop with where its team sleeps, and the days that only have a night."""
    nights = {
        (team["team"], shift["day"]): {
            "sleeps_at": shift["sleeps_name"], "sleeps_code": shift["sleeps_code"],
            "with_kit": shift["with_kit"],
        }
        for team in document["teams"]
        for shift in team["shifts"]
        if shift["sleeps_code"]
    }  # fmt: skip
    stops = [
        {"sleeps_at": None, "sleeps_code": None, **nights.get((stop["team"], stop["day"]), {}),
         **stop}
        for stop in document["stops"]
    ]  # fmt: skip
    served = {(stop["team"], stop["day"]) for stop in stops}
    rest = [
        {**NOTHING, "team": team, "day": day, **night}
        for (team, day), night in nights.items()
        if (team, day) not in served
    ]
    return sorted([*stops, *rest], key=lambda row: (row["team"], row["day"], row["order"] or 0))
