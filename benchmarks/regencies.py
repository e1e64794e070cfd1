"""Made-up regencies to measure on, the same for everybody: ``kab<villages>-t<teams>-s<seed>``.

With nights out the name ends in ``-o``: teams may sleep at some places far from the base.

Clustered villages, village roads with ferries over a river, teams with and without satellite kit
and boat, three lengths of visit with a concave gain. Every number is drawn in a fixed order, so
that a name always gives the same instance, here and in the measurements it is compared with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from routing import (
    Away,
    Night,
    Problem,
    Shift,
    TimeWindow,
    TravelMatrix,
    Visit,
    VisitOption,
)
from routing.problem import DAY_S

MINUTES = (120, 240, 360)
DAY_MINUTES = 540
NIGHT_COST = 30
"""Thousandths of a document."""
UNRECORDED = 8199
"""People without a recording in a regency of ``VILLAGES`` villages."""
VILLAGES = 185
NEIGHBOURS = 5
CREWS = ((True, True), (True, False), (False, True), (False, False))
"""What a team has: satellite kit, boat."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Regency:
    """An instance: minutes between nodes (villages, then the base), gains, and teams.

    ``prizes`` has shape (crews, villages, options); ``team_crews`` are positions in ``CREWS``.
    """

    name: str
    times: Ints
    prizes: Ints
    minutes: tuple[int, ...]
    team_crews: tuple[int, ...]
    n_days: int
    lodgings: tuple[int, ...] | None = None

    def problem(self) -> Problem:
        """Build the planning problem: prizes, and where teams stay out the price of a night."""
        seconds = self.times * 60
        matrix = TravelMatrix(
            durations=seconds, distances=np.zeros_like(seconds), costs=np.zeros_like(seconds),
            reachable=np.ones(seconds.shape, dtype=bool),
        )  # fmt: skip
        base = len(self.times) - 1
        visits = tuple(
            Visit(
                node=v,
                options=tuple(
                    VisitOption(duration=60 * m, prizes=tuple(int(p) for p in self.prizes[:, v, o]))
                    for o, m in enumerate(self.minutes)
                ),
            )
            for v in range(base)
        )
        shifts = tuple(
            self._shift(team, day)
            for team in range(len(self.team_crews))
            for day in range(self.n_days)
        )
        # A rupiah stands for a thousandth of a document, so that a night costs what it says.
        return Problem(
            visits=visits, shifts=shifts, matrices=(matrix,), n_crews=len(CREWS),
            rupiah_per_document=None if self.lodgings is None else 1000,
            max_tour_days=self.n_days,
        )  # fmt: skip

    def _shift(self, team: int, day: int) -> Shift:
        base = len(self.times) - 1
        window = TimeWindow(start=day * DAY_S, end=day * DAY_S + DAY_MINUTES * 60)
        night = None
        if self.lodgings is not None and day + 1 < self.n_days:
            night = Night(
                morning=team * self.n_days + day + 1, nodes=self.lodgings, cost=NIGHT_COST
            )
        return Shift(
            team=team, window=window, start=base, end=base, matrix=0, crew=self.team_crews[team],
            away=None if self.lodgings is None else Away(window=window), night=night,
        )  # fmt: skip


def regency(
    seed: int,
    *,
    n_villages: int = VILLAGES,
    n_teams: int = 5,
    n_days: int = 5,
    minutes: Sequence[int] = MINUTES,
    overnight: bool = False,
) -> Regency:
    """Draw the instance of a seed."""
    random = np.random.default_rng(seed)
    size = 90.0 * np.sqrt(n_villages / VILLAGES)
    places, n_villages = _places(random, n_villages, size)
    times = _times(random, places, size)
    need = _need(random, n_villages, int(UNRECORDED * n_villages / VILLAGES))
    is_blank = random.random(n_villages) < 1 / 3
    needs_boat = random.random(n_villages) < 0.06
    weight = np.where(random.random(n_villages) < 0.2, 1.5, 1.0)
    gains = np.stack([_gain(need, m) for m in minutes], axis=1) * weight[:, None]
    full = np.round(10 * gains)
    prizes = []
    for has_kit, has_boat in CREWS:
        factor = np.where(is_blank & (not has_kit), 0.4, 1.0)
        factor = np.where(needs_boat & (not has_boat), 0.0, factor)
        prizes.append(np.round(full * factor[:, None]).astype(np.int64))
    crews = tuple(
        CREWS.index((random.random() < 0.6, random.random() < 0.4)) for _ in range(n_teams)
    )
    lodgings = _lodgings(random, times, n_villages) if overnight else None
    days = "" if n_days == 5 else f"-d{n_days}"
    options = "" if tuple(minutes) == MINUTES else "-m" + "-".join(map(str, minutes))
    name = f"kab{n_villages}-t{n_teams}{days}-s{seed}{options}{'-o' if overnight else ''}"
    return Regency(name, times, np.stack(prizes), tuple(minutes), crews, n_days, lodgings)


