"""Plans are made again from their records, whatever was changed since."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app import records
from app.changes import ask_judgement, ask_replan
from app.db import reading, transaction
from app.errors import PlanNotFound
from app.jobs.tasks import run_task
from app.lifecycle_errors import PlanNotRecorded
from app.models import JobKind, PlanRecord, PlanStop
from app.records import ask_reproduction, reproduce
from app.schemas.plan_changes import ReplanRequest
from app.settings import Settings
from tests.app.planned import TEAM_HEADER, TODAY, import_text
from tests.app.road import CODES, DAYS, NEEDS, A, B, best_plan, build, solve_now
from tests.geodata.travel import at

pytestmark = pytest.mark.search

Again = Callable[[int], dict[str, Any]]


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Engine:
    build(engine, tmp_path)
    return engine


def again(engine: Engine, plan_id: int) -> dict[str, Any]:
    return reproduce(engine, plan_id, on_progress=lambda _: None, should_stop=lambda: False)


def test_a_plan_is_made_again_though_teams_and_counts_are_others(
    office: Engine, tmp_path: Path
) -> None:
    plan_id = best_plan(office)
    with reading(office) as session:
        stops = session.exec(select(PlanStop).where(PlanStop.plan_id == plan_id)).all()
        planned = {(s.team, s.day.isoformat(), s.point_code, s.minutes) for s in stops}
    lon, lat = at(0)
    place = f"Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},mobil,1,5"
    import_text(office, tmp_path, "teams", TEAM_HEADER, f"{A},{place},0,07:30,09:00,tidak")
    found = again(office, plan_id)
    assert (found["is_same"], found["is_complete"], found["versions"]) == (True, True, [])
    assert found["stops"] == {"only_recorded": [], "only_found": []}
    assert found["n_stops"] == len(planned) == len(NEEDS)
    # Of the four files of the plan one was followed by another, the fifth of all.
    assert [(row["kind"], row["is_gone"], row["later"]) for row in found["inputs"]] == [
        ("teams", False, [5])
    ]
    # The record names the very stops that are stored.
    with reading(office) as session:
        recorded = records.read_record(session.get_one(PlanRecord, plan_id))
    named = {
        (*recorded.days[day.shift], recorded.points[stop.visit], 240)
        for day in recorded.solution.itineraries
        for stop in day.stops
    }
    assert named == planned


def test_what_differs_is_named(office: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    plan_id = best_plan(office)
    monkeypatch.setattr(records, "versions", lambda: {"ortools": "9.99", "python": "3.11"})
    with transaction(office) as session:
        record = session.get_one(PlanRecord, plan_id)
        record.versions = {"ortools": "9.15", "python": "3.11"}
    assert again(office, plan_id)["versions"] == [
        {"name": "ortools", "recorded": "9.15", "today": "9.99"}
    ]


def test_a_plan_that_comes_out_other_says_so(
    office: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_id = best_plan(office)
    perform = records.perform

    def worse(work: Any, **given: Any) -> Any:
        # As another version might: all that Satu (60 people) brings is not seen.
        shut = [v for v, code in enumerate(codes) if code == CODES[0]]
        visits = [
            records.replace(x, shifts=frozenset()) if v in shut else x
            for v, x in enumerate(work.problem.visits)
        ]
        other = records.replace(work.problem, visits=tuple(visits))
        return perform(records.replace(work, problem=other), **given | {"replay": None})

    with reading(office) as session:
        codes = records.read_record(session.get_one(PlanRecord, plan_id)).points
    monkeypatch.setattr(records, "perform", worse)
    found = again(office, plan_id)
    assert not found["is_same"]
    assert CODES[0] in {row["point_code"] for row in found["stops"]["only_recorded"]}
    assert CODES[0] not in {row["point_code"] for row in found["stops"]["only_found"]}
    assert found["value"]["found"] < found["value"]["recorded"]


def test_the_rest_of_a_week_planned_anew_is_made_again(office: Engine) -> None:
    base = best_plan(office)
    with transaction(office) as session:
        asked = ReplanRequest.model_validate(
            {"seconds": 1, "from_day": DAYS[1], "absent": [{"team": B}], "max_changes": 3}
        )
        plan, _ = ask_replan(session, base, asked, today=TODAY)
        plan_id = plan.id or 0
    solve_now(office, plan_id)
    assert again(office, plan_id)["is_same"]


def test_what_was_never_searched_cannot_be_made_again(office: Engine) -> None:
    base = best_plan(office)
    with transaction(office) as session:
        plan, _ = ask_judgement(session, base, None)
        plan_id = plan.id or 0
    solve_now(office, plan_id)
    for number, error in ((plan_id, PlanNotRecorded), (999, PlanNotFound)):
        with transaction(office) as session, pytest.raises(error):
            ask_reproduction(session, number)


def test_its_job_touches_no_plan(office: Engine, settings: Settings) -> None:
    plan_id = best_plan(office)
    with transaction(office) as session:
        job = ask_reproduction(session, plan_id)
        session.flush()
        session.expunge(job)
    assert (job.kind, job.plan_id, job.area) == (JobKind.REPRODUCE, None, "62.02")
    found = run_task(office, settings, job, lambda _: None, lambda: False)
    assert (found["plan_id"], found["is_same"]) == (plan_id, True)
