"""Plans made again: the search that made a plan is kept whole, and can be run without a clock.

A record holds the problem as it was, what was asked of the solver, the answers that its clock gave
and the plan that came out. So what was imported or changed since does not matter; which of a plan's
imports are gone, or were followed by others, is told beside.
"""

import json
import platform
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select, update

from app import __version__
from app.db import reading
from app.errors import PlanNotFound
from app.jobs.defer import defer
from app.lifecycle_errors import PlanNotRecorded
from app.models import DataImport, Job, JobKind, Plan, PlanEdit, PlanRecord
from app.week import Week
from routing import (
    Problem,
    Progress,
    Replay,
    Result,
    Solution,
    Work,
    digest_of,
    from_plain,
    perform,
    text_of,
    to_plain,
)

LIBRARIES = ("ortools", "numpy", "numba", "llvmlite", "scipy")
"""What routing calculates with; another version of one may find another plan."""
LEVEL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A search read back from its record: what was asked, and what came out.

    ``days`` are the shifts of the problem as team and day, ``points`` the codes of its visits.
    """

    work: Work
    replay: Replay
    solution: Solution
    value: float
    bound: float | None
    days: list[tuple[str, str]]
    points: list[str]


def versions() -> dict[str, str]:
    """Tell the versions of whatever may change what a search finds."""
    found = {"jemput-bola": __version__, "python": platform.python_version(),
             "machine": platform.machine()}  # fmt: skip
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a part that this installation goes without
            found[name] = "-"
    return found


def digest_of_problem(problem: Problem) -> str:
    """Name a problem by its content: SHA-256 of its JSON."""
    return digest_of(problem)


def record_of(week: Week, work: Work, result: Result) -> PlanRecord | None:
    """Write down a search; None when it kept no answers of its clock."""
    if result.replay is None:
        return None
    content = {
        "work": to_plain(replace(work, params=replace(work.params, replay=None))),
        "replay": to_plain(result.replay),
        "solution": to_plain(result.solution),
        "value": result.value,
        "bound": result.bound,
        "days": [[shift.team.name, shift.day.isoformat()] for shift in week.shifts],
        "points": [point.code for point in week.points],
    }
    return PlanRecord(
        plan_id=week.plan_id,
        problem_digest=digest_of_problem(work.problem),
        versions=versions(),
        body=zlib.compress(text_of(content), LEVEL),
    )


def keep_record(session: Session, plan_id: int, record: PlanRecord | None) -> None:
    """Replace a plan's record; without one the plan cannot be made again.

    What was changed by hand before cannot be undone any more.
    """
    session.execute(update(PlanEdit).where(col(PlanEdit.plan_id) == plan_id).values(is_open=False))
    session.execute(delete(PlanRecord).where(col(PlanRecord.plan_id) == plan_id))
    if record is not None:
        session.add(PlanRecord(**record.model_dump()))


def read_record(record: PlanRecord) -> Recorded:
    """Read a record back.

    Raises
    ------
    InvalidProblem
        When it was written by a version with other problems.
    """
    content = json.loads(zlib.decompress(record.body))
    return Recorded(
        work=from_plain(Work, content["work"]),
        replay=from_plain(Replay, content["replay"]),
        solution=from_plain(Solution, content["solution"]),
        value=content["value"],
        bound=content["bound"],
        days=[(team, day) for team, day in content["days"]],
        points=content["points"],
    )


def ask_reproduction(session: Session, plan_id: int) -> Job:
    """Defer the job that makes a plan again; nothing of the plan is changed by it.

    Raises
    ------
    PlanNotFound, PlanNotRecorded
        When there is no such plan, or no record of how it was made.
    """
    _record(session, plan_id)
    # Not ``Job.plan_id``: nothing is done to the plan, which may be solved meanwhile.
    area = session.get_one(Plan, plan_id).regency_code
    return defer(session, Job(kind=JobKind.REPRODUCE, area=area, args={"plan_id": plan_id}))


def reproduce(
    engine: Engine,
    plan_id: int,
    *,
    on_progress: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Make a recorded plan again and compare it.

    Returns
    -------
    dict
        ``is_same``; ``value`` and ``bound`` (weighted documents) ``recorded`` and ``found``;
        ``stops`` that are only in one of them; ``versions`` that differ; ``inputs`` that are
        gone or after which others of their kind were imported;
        ``n_edits`` by hand since, which the record knows nothing of.

    Raises
    ------
    PlanNotFound, PlanNotRecorded, InvalidProblem
        The last when the record is that of a version with other problems.
    """
    with reading(engine) as session:
        record = _record(session, plan_id)
        plan = session.get_one(Plan, plan_id)
        inputs = _inputs_since(session, plan)
        later = select(PlanEdit.id).where(PlanEdit.plan_id == plan_id, PlanEdit.at > record.at)
        n_edits = len(session.exec(later).all())
    recorded = read_record(record)

    def report(progress: Progress) -> None:
        on_progress(
            {"phase": "solve", "elapsed_s": round(progress.elapsed_s, 2),
             "value": round(progress.value / 1000, 3),
             "bound": None if progress.bound is None else round(progress.bound / 1000, 3)}
        )  # fmt: skip

    found = perform(
        recorded.work, replay=recorded.replay, on_progress=report, should_stop=should_stop
    ).result
    before, after = _stops(recorded, recorded.solution), _stops(recorded, found.solution)
    is_same = found.solution == recorded.solution and (found.value, found.bound) == (
        recorded.value, recorded.bound,
    )  # fmt: skip
    then, today = record.versions, versions()
    return {
        "plan_id": plan_id,
        "is_same": is_same,
        "is_complete": not should_stop(),
        "problem_digest": record.problem_digest,
        "recorded_at": record.at.isoformat(),
        "value": {"recorded": recorded.value / 1000, "found": found.value / 1000},
        "bound": {"recorded": _documents(recorded.bound), "found": _documents(found.bound)},
        "n_stops": len(before),
        "stops": {
            "only_recorded": [row for row in before if row not in after],
            "only_found": [row for row in after if row not in before],
        },
        "versions": [
            {"name": name, "recorded": then.get(name, "-"), "today": today.get(name, "-")}
            for name in sorted({*then, *today})
            if then.get(name) != today.get(name)
        ],
        "inputs": inputs,
        "n_edits": n_edits,
    }


