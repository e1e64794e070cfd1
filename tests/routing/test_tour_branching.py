"""Where plans with nights out are split, where all days are alike."""

import pytest

from routing.columns.master import Column
from routing.insertion import Insertions
from routing.run import SolveParams
from routing.shift_types import shift_types
from routing.solution import Status
from routing.solve import solve
from routing.tours import tour_proof
from routing.tours.tour_branching import Split, best_split
from routing.tours.tour_groups import team_groups, with_weeks
from routing.tours.tour_master import Node, Place, TourMaster
from tests.routing.naive_tours import best_plan
from tests.routing.test_tour_weeks import alike

A, B, C = 0, 1, 2


def master_of_halves() -> tuple[TourMaster, Place]:
    """One team, three days: half a tour to A and B, half a day each to A and C and to B and C.

    That is worth 20 / 2 + 13 / 2 + 13 / 2 = 23, and at prices 10, 10 and 3 of the visits no column
    gains. With a tour it is the tour, worth 20; without one of the two days, worth 13.
    """
    problem = alike(0)
    types = shift_types(problem)
    types = with_weeks(problem, types, team_groups(problem, types))
    groups = team_groups(problem, types)
    insertions = Insertions(problem)
    master = TourMaster(insertions, types, groups, penalty=1e6)
    (t,) = set(groups[0].types)
    for days, visits, value in ((2, (A, B), 20), (1, (A, C), 13), (1, (B, C), 13)):
        choices = tuple((v, 0) for v in visits)
        merit = value * insertions.per_prize
        assert master.add(Column(t, False, choices, merit, (), (t,) * days if days > 1 else ()))
    return master, (0, len(groups[0].types))


def test_the_split_whose_better_half_is_worth_least_is_found_and_the_lp_left_as_it_was() -> None:
    master, tours = master_of_halves()
    solved = master.solve()
    assert solved is not None
    assert solved.value == pytest.approx(23.0)
    split = best_split(master, Node(), solved, master.solve)
    assert split is not None
    assert split.number == pytest.approx(0.5)
    assert split.value == pytest.approx(20.0)
    assert split.place in {(0, 0), tours}  # the first night of a tour, and the tour
    again = master.solve()
    assert again is not None
    assert again.value == pytest.approx(23.0)


def test_a_half_that_there_was_no_time_for_counts_like_the_whole() -> None:
    master, _ = master_of_halves()
    solved = master.solve()
    assert solved is not None
    split = best_split(master, Node(), solved, lambda: None)
    assert split is not None
    assert split.value == solved.value


def test_nothing_is_split_where_all_counts_are_whole() -> None:
    master, tours = master_of_halves()
    node = Node(limits={tours: (1.0, 1.0)})
    master.limit(node.limits)
    solved = master.solve()
    assert solved is not None
    assert solved.value == pytest.approx(20.0)
    assert best_split(master, node, solved, master.solve) is None


@pytest.mark.parametrize(("seed", "n_teams"), [(8, 1), (13, 2), (16, 2)])
def test_splitting_before_the_lp_has_converged_proves_the_best_plan(
    seed: int, n_teams: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Splits as early, and changes of node as often, as can be."""
    monkeypatch.setattr(tour_proof, "RIPE", 1e9)
    monkeypatch.setattr(tour_proof, "AGAIN", 1.0)
    monkeypatch.setattr(tour_proof, "BEHIND", 1.0)
    splits: list[Split] = []

    def kept(*asked: object) -> Split | None:
        split = best_split(*asked)  # type: ignore[arg-type]
        splits.extend([] if split is None else [split])
        return split

    monkeypatch.setattr(tour_proof, "best_split", kept)
    problem = alike(seed, n_teams=n_teams)
    result = solve(problem, SolveParams(time_limit_s=3600, solution_limit=150))
    assert splits
    assert result.status == Status.OPTIMAL
    assert result.value == pytest.approx(best_plan(problem), abs=1e-6)
