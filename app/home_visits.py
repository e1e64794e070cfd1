"""Home visits: so many people of a village, visited from that village's session.

Only a number is kept. A plan makes the session longer by ``plan.home_visit_minutes`` for each, up
to ``plan.home_visits_most``, and counts ``plan.home_visit_worth`` for it.
"""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from app.calendar import day_in
from app.errors import BadOption, VillageNotFound
from app.models import HomeVisitCount, Plan, PlanState, PlanStop, Village

MAX_NUMBER = 1000
_MADE = (PlanState.PUBLISHED, PlanState.IN_PROGRESS, PlanState.CLOSED)


def set_home_visits(
    session: Session, village: str, number: int, *, account: str, import_id: int | None = None
) -> HomeVisitCount:
    """Keep how many people of a village wait for a visit at home from now on.

    Raises
    ------
    VillageNotFound, BadOption
        When there is no such village, or the number is none.
    """
    if session.get(Village, village) is None:
        raise VillageNotFound(code=village)
    if not 0 <= number <= MAX_NUMBER:
        raise BadOption(option="number", value=number, accepted=f"0..{MAX_NUMBER}")
    row = HomeVisitCount(village_code=village, number=number, account=account, import_id=import_id)
    session.add(row)
    session.flush()
    return row


def newest_counts(session: Session, regency: str | None = None) -> dict[str, HomeVisitCount]:
    """Give the newest number of each village that has one, by code."""
    query = select(HomeVisitCount).order_by(col(HomeVisitCount.id))
    if regency is not None:
        query = query.join(Village).where(Village.regency_code == regency)
    return {row.village_code: row for row in session.exec(query)}


def open_home_visits(
    session: Session, regency: str | None = None, *, but_week: str | None = None
) -> dict[str, int]:
    """Tell how many people of each village still wait, by code; villages without any are left out.

    What plans that teams work by, or worked by, hold on days since the number was set is taken off;
    not those of ``but_week``, which is being planned anew.
    """
    counts = newest_counts(session, regency)
    held: dict[str, int] = {}
    query = (
        select(PlanStop, Plan)
        .join(Plan)
        .where(col(Plan.state).in_(_MADE))
        .where(PlanStop.home_visits > 0)
    )
    if regency is not None:
        query = query.where(Plan.regency_code == regency)
    for stop, plan in session.exec(query):
        count = counts.get(stop.village_code)
        if count is None or plan.week == but_week:
            continue
        if stop.day >= day_in(plan.regency_code, count.at):
            held[stop.village_code] = held.get(stop.village_code, 0) + stop.home_visits
    left = {code: row.number - held.get(code, 0) for code, row in counts.items()}
    return {code: number for code, number in sorted(left.items()) if number > 0}


def home_visits_of_week(session: Session, regency: str, week: str, most: int) -> dict[str, int]:
    """Give the home visits that a plan of a week may make, as its parameters keep them."""
    waiting = open_home_visits(session, regency, but_week=week)
    return {code: min(number, most) for code, number in waiting.items()} if most else {}


def home_visit_rows(session: Session, regency: str | None = None) -> list[dict[str, Any]]:
    """List the villages that have a number, with what still waits, by district and name."""
    counts, waiting = newest_counts(session, regency), open_home_visits(session, regency)
    places = _places(session, counts)
    rows = [
        {
            "village_code": code, "village_name": places[code].name,
            "district": places[code].district, "number": row.number,
            "waiting": waiting.get(code, 0), "account": row.account, "at": row.at,
        }
        for code, row in counts.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["district"], row["village_name"]))


def _places(session: Session, codes: Iterable[str]) -> dict[str, Village]:
    found = session.exec(select(Village).where(col(Village.code).in_(list(codes))))
    return {village.code: village for village in found}
