"""Which tours fit into the weeks of alike teams, where all days are alike: only lengths count.

A team's week is a *pattern*: so many tours of each length, one day each or longer, which fill its
days exactly. Tours fit when there are patterns for the teams that hold as many of each length.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from routing.columns.layout import Floats

Pattern = tuple[int, ...]
"""How many tours of one day, of two days and so on."""


def patterns(n_days: int, longest: int) -> list[Pattern]:
    """List the patterns of a week of so many days."""

    def filled(left: int, most: int) -> Iterator[Pattern]:
        if not left:
            yield (0,) * longest
        for length in range(min(left, most), 0, -1):
            for rest in filled(left - length, length):
                yield (*rest[: length - 1], rest[length - 1] + 1, *rest[length:])

    return list(filled(n_days, longest))


def highest(prices: Floats) -> Floats:
    """Raise prices of tours, by length, as far as the best pattern is worth no more.

    So a tour is worth at most its price in a week as good as the best one, and every week with a
    tour that is worth less than this falls short of the best one by the difference.
    """
    n, found = len(prices), np.zeros(len(prices))
    worth = {p: float(np.dot(p, prices)) for p in patterns(n, n)}
    best = max(worth.values())
    for k in range(n):
        rest = max(value for p, value in worth.items() if p[k]) - prices[k]
        found[k] = best - rest
    return found


def dealt(lengths: Sequence[int], n_teams: int, n_days: int) -> list[tuple[int, int]]:
    """Choose a team and a first day for tours of these lengths.

    Raises
    ------
    AssertionError
        When they do not fit.
    """
    places = [(0, 0)] * len(lengths)
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    used = [0] * n_teams

    def fits(at: int) -> bool:
        if at == len(order):
            return True
        i, tried = order[at], set[int]()
        for team, first in enumerate(used):
            if first + lengths[i] <= n_days and first not in tried:
                tried.add(first)
                places[i], used[team] = (team, first), first + lengths[i]
                if fits(at + 1):
                    return True
                used[team] = first
        return False

    if not fits(0):
        raise AssertionError(f"tours of {sorted(lengths)} days: no weeks of {n_teams} teams")
    return places
