"""Take up a plan that exists, as far as the problem of today allows it."""

from itertools import groupby

from routing.draft import Draft
from routing.insertion import Insertions
from routing.rules.ledger import too_much
from routing.solution import Itinerary, Solution
from routing.stages import Stage
from routing.timing import Choice, choices_of, stage_of


def taken_up(insertions: Insertions, solution: Solution) -> Draft:
    """Read a plan, and drop every stop that cannot be made any more.

    What is left can be driven and exceeds no rule; required visits may be missing. A tour keeps its
    nights or is dropped as a whole.
    """
    draft = Draft(insertions.problem)
    for days in _tours(insertions, solution):
        if len(days) > 1 or stage_of(days[0]).is_away:
            _take_tour(insertions, draft, days)
        else:
            _take_day(insertions, draft, days[0])
    return draft


def _tours(insertions: Insertions, solution: Solution) -> list[list[Itinerary]]:
    """Put the itineraries of a tour together; those that name what does not exist are left out."""
    problem = insertions.problem
    known = [plan for plan in solution.itineraries if plan.shift < len(problem.shifts)]
    by_team = sorted(known, key=lambda plan: (problem.shifts[plan.shift].team, plan.departure))
    found: list[list[Itinerary]] = []
    for _, plans in groupby(by_team, key=lambda plan: problem.shifts[plan.shift].team):
        goes_on = False
        for plan in plans:
            if goes_on:
                found[-1].append(plan)
            else:
                found.append([plan])
            goes_on = stage_of(plan).end is not None
    return found


def _take_tour(insertions: Insertions, draft: Draft, days: list[Itinerary]) -> None:
    stages, kit = [stage_of(day) for day in days], days[0].with_kit
    kept: list[tuple[Choice, ...]] = []
    merits: list[int] = []
    for stage, day in zip(stages, days, strict=True):
        wanted = [c for c in choices_of(day) if _is_offered(insertions, draft, c)]
        found = _fitting(insertions, stage, kit, wanted)
        if found is None:
            return
        kept.append(found[0])
        merits.append(found[1])
    if not any(kept):
        return
    draft.put_tour(stages, kit, kept, merits)
    if _is_too_much(insertions, draft):
        draft.stay_home(days[0].shift)


def _fitting(
    insertions: Insertions, stage: Stage, kit: bool, wanted: list[Choice]
) -> tuple[tuple[Choice, ...], int] | None:
    """Give what a day of a tour can keep of its visits, and its merit; None: it cannot be driven.

    All of them, or one after the other those that still fit.
    """
    day = insertions.at(stage)
    kept: list[Choice] = []
    merit = insertions.merit_of(day, kit, tuple(wanted))
    if merit is not None:
        return tuple(wanted), merit
    for choice in wanted:
        if insertions.merit_of(day, kit, (*kept, choice)) is not None:
            kept.append(choice)
    merit = insertions.merit_of(day, kit, tuple(kept))
    return None if merit is None else (tuple(kept), merit)


def _take_day(insertions: Insertions, draft: Draft, day: Itinerary) -> None:
    wanted = [c for c in choices_of(day) if _is_offered(insertions, draft, c)]
    if not _put(insertions, draft, day, wanted):
        kept: list[Choice] = []
        for choice in wanted:
            if _put(insertions, draft, day, [*kept, choice]):
                kept.append(choice)


def _put(insertions: Insertions, draft: Draft, day: Itinerary, choices: list[Choice]) -> bool:
    s, before = day.shift, draft.copy()
    merit = insertions.merit_of(insertions.at(draft.stages[s]), day.with_kit, choices)
    if merit is None:
        return False
    draft.put(s, day.with_kit, choices, merit)
    if _is_too_much(insertions, draft):
        draft.put(s, before.with_kit[s], before.choices[s], before.merits[s])
        return False
    return True


def _is_offered(insertions: Insertions, draft: Draft, choice: Choice) -> bool:
    v, o = choice
    visits = insertions.problem.visits
    return v < len(visits) and o < len(visits[v].options) and v not in draft.made


def _is_too_much(insertions: Insertions, draft: Draft) -> bool:
    problem = insertions.problem
    return min(draft.kits_left(), default=0) < 0 or too_much(problem, draft.sums())
