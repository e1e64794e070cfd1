"""Rules, wishes and what is kept of a published plan, from the request to the document."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from app.db import reading
from app.errors import BadOption, PlanNotFound, PlanNotSolved, TeamNotFound, VillageNotFound
from app.plan_document import plan_document
from app.planning import solve_plan
from app.rule_report import rule_document
from app.schemas.plan_rules import Pin
from app.schemas.plans import PlanRequest
from app.week_problem import problem_and_crews, problem_of
from routing import Blanks, Budget, Fairness, KeepPublished, Programme, ServedOnce
from tests.app.planned import (
    BARAT,
    HILIR,
    MONDAY,
    PALANGAN,
    A,
    B,
    ask,
    document,
    shift_of,
    solved,
    visit_of,
    week_of,
)

pytestmark = pytest.mark.search

TUESDAY = MONDAY + timedelta(days=1)


def test_nothing_is_asked_for_unless_it_is_given(kotim_engine: Engine) -> None:
    problem = problem_of(week_of(kotim_engine))
    assert problem.rules == ()
    assert not any(visit.required or visit.shifts is not None for visit in problem.visits)


def test_limits_become_rules(kotim_engine: Engine) -> None:
    week = week_of(
        kotim_engine, budget_rupiah=20_000_000, card_blanks=250, district_visits=2,
        district_price=1.5,
    )  # fmt: skip
    problem = problem_of(week)
    budget, blanks, *districts = problem.rules
    assert budget == Budget(limit=20_000_000)
    assert isinstance(blanks, Blanks)
    assert blanks.stock == 250
    visit, shift = visit_of(week, HILIR), shift_of(week, A, MONDAY)
    crew = problem.shifts[shift].crew
    people = week.expected(visit, shift, week.params["minutes"][1], with_kit=False)
    assert blanks.cards[visit][1][crew] == round(1000 * people[Programme.KTP_EL])
    # Kotim has 17 districts; every village lies in exactly one.
    assert len(districts) == 17
    assert all(isinstance(x, Fairness) and (x.at_least, x.price) == (2, 1500) for x in districts)
    members = [v for x in districts if isinstance(x, Fairness) for v in x.visits]
    assert sorted(members) == list(range(len(problem.visits)))


def test_a_visit_without_service_is_none_for_its_district(kotim_engine: Engine) -> None:
    week = week_of(kotim_engine, district_visits=1)
    problem, crews = problem_and_crews(week)
    idle = {pair for x in problem.rules if isinstance(x, Fairness) for pair in x.idle}
    modes = {
        (v, c): week.service(v, s, with_kit=kit)
        for v in range(len(week.points))
        for c, (s, kit) in enumerate(crews)
    }
    assert idle == {pair for pair, mode in modes.items() if mode == "no_service"}
    assert 0 < len(idle) < len(modes)


def test_wishes_for_single_villages(kotim_engine: Engine) -> None:
    pins = (Pin(village=PALANGAN, team=A, day=TUESDAY), Pin(village=HILIR, team=B))
    week = week_of(kotim_engine, required=(PALANGAN,), forbidden=("62.02.05.1008",), pins=pins)
    problem = problem_of(week)
    palangan, hilir = (
        problem.visits[visit_of(week, PALANGAN)],
        problem.visits[visit_of(week, HILIR)],
    )
    assert palangan.required
    assert palangan.shifts == {shift_of(week, A, TUESDAY)}
    of_b = {s for s, shift in enumerate(week.shifts) if shift.team.name == B}
    assert (hilir.required, hilir.shifts) == (False, of_b)
    assert problem.visits[visit_of(week, "62.02.05.1008")].shifts == frozenset()


def test_a_village_without_signal_is_only_visited_as_required_by_who_can_serve_there(
    kotim_engine: Engine,
) -> None:
    plan_id, week, result = solved(kotim_engine, required=(BARAT,), solutions=4)
    problem, crews = problem_and_crews(week)
    barat = visit_of(week, BARAT)
    assert not problem.visits[barat].required
    (rule,) = problem.rules
    assert isinstance(rule, ServedOnce)
    assert rule.is_required
    assert {v for v, _ in rule.sessions} == {barat}
    # Without signal who has no satellite kit serves nobody.
    assert rule.idle == {(barat, c) for c, (_, kit) in enumerate(crews) if not kit}
    (day,) = (day for day in result.solution.itineraries if barat in {x.visit for x in day.stops})
    assert day.with_kit
    (stop,) = (x for x in document(kotim_engine, plan_id)["stops"] if x["village_code"] == BARAT)
    assert stop["service_mode"] == "online_satellite"
    # Where there is signal any team will do: nothing is added to the wish.
    assert problem_of(week_of(kotim_engine, required=(HILIR,))).rules == ()


def test_a_week_under_limits_and_what_its_document_says(kotim_engine: Engine) -> None:
    plan_id, _, result = solved(
        kotim_engine, budget_rupiah=9_000_000, card_blanks=120, required=(PALANGAN,)
    )
    plan = document(kotim_engine, plan_id)
    assert plan["cost_rupiah"] <= 9_000_000
    assert plan["expected"]["ktp_el"] <= 120
    assert PALANGAN in {stop["village_code"] for stop in plan["stops"]}
    budget, blanks = plan["rules"]
    assert (budget["rule"], budget["amount"], budget["limit"]) == (
        "budget", plan["cost_rupiah"], 9_000_000,
    )  # fmt: skip
    assert (blanks["rule"], blanks["limit"], blanks["excess"]) == ("blanks", 120, 0)
    assert blanks["amount"] == pytest.approx(plan["expected"]["ktp_el"], abs=0.1)
    assert "of a budget of Rp 9,000,000" in budget["message"]
    assert plan["contradiction"] is None
    if result.shadow is not None:
        assert {row["team"] for row in plan["shadow"]["team_days"]} == {
            row["team"] for row in plan["teams"]
        }
        assert plan["shadow"]["million_rupiah"] >= 0
    blocked = {row["reason"] for row in plan["unserved"]}
    assert blocked & {"budget-spent", "blanks-used"}


def test_what_contradicts_itself_is_said_in_both_languages(kotim_engine: Engine) -> None:
    pins = (Pin(village=PALANGAN, day=date(2026, 12, 6)),)  # a Sunday: no shift
    plan_id = ask(kotim_engine, required=(PALANGAN,), pins=pins, seconds=10)
    solve_plan(kotim_engine, plan_id, on_progress=lambda _: None, should_stop=lambda: False)
    english = document(kotim_engine, plan_id)
    assert english["status"] == "infeasible"
    found = english["contradiction"]
    assert found["is_minimal"]
    assert {row["message"] for row in found["rules"]} == {
        "Palangan must be visited", "Palangan is bound to a team or a day",
    }  # fmt: skip
    with reading(kotim_engine) as session:
        indonesian = plan_document(session, plan_id, "id")["contradiction"]
    assert {row["message"] for row in indonesian["rules"]} == {
        "Palangan wajib dikunjungi", "Palangan terikat pada satu tim atau satu hari",
    }  # fmt: skip


def test_published_stops_are_kept(kotim_engine: Engine) -> None:
    first, week, _ = solved(kotim_engine)
    published = document(kotim_engine, first)["stops"]
    gone = published[0]["village_code"]
    again_id, again, _ = solved(kotim_engine, keep=first, forbidden=(gone,), change_price=3.0)
    rule = problem_of(again).rules[-1]
    assert isinstance(rule, KeepPublished)
    assert rule.price == 3000
    assert rule.stops == {
        (visit_of(week, stop["village_code"]), shift_of(week, stop["team"], day_of(stop)))
        for stop in published
    }
    stops = document(kotim_engine, again_id)["stops"]
    kept = {(s["village_code"], s["team"], s["day"]) for s in stops}
    before = {(s["village_code"], s["team"], s["day"]) for s in published}
    assert gone not in {s["village_code"] for s in stops}
    # The forbidden stop and at most one in ten of the others.
    assert len(before - kept) <= 1 + len(before) // 10


def day_of(stop: dict[str, Any]) -> date:
    return date.fromisoformat(stop["day"])


def test_what_would_help_is_told_on_request(kotim_engine: Engine) -> None:
    plan_id = ask(
        kotim_engine, budget_rupiah=4_000_000, required=(PALANGAN,), seconds=4, explain_seconds=6
    )
    phases = []
    solve_plan(kotim_engine, plan_id, on_progress=phases.append, should_stop=lambda: False)
    assert phases[-1] == {"phase": "explain"}
    plan = document(kotim_engine, plan_id)
    assert "budget" in {row["kind"] for row in plan["remedies"]}
    assert all(row["value"] > 0 for row in plan["remedies"])
    assert {row["kind"] for row in plan["wishes"]} == {"required"}
    assert re.fullmatch(
        r"villages that must be visited cost [\d.]+ documents", plan["wishes"][0]["message"]
    )


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        ({"required": ("62.02.99.2001",)}, VillageNotFound, "62.02.99.2001"),
        ({"pins": (Pin(village=PALANGAN, team="X"),)}, TeamNotFound, "no team X"),
        (
            {"pins": (Pin(village=PALANGAN, day=date(2026, 12, 7)),)},
            BadOption,
            "2026-11-30..2026-12-06",
        ),
        ({"keep": 77}, PlanNotFound, "no plan 77"),
    ],
    ids=["village", "team", "day", "plan"],
)
def test_wishes_about_what_is_not_there(
    kotim_engine: Engine, request_: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ask(kotim_engine, **request_)


def test_a_plan_of_another_week_is_not_kept(kotim_engine: Engine) -> None:
    first = ask(kotim_engine)
    with pytest.raises(PlanNotSolved):
        ask(kotim_engine, keep=first)
    with pytest.raises(BadOption, match=f"'{first} \\(62.02, 2026-W49\\)'"):
        ask(kotim_engine, keep=first, week="2026-W50")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("62.02.01.2003=62.02-A", {"village": PALANGAN, "team": "62.02-A"}),
        ("62.02.01.2003=2026-12-01", {"village": PALANGAN, "day": "2026-12-01"}),
        (
            "62.02.01.2003=62.02-A, 2026-12-01",
            {"village": PALANGAN, "team": "62.02-A", "day": "2026-12-01"},
        ),
    ],
)
def test_pins_are_written_short_at_the_command_line(text: str, expected: dict[str, str]) -> None:
    assert Pin.read(text) == expected
    assert Pin.model_validate(Pin.read(text)).village == PALANGAN


def test_a_pin_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a pin names a team, a day, or both"):
        PlanRequest.model_validate({"regency": "62.02", "pins": [Pin.read(PALANGAN)]})


def test_broken_rules_are_told_in_the_language_of_the_reader() -> None:
    row = {"rule": "fairness", "district": "Seranau", "amount": 0, "limit": 1, "penalty": None}
    summary = {
        "rules": [row | {"excess": 1}, row | {"excess": 0, "amount": 2}],
        "violations": [
            {"rule": "fairness", "message": "0 visits of a group of 6"},
            {"rule": "required", "village_code": PALANGAN, "message": "required visit 3"},
        ],
    }
    rows = rule_document(summary, {PALANGAN: "Palangan"}, "id")["violations"]
    assert [row["message"] for row in rows] == [
        "Palangan wajib dikunjungi tetapi tidak dikunjungi",
        "kunjungan ke Seranau: 0, diminta paling sedikit 1",
    ]


def test_a_plan_of_before_has_no_rules() -> None:
    document = rule_document({"violations": []}, {}, "en")
    assert document == {
        "rules": [], "violations": [], "contradiction": None, "shadow": None, "remedies": [],
        "wishes": [],
    }  # fmt: skip
