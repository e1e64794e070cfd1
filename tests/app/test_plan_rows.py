"""The seam from a result to rows: stops, legs and sums of a stored plan, on Kotim."""

from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.db import reading, transaction
from app.models import Plan, PlanLeg, PlanStop, Team, Village
from app.planning import solve_plan, store_result
from app.travel import TravelMeans
from app.week_problem import problem_of
from geodata.cache import TravelCache
from routing import SolveParams, solve
from tests.app.office import KOTIM_IMPORTS
from tests.app.planned import (
    HOUR,
    MONDAY,
    E,
    ask,
    document,
    solved,
)


def rows_of(session: Session, plan_id: int) -> tuple[Plan, list[PlanStop], list[PlanLeg]]:
    plan = session.get(Plan, plan_id)
    assert plan is not None
    by_stop = (col(PlanStop.team), col(PlanStop.day), col(PlanStop.order))
    by_leg = (col(PlanLeg.team), col(PlanLeg.day), col(PlanLeg.order), col(PlanLeg.part))
    stops = session.exec(select(PlanStop).where(PlanStop.plan_id == plan_id).order_by(*by_stop))
    legs = session.exec(select(PlanLeg).where(PlanLeg.plan_id == plan_id).order_by(*by_leg))
    return plan, list(stops), list(legs)


def day_of(row: PlanStop | PlanLeg) -> tuple[str, date]:
    return row.team, row.day


def test_stored_stops_are_the_result_in_clock_times(kotim_engine: Engine):
    plan_id, week, result = solved(kotim_engine)
    with reading(kotim_engine) as session:
        plan, stops, _ = rows_of(session, plan_id)
    midnight = datetime.combine(MONDAY, time(), tzinfo=stops[0].arrive.tzinfo) - timedelta(hours=7)
    stored = {
        (s.team, s.day, s.order): (
            s.village_code, *((t - midnight) // timedelta(seconds=1)
                              for t in (s.arrive, s.start, s.depart)), s.minutes, s.with_kit,
        )
        for s in stops
    }  # fmt: skip
    shifts = [(s.team.name, s.day) for s in week.shifts]
    assert stored == {
        (*shifts[i.shift], order): (
            week.villages[stop.visit].code, stop.arrival, stop.start, stop.departure,
            (120, 240, 360)[stop.option], i.with_kit,
        )
        for i in result.solution.itineraries
        for order, stop in enumerate(i.stops, start=1)
    }  # fmt: skip
    for stop in stops:
        assert stop.depart - stop.start == timedelta(minutes=stop.minutes + stop.break_minutes)
    assert (plan.status, plan.stop_reason) == ("optimal", "proven")
    assert plan.value is not None
    assert plan.bound is not None
    assert 0 <= plan.bound - plan.value <= 1e-4 * plan.bound
    assert plan.gap == pytest.approx((plan.bound - plan.value) / plan.bound)
    assert {row["kind"] for row in plan.inputs.values()} == {
        "villages", "counts", "connectivity", "network", "teams"
    }  # fmt: skip
    assert {row["file_name"] for row in plan.inputs.values()} == {n for _, n in KOTIM_IMPORTS}


def test_the_sums_of_a_plan_are_those_of_its_rows(kotim_engine: Engine):
    plan_id, _, _ = solved(kotim_engine)
    with reading(kotim_engine) as session:
        plan, stops, legs = rows_of(session, plan_id)
        people = {team.name: team.staff for team in session.exec(select(Team))}
    assert plan.worth == pytest.approx(sum(stop.worth for stop in stops), abs=1e-3 * len(stops))
    assert plan.value == pytest.approx(plan.worth - plan.cost_rupiah / 2e6, abs=1e-5)
    for programme, n in plan.summary["expected"].items():
        assert n == pytest.approx(sum(s.expected[programme] for s in stops), abs=0.01)
    assert plan.distance_m == pytest.approx(sum(leg.metres for leg in legs), abs=len(legs))
    # Rupiah by hand: the vehicle by the day, a car's Rp 2 a metre, the allowance after 8 hours.
    for row in plan.summary["teams"]:
        own = [leg for leg in legs if leg.team == row["team"]]
        is_boat = row["team"] == E
        long_days = sum(s["arrival"] - s["departure"] > 8 * HOUR for s in row["shifts"])
        cost = row["days"] * (2_500_000 if is_boat else 640_000)
        cost += long_days * 140_000 * people[row["team"]]
        cost += 0 if is_boat else 2 * sum(leg.metres for leg in own if leg.mode == "road")
        assert row["cost_rupiah"] == pytest.approx(cost, abs=2 * len(own))
        assert row["n_stops"] == sum(stop.team == row["team"] for stop in stops)
    assert plan.cost_rupiah == sum(row["cost_rupiah"] for row in plan.summary["teams"])
    with_kit = {day_of(stop) for stop in stops if stop.with_kit}
    assert all(len({t for t, d in with_kit if d == day}) <= 1 for _, day in with_kit)


