"""The vector evaluation of insertions and the moves made from it, against one plan at a time."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.checks.check import check, recompute
from routing.heuristics.construct import greedy_draft
from routing.heuristics.improve import LocalSearch
from routing.insertion import NOTHING, Insertions
from routing.problem import Problem
from tests.builders import regency
from tests.routing.brute import problems, shift_merit


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(max_visits=4), st.data())
def test_every_placement_has_the_value_of_the_plan_walked_by_hand(
    problem: Problem, data: st.DataObject
) -> None:
    insertions = Insertions(problem)
    order = data.draw(st.permutations(range(len(problem.visits))))
    n = data.draw(st.integers(0, len(order) - 1))
    choices = tuple(
        (v, data.draw(st.integers(0, len(problem.visits[v].options) - 1))) for v in order[:n]
    )
    shift = problem.shifts[0]
    for kit in (False, True) if shift.kit_pool is not None else (False,):
        # A sequence is only ever extended where its visits are allowed.
        allowed = [problem.visits[v].shifts for v, _ in choices]
        if any(shifts is not None and 0 not in shifts for shifts in allowed):
            continue
        merit = insertions.placements(0, kit, choices).merit
        for p, v in np.ndindex(n + 1, len(order)):
            for o in range(len(problem.visits[v].options)):
                expected = None
                if v not in order[:n]:
                    extended = (*choices[:p], (v, o), *choices[p:])
                    expected = shift_merit(problem, 0, kit, extended)
                found = int(merit[p, v, o])
                if expected is None:
                    assert found == NOTHING
                else:
                    assert found == expected * (problem.rupiah_per_document or 1)
            # A visit with fewer options than another is padded; the padding is never offered.
            assert (merit[p, v, len(problem.visits[v].options) :] == NOTHING).all()


def test_local_search_only_makes_moves_that_gain_and_stay_legal() -> None:
    problem = regency(n_villages=50, n_teams=3, n_days=3, seed=11)
    insertions = Insertions(problem)
    draft = greedy_draft(insertions)
    before = recompute(problem, draft.solution())[3]
    search = LocalSearch(insertions, draft)
    while search._step():
        assert check(problem, draft.solution()) == []
        after = recompute(problem, draft.solution())[3]
        assert after > before
        before = after
    # Merits kept along the way are those of the plan as it stands.
    assert sum(draft.merits) == before * 2_000_000
