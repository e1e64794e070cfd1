"""Problems and plans as JSON and back."""

import json
from dataclasses import replace

import numpy as np
import pytest

from routing import (
    Blanks,
    Budget,
    Events,
    Fairness,
    InvalidProblem,
    KeepPublished,
    Problem,
    Replay,
    ServedOnce,
    SolveParams,
    Work,
    WorkKind,
    digest_of,
    from_plain,
    perform,
    solve,
    text_of,
    to_plain,
)
from tests.builders import make_problem, make_shift, make_visit, regency

RULES = (
    Budget(limit=900, shifts=frozenset({1, 0})),
    Blanks(stock=7, cards=(((1000,),), ((2000,),)), taken=500),
    Fairness(visits=frozenset({1}), at_least=1, price=None, idle=frozenset({(1, 0)})),
    KeepPublished(stops=frozenset({(0, 1), (0, 0)}), price=12, max_changes=None),
    ServedOnce(sessions=frozenset({(0, 0), (1, 0)}), is_required=True),
)


def two_visits() -> Problem:
    visits = [make_visit(1, shifts=frozenset({1, 0})), make_visit(2, required=True)]
    return make_problem(visits, [make_shift(), make_shift(team=1)], rules=RULES)


def test_a_problem_comes_back_as_it_was() -> None:
    problem = two_visits()
    plain = json.loads(text_of(to_plain(problem)))
    back = from_plain(Problem, plain)
    assert (back.visits, back.shifts, back.rules) == (problem.visits, problem.shifts, RULES)
    for before, after in zip(problem.matrices, back.matrices, strict=True):
        for name in ("durations", "distances", "costs", "reachable"):
            assert getattr(after, name).dtype == getattr(before, name).dtype
            assert np.array_equal(getattr(after, name), getattr(before, name))
    assert digest_of(back) == digest_of(problem)


def test_equal_problems_have_one_digest_and_others_another() -> None:
    problem = two_visits()
    assert digest_of(problem) == digest_of(two_visits())
    other = replace(problem.rules[0], limit=901)
    assert digest_of(replace(problem, rules=(other, *RULES[1:]))) != digest_of(problem)


def test_what_another_version_wrote_is_refused() -> None:
    plain = to_plain(SolveParams())
    for changed in ({**plain, "speed": 3}, {**plain, "class": "Params"}, {"seed": 1}):
        with pytest.raises(InvalidProblem, match="written by another version"):
            from_plain(SolveParams, changed)


@pytest.mark.parametrize("kind", list(WorkKind))
def test_recorded_work_gives_the_same_plan_after_it_was_written_and_read(kind: WorkKind) -> None:
    problem = regency(n_villages=25, n_teams=2, n_days=3, seed=4)
    params = SolveParams(time_limit_s=0.4, seed=5)
    start = None if kind is WorkKind.SOLVE else solve(problem, replace(params, seed=1)).solution
    events = Events(lost=frozenset({1}), cancelled=frozenset({2}))
    work = Work(kind=kind, problem=problem, params=params, start=start,
                events=events if kind is WorkKind.REPLAN else None)  # fmt: skip
    first = perform(work).result
    body = text_of({"work": to_plain(work), "replay": to_plain(first.replay)})
    read = json.loads(body)
    again = perform(from_plain(Work, read["work"]), replay=from_plain(Replay, read["replay"]))
    assert replace(again.result, stop_reason=first.stop_reason) == first


def test_a_search_with_hubs_is_made_again_in_both_its_parts() -> None:
    plain = regency(n_villages=25, n_teams=2, n_days=2, seed=4)
    # Visit 24 stands in for 0 and 1 as well, as a hub does.
    once = tuple(ServedOnce(sessions=frozenset({(v, 0), (24, 0)})) for v in (0, 1))
    problem = replace(plain, rules=once)
    work = Work(kind=WorkKind.SOLVE, problem=problem, params=SolveParams(time_limit_s=0.4, seed=2))
    first = perform(work).result
    assert first.replay is not None
    assert first.replay.before is not None
    again = perform(work, replay=first.replay).result
    assert replace(again, stop_reason=first.stop_reason) == first


def test_mending_needs_a_plan() -> None:
    with pytest.raises(InvalidProblem, match="needs a plan to start from"):
        Work(kind=WorkKind.REPAIR, problem=two_visits(), params=SolveParams())
