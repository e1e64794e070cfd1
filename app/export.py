"""A plan as a table for a spreadsheet."""

import csv
import io

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
    "sleeps_at",
)  # fmt: skip


def plan_csv(session: Session, plan_id: int, lang: Lang) -> str:
    """Write the stops of a plan as CSV with a header, one row a stop, by team, day and order.

    ``sleeps_at`` is where the team sleeps after the day, empty when it comes home.

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
    sleeps = {
        (team["team"], shift["day"]): shift["sleeps_name"] or ""
        for team in document["teams"]
        for shift in team["shifts"]
    }
    for row in document["stops"]:
        stop = {**row, "sleeps_at": sleeps.get((row["team"], row["day"]), "")}
        tables = (stop["expected"], stop["expected_p10"] or {}, stop["expected_p90"] or {})
        people = (table.get(p.value) for table in tables for p in Programme)
        writer.writerow([*(safe_cell(stop[name]) for name in COLUMNS), *people])
    return text.getvalue()
