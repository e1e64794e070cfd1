"""Teams that can stand for each other on tours, and which of them drives what was chosen.

A chosen tour takes up some consecutive days of one of ``n`` teams alike. When no day is taken more
than ``n`` times, everything can be dealt out: by first day, each to any team that is back.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.columns.layout import Floats
from routing.columns.master import Column
from routing.draft import Draft
from routing.problem import Problem
from routing.shift_types import ShiftType, ShiftTypes, Week, home_kinds, place
from routing.stages import can_tour, team_days
from routing.tours.tour_weeks import dealt


@dataclass(frozen=True, slots=True)
class TeamGroup:
    """Teams alike day by day; ``types`` has the shift type of each day."""

    teams: tuple[tuple[int, ...], ...]
    types: tuple[int, ...]

    @property
    def first(self) -> tuple[int, ...]:
        """Shifts of the team that stands for all."""
        return self.teams[0]

    @property
    def is_week(self) -> bool:
        """Whether its days are of one type (``Week``)."""
        return len(set(self.types)) < len(self.types)


def team_groups(problem: Problem, types: ShiftTypes) -> list[TeamGroup]:
    """Group the teams that have tours of several days."""
    found: dict[tuple[int, ...], list[tuple[int, ...]]] = defaultdict(list)
    for days in team_days(problem):
        if can_tour(problem, days):
            found[tuple(types.type_of[s] for s in days)].append(days)
    return [TeamGroup(tuple(teams), of_days) for of_days, teams in found.items()]


def with_weeks(problem: Problem, types: ShiftTypes, groups: Sequence[TeamGroup]) -> ShiftTypes:
    """Give all days of each of these groups, alike on tours, one type if they are alike at home."""
    kinds = home_kinds(problem)
    merged: dict[int, int] = {}
    found = []
    for group in groups:
        has_kits = any(types.types[t].kit_group is not None for t in group.types)
        if not has_kits and len({kinds[s] for s in group.first}) == 1:
            merged |= dict.fromkeys(group.types, group.types[0])
            found.append(group)
    kept = [t for t in range(len(types.types)) if merged.get(t, t) == t]
    number = {t: kept.index(merged.get(t, t)) for t in range(len(types.types))}
    shifts: list[list[int]] = [[] for _ in kept]
    for s, t in enumerate(types.type_of):
        shifts[number[t]].append(s)
    return replace(
        types,
        types=tuple(
            ShiftType(tuple(of_type), types.types[t].kit_group)
            for t, of_type in zip(kept, shifts, strict=True)
        ),
        type_of=tuple(number[t] for t in types.type_of),
        weeks=tuple(
            Week(
                number[group.types[0]], len(group.teams), len(group.types),
                min(problem.max_tour_days, len(group.types)),
            )
            for group in found
        ),
    )  # fmt: skip


def best_packing(spans: Floats) -> float:
    """Sum the best spans of days that do not overlap; ``spans[a, b]`` is worth of days a to b.

    What is below 0 is left out.
    """
    best = np.zeros(len(spans) + 1)
    for b in range(len(spans)):
        best[b + 1] = max(best[b], max(best[a] + spans[a, b] for a in range(b + 1)))
    return float(best[-1])


def deal(
    problem: Problem, types: ShiftTypes, groups: Sequence[TeamGroup], chosen: Sequence[Column]
) -> Draft:
    """Give every chosen column a team and make a plan of it."""
    draft = Draft(problem)
    group_of = {t: g for g, group in enumerate(groups) for t in group.types}
    by_group: dict[int, list[Column]] = defaultdict(list)
    others = [column for column in chosen if column.types[0] not in group_of]
    for column in chosen:
        if column.types[0] in group_of:
            by_group[group_of[column.types[0]]].append(column)
    shifts = place(problem, types, [(c.type, c.with_kit) for c in others])
    for s, column in zip(shifts, others, strict=True):
        draft.put(s, column.with_kit, column.choices, column.merit)
    for g, columns in by_group.items():
        _deal_group(draft, groups[g], columns)
    return draft


def _deal_group(draft: Draft, group: TeamGroup, columns: Sequence[Column]) -> None:
    for column, (at, first) in zip(columns, _places(group, columns), strict=True):
        shifts = group.teams[at][first : first + len(column.types)]
        if column.tour is None:
            draft.put(shifts[0], column.with_kit, column.choices, column.merit)
            continue
        tour = column.tour
        stages = [stage._replace(shift=s) for stage, s in zip(tour.stages, shifts, strict=True)]
        draft.put_tour(stages, tour.with_kit, tour.choices, tour.merits)


def _places(group: TeamGroup, columns: Sequence[Column]) -> list[tuple[int, int]]:
    """Choose a team and a first day for each column."""
    if group.is_week:
        lengths = [len(column.types) for column in columns]
        return dealt(lengths, len(group.teams), len(group.types))
    back = [0] * len(group.teams)
    day_of = {t: d for d, t in enumerate(group.types)}
    places = [(0, 0)] * len(columns)
    for i in sorted(range(len(columns)), key=lambda i: day_of[columns[i].types[0]]):
        first = day_of[columns[i].types[0]]
        at = next(at for at, day in enumerate(back) if day <= first)
        back[at] = first + len(columns[i].types)
        places[i] = at, first
    return places
