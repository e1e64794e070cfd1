"""When routes are long, and the ways in which their teams can sleep out."""

from collections.abc import Iterator
from itertools import product
from math import prod

from routing.draft import Draft
from routing.problem import Problem
from routing.stages import Stage, chain, team_days

LONG = 6
"""With more stops than this on the mean shift of the greedy plan, routes are long."""
MOST_CHAINS = 4096
"""More choices of places to sleep are not gone through."""


def is_long(problem: Problem, draft: Draft) -> bool:
    """Tell whether the shifts of a plan make so many stops that days cannot be priced one by one.

    Only where the search for long routes suits. With nights out the greedy plan, which knows days
    from base to base only, tells nothing of the routes: this search is then taken in any case.
    """
    busy = [len(choices) for choices in draft.choices if choices]
    return (problem.has_nights or sum(busy) > LONG * len(busy)) and suits(problem)


def suits(problem: Problem) -> bool:
    """Tell whether the search for long routes knows all that a problem asks for.

    It knows visits with one option and at most one window, shifts without kits and costs that do
    not count, and no rules. Teams may sleep out when every tour is of a fixed length and the
    choices of places are few.
    """
    if problem.rows or problem.rupiah_per_document is not None or n_chains(problem) is None:
        return False
    if any(shift.kit_pool is not None for shift in problem.shifts):
        return False
    return not any(
        len(visit.options) > 1 or len(visit.windows) > 1 or visit.required
        for visit in problem.visits
    )


def n_chains(problem: Problem) -> int | None:
    """Count the choices of places to sleep, one where nobody sleeps out.

    None when they are too many, or when a team may choose which nights it is out.
    """
    if not problem.has_nights:
        return 1
    counts = []
    for days in team_days(problem):
        tour = chain(problem, days[0])
        nights = [problem.shifts[s].night for s in tour[:-1]]
        if tour != list(days) or any(problem.shifts[s].starts_tour for s in days[1:]):
            return None
        if any(night is None or night.at_last_stop or night.dearest for night in nights):
            return None
        counts += [len(set(night.nodes)) for night in nights if night is not None]
    n = prod(counts)
    return n if n <= MOST_CHAINS else None


def all_stages(problem: Problem) -> Iterator[tuple[Stage, ...]]:
    """Every choice of places to sleep, shifts by team in order."""
    by_team: list[list[tuple[Stage, ...]]] = []
    for days in team_days(problem):
        nights = [problem.shifts[s].night for s in days[:-1]] if problem.has_nights else []
        if not nights or None in nights:
            by_team.append([tuple(Stage(s) for s in days)])
            continue
        places = [sorted(set(night.nodes)) for night in nights if night is not None]
        by_team.append(
            [
                tuple(Stage(*day) for day in zip(days, (None, *nodes), (*nodes, None), strict=True))
                for nodes in product(*places)
            ]
        )
    for choice in product(*by_team):
        yield tuple(stage for tour in choice for stage in tour)
