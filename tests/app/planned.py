"""Asking for plans of Kotim and looking things up in them."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.db import reading, transaction
from app.ingest import ingest
from app.plan_document import plan_document
from app.planning import create_plan, store_result
from app.schemas.plans import PlanRequest
from app.week import Week, load_week
from app.week_problem import problem_of
from routing import HandMade, Result, SolveParams, Status, StopReason, check, judge, solve

TODAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 30)  # of 2026-W49
HOUR, DAY = 3600, 86_400
A, B, C, D, E = ("62.02-A", "62.02-B", "62.02-C", "62.02-D", "62.02-E")
TEAM_HEADER = (
    "tim,kabupaten,pangkalan,lon,lat,moda,alat_rekam,petugas,kit_satelit,jam_mulai,jam_selesai,"
    "boleh_bermalam"
)
PALANGAN, KANIA = "62.02.01.2003", "62.02.15.2009"  # strong, weak
BARAT, HILIR = "62.02.05.1008", "62.02.06.1002"  # none, strong; both minutes from the base


def ask(engine: Engine, *, calendar_file: Path | None = None, **request: Any) -> int:
    """Store a request for a plan of day tours, unless it says otherwise, and give its number."""
    values = {"regency": "62.02", "week": "2026-W49", "announced_on": TODAY, "max_nights": 0}
    with transaction(engine) as session:
        plan, _ = create_plan(
            session, PlanRequest(**{**values, **request}), today=TODAY, calendar_file=calendar_file
        )
        return plan.id or 0


def week_of(engine: Engine, **request: Any) -> Week:
    with reading(engine) as session:
        return load_week(session, ask(engine, **request))


def import_text(engine: Engine, folder: Path, kind: str, *lines: str) -> None:
    path = folder / f"{kind}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = ingest(engine, kind, path)
    assert (outcome.accepted, outcome.refused) == (len(lines) - 1, 0)


def team_row(name: str = A, *, vehicle: str = "mobil", kits: int = 0, hours: str = "07:30,16:00"):
    place = "Kabupaten Kotawaringin Timur,Baamang Tengah,112.959701,-2.519638"
    return f"{name},{place},{vehicle},1,5,{kits},{hours},ya"


def visit_of(week: Week, code: str) -> int:
    return [point.code for point in week.points].index(code)


def shift_of(week: Week, team: str, day: date) -> int:
    return [(s.team.name, s.day) for s in week.shifts].index((team, day))


def solved(engine: Engine, *, solutions: int = 25, **request: Any) -> tuple[int, Week, Result]:
    """Plan a week with a search that repeats exactly, and store it."""
    plan_id = ask(engine, **request)
    with reading(engine) as session:
        week = load_week(session, plan_id)
    problem = problem_of(week)
    result = solve(problem, SolveParams(time_limit_s=300, solution_limit=solutions))
    assert check(problem, result.solution) == []
    with transaction(engine) as session:
        store_result(session, week, problem, result)
    return plan_id, week, result


def document(engine: Engine, plan_id: int) -> dict[str, Any]:
    with reading(engine) as session:
        return plan_document(session, plan_id, "en")


def by_hand(
    engine: Engine, days: dict[tuple[str, date], list[str]], **request: Any
) -> tuple[int, Week, Result]:
    """Store a plan of the shortest sessions of some villages, by team and day; no search."""
    plan_id = ask(engine, **request)
    with reading(engine) as session:
        week = load_week(session, plan_id)
    problem = problem_of(week)
    judged = judge(
        problem,
        [
            HandMade(
                shift=shift_of(week, *key), choices=tuple((visit_of(week, c), 0) for c in codes)
            )
            for key, codes in days.items()
        ],
    )
    result = Result(
        status=Status.FEASIBLE, stop_reason=StopReason.WORK, solution=judged.solution,
        prize=judged.prize, cost=judged.cost, distance=judged.distance, value=judged.value,
    )  # fmt: skip
    with transaction(engine) as session:
        store_result(session, week, problem, result)
    return plan_id, week, result