def test_the_legs_of_a_day_lead_from_the_base_through_the_stops_and_home(kotim_engine: Engine):
    plan_id, _, _ = solved(kotim_engine)
    with reading(kotim_engine) as session:
        _, stops, legs = rows_of(session, plan_id)
        at = {v.code: (v.lon, v.lat) for v in session.exec(select(Village))}
        bases = {t.name: (t.lon, t.lat) for t in session.exec(select(Team))}
    assert legs
    assert {day_of(leg) for leg in legs} <= {day_of(stop) for stop in stops}
    for key, of_day in groupby(stops, key=day_of):
        places = [bases[key[0]], *(at[s.village_code] for s in of_day), bases[key[0]]]
        own = [leg for leg in legs if day_of(leg) == key]
        for order, (here, there) in enumerate(pairwise(places), start=1):
            parts = [leg for leg in own if leg.order == order]
            if not parts:  # a session in the village of the base
                assert here == pytest.approx(there, abs=1e-6)
            for part, leg in enumerate(parts):
                assert leg.part == part
                assert leg.geometry.coords[0] == pytest.approx(here, abs=1e-6)
                here = leg.geometry.coords[-1]
            assert here == pytest.approx(there, abs=1e-6)
    for stop in stops:
        parts = [leg for leg in legs if day_of(leg) == day_of(stop) and leg.order == stop.order]
        # Each matrix entry is rounded up to a second, each leg to a hundredth of a minute.
        slack = 1 / 60 + 0.005 * (len(parts) + 1)
        assert stop.travel_minutes == pytest.approx(sum(p.minutes for p in parts), abs=slack)
        assert stop.distance_m == pytest.approx(sum(p.metres for p in parts), abs=len(parts))


def test_breaks_on_the_way_are_told(kotim_engine: Engine):
    """From leaving one place to reaching the next: travel and breaks, and nothing else."""
    plan_id, week, result = solved(kotim_engine)
    with reading(kotim_engine) as session:
        _, stops, _ = rows_of(session, plan_id)
    left = {
        (week.shifts[i.shift].team.name, week.shifts[i.shift].day): i.departure
        for i in result.solution.itineraries
    }
    midnight = datetime.combine(MONDAY, time(), tzinfo=stops[0].arrive.tzinfo) - timedelta(hours=7)
    for stop in stops:
        leave = midnight + timedelta(seconds=left[day_of(stop)])
        told = timedelta(minutes=stop.travel_minutes + stop.travel_break_minutes)
        assert abs(stop.arrive - leave - told) < timedelta(seconds=2)
        assert stop.travel_break_minutes == pytest.approx(
            min((0, 60, 90), key=lambda m: abs(m - stop.travel_break_minutes)), abs=0.02
        )
        left[day_of(stop)] = (stop.depart - midnight) // timedelta(seconds=1)


def test_a_second_solve_replaces_the_first_and_touches_no_other(kotim_engine: Engine):
    other_id, _, _ = solved(kotim_engine, week="2026-W50", solutions=0)
    plan_id, week, first = solved(kotim_engine, solutions=0)
    problem = problem_of(week)
    second = solve(problem, SolveParams(time_limit_s=300, solution_limit=25))
    assert second.value > first.value
    with reading(kotim_engine) as session:
        untouched = [row.id for rows in rows_of(session, other_id)[1:] for row in rows]
    with transaction(kotim_engine) as session:
        store_result(session, week, problem, second)
    with reading(kotim_engine) as session:
        plan, stops, legs = rows_of(session, plan_id)
        assert [row.id for rows in rows_of(session, other_id)[1:] for row in rows] == untouched
    assert len(stops) == sum(len(i.stops) for i in second.solution.itineraries)
    assert plan.worth == pytest.approx(sum(stop.worth for stop in stops), abs=1e-3 * len(stops))
    assert plan.distance_m == pytest.approx(sum(leg.metres for leg in legs), abs=len(legs))
    assert len({stop.village_code for stop in stops}) == len(stops)


def test_a_cancelled_search_stores_its_best_plan(kotim_engine: Engine):
    plan_id = ask(kotim_engine, seconds=60)
    seen: list[int] = []

    def watch(progress: dict[str, Any]) -> None:
        seen.append(progress.get("n_stops", 0))

    answer = solve_plan(
        kotim_engine, plan_id, on_progress=watch, should_stop=lambda: bool(seen and seen[-1])
    )
    assert (answer["status"], answer["stop_reason"]) == ("feasible", "cancelled")
    found = document(kotim_engine, plan_id)
    assert len(found["stops"]) == answer["n_stops"] > 0
    assert found["violations"] == []
    assert len(found["stops"]) + len(found["unserved"]) == 185


def test_a_search_cancelled_before_its_first_plan_leaves_what_was_there(kotim_engine: Engine):
    def at_once(plan_id: int) -> int:
        answer = solve_plan(
            kotim_engine, plan_id, on_progress=lambda _: None, should_stop=lambda: True
        )
        assert answer["stop_reason"] == "cancelled"
        return int(answer["n_stops"])

    plan_id, _, result = solved(kotim_engine, solutions=0)
    before = document(kotim_engine, plan_id)
    assert at_once(plan_id) == 0
    assert document(kotim_engine, plan_id) == before
    assert before["value"] == pytest.approx(result.value / 1000)
    fresh = ask(kotim_engine)
    at_once(fresh)
    assert document(kotim_engine, fresh)["status"] is None


def test_a_job_tells_how_far_its_travel_tables_are(kotim_engine: Engine, tmp_path: Path):
    means = TravelMeans(cache=TravelCache(tmp_path / "travel"))
    origins = []
    for _ in range(2):
        heard: list[dict[str, Any]] = []
        answer = solve_plan(
            kotim_engine, ask(kotim_engine), on_progress=heard.append, should_stop=lambda: True,
            means=means,
        )  # fmt: skip
        first, *travel = [row for row in heard if row["phase"] == "travel"]
        assert first == {"phase": "travel"}
        n = travel[-1]["n_tables"]
        done = [row["done"] for row in travel]
        assert done == sorted(done)
        assert done[-1] == n == len(list((tmp_path / "travel").iterdir()))
        origins.append((answer["travel_tables"], n))
    assert origins == [({"computed": n, "kept": 0}, n), ({"computed": 0, "kept": n}, n)]