def _places(random: np.random.Generator, n: int, size: float) -> tuple[Floats, int]:
    """Kilometres of the villages, most of them around centres, and of the base in the largest."""
    n_centres = max(4, n // 14)
    centres = random.uniform(0, size, (n_centres, 2))
    shares = random.dirichlet(np.full(n_centres, 1.5))
    home = random.choice(n_centres, n, p=shares)
    is_apart = random.random(n) < 0.18
    apart = random.uniform(0, size, (n, 2))
    near = centres[home] + random.normal(0, size * 0.05, (n, 2))
    villages = np.clip(np.where(is_apart[:, None], apart, near), 0, size)
    base = centres[(-shares).argsort()[:1]] + 0.5
    return np.vstack([villages, base]), n


def _times(random: np.random.Generator, places: Floats, size: float) -> Ints:
    """Whole minutes between all places by the roads that are drawn; no detour is shorter."""
    away = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    heights = np.linspace(0, size, 200)
    bends = np.linspace(0, 3, 200) + random.uniform(0, 3)
    river = size * (0.35 + 0.3 * np.sin(bends))
    is_east = places[:, 0] > np.interp(places[:, 1], heights, river)
    bridges = random.uniform(0, size, 2)
    roads: list[tuple[int, int]] = []
    minutes: list[float] = []
    for i, j in _links(places, away):
        speed = random.choice([18, 28, 40], p=[0.35, 0.4, 0.25])
        there = away[i, j] * 1.25 / speed * 60 + 1
        height = (places[i, 1] + places[j, 1]) / 2
        if is_east[i] != is_east[j] and np.abs(height - bridges).min() >= size * 0.06:
            there += 35  # a ferry
        roads += [(i, j), (j, i)]
        minutes += [there, there * random.uniform(1.0, 1.1)]
    graph = csr_matrix((minutes, np.array(roads).T), away.shape)
    whole = np.ceil(dijkstra(graph)).astype(np.int64)
    np.fill_diagonal(whole, 0)
    # Rounding up can make a detour shorter than the direct way: take the detour.
    return np.ceil(dijkstra(csr_matrix(whole))).astype(np.int64)


def _links(places: Floats, away: Floats) -> Iterator[tuple[int, int]]:
    """Pairs that a road joins: near neighbours, then a chain from west to east for the rest."""
    seen: set[tuple[int, int]] = set()
    west_to_east = places[:, 0].argsort()
    near = ((i, int(j)) for i in range(len(places)) for j in away[i].argsort()[1 : NEIGHBOURS + 1])
    chain = zip(west_to_east[:-1].tolist(), west_to_east[1:].tolist(), strict=True)
    for pairs, remember in ((near, True), (chain, False)):
        for i, j in pairs:
            pair = (min(i, j), max(i, j))
            if pair not in seen:
                if remember:
                    seen.add(pair)
                yield i, j


def _lodgings(random: np.random.Generator, times: Ints, n: int) -> tuple[int, ...]:
    """Draw villages with a place to sleep among those far from the base."""
    count = max(8, n // 9)
    away = times[n:, :n].min(axis=0) + random.uniform(0, 40, n)
    farthest = (-away).argsort()[: 2 * count]
    return tuple(int(v) for v in np.sort(random.choice(farthest, count, replace=False)))


def _need(random: np.random.Generator, n: int, total: int) -> Ints:
    """People to record in each village, ``total`` in all."""
    drawn = random.lognormal(0, 0.95, n)
    need = np.maximum(1, np.round(drawn / drawn.sum() * total)).astype(np.int64)
    need[need.argmax()] += total - need.sum()
    return need


def _gain(need: Ints, minutes: int) -> Floats:
    """Expect recordings in a visit: three quarters come, ever fewer a minute."""
    turnout = 0.75 * need
    served: Floats = turnout * (1 - np.exp(-0.35 * minutes / np.maximum(turnout, 1e-9)))
    return served