def _documents(bound: float | None) -> float | None:
    return None if bound is None else bound / 1000


def _record(session: Session, plan_id: int) -> PlanRecord:
    if session.get(Plan, plan_id) is None:
        raise PlanNotFound(plan_id=plan_id)
    record = session.get(PlanRecord, plan_id)
    if record is None:
        raise PlanNotRecorded(plan_id=plan_id)
    return record


def _inputs_since(session: Session, plan: Plan) -> list[dict[str, Any]]:
    """List the imports of a plan that are gone, or after which others of their kind came."""
    numbers = [int(number) for number in plan.inputs]
    rows = {row.id: row for row in session.exec(select(DataImport).order_by(col(DataImport.id)))}
    found = []
    for number in numbers:
        row, then = rows.get(number), plan.inputs[str(number)]
        later = [
            other.id for other in rows.values()
            if row and (other.kind, other.area) == (row.kind, row.area)
            and (other.id or 0) > number and other.id not in numbers
        ]  # fmt: skip
        if row is None or later:
            found.append(
                {"import_id": number, "kind": then["kind"], "file_name": then["file_name"],
                 "sha256": then["sha256"], "is_gone": row is None, "later": later}
            )  # fmt: skip
    return found


def _stops(recorded: Recorded, solution: Solution) -> list[dict[str, Any]]:
    """Name the stops of a solution; ``start`` in seconds from Monday 00:00 of the plan's week."""
    return [
        {
            "team": recorded.days[day.shift][0],
            "day": recorded.days[day.shift][1],
            "point_code": recorded.points[stop.visit],
            "start": stop.start,
            "minutes": recorded.work.problem.visits[stop.visit].options[stop.option].duration // 60,
        }
        for day in solution.itineraries
        for stop in day.stops
    ]
