"""Readers for published orienteering instances, and a check of each score from the file alone.

They stand here and not in ``routing/``: no office has such files, so the product never reads them.

Chao, Golden and Wasil (1996), team orienteering: Euclidean distances, a route is feasible when its
length is at most ``tmax``. Distances become whole ten-thousandths, rounded up, so that what fits in
whole numbers fits in truth. Vansteenwegen et al. (2009), with time windows: distances are cut to
one decimal, as the best known values of these files are; a session has to start within its window.
Divsalar et al. (2013), hotel selection: trips from hotel to hotel, in order, each with its own
limit; limits are given to six digits, so distances are whole millionths, rounded up.

A visit of no duration does not exist in ``Problem``: it takes one unit here, and the legs that lead
to it take one unit less.
"""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from routing import (
    Away,
    Night,
    Problem,
    Shift,
    Solution,
    TimeWindow,
    TravelMatrix,
    Visit,
    VisitOption,
)
from routing.problem import DAY_S

TOP_UNITS = 10_000
TOPTW_UNITS = 10
OPHS_UNITS = 1_000_000
SLACK = 1e-9
"""Rounding of floating point sums of lengths."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class InstanceError(ValueError):
    """A file that is not what it should be; the message names file and line."""


class WrongScore(AssertionError):
    """A plan that the file does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """A published instance as a planning problem.

    ``points`` has shape (points of the file, 3): x, y and score; ``point_of`` gives the point of
    each visit of ``problem``, which leaves out points without a score. ``problem`` has a shift per
    route, times in ``1 / units``.
    """

    name: str
    problem: Problem
    units: int
    points: Floats
    point_of: tuple[int, ...]
    check: Callable[["Instance", Solution], None]
    limits: tuple[float, ...] = ()
    windows: Floats | None = None
    n_hotels: int = 0

    def score(self, solution: Solution) -> float:
        """Add up the scores of a plan after checking it against the file's own numbers.

        Raises
        ------
        WrongScore
            When a point is visited twice, or a route breaks a limit of the file.
        """
        made = [self.point_of[stop.visit] for i in solution.itineraries for stop in i.stops]
        if len(set(made)) < len(made):
            raise WrongScore(f"{self.name}: a point is visited twice")
        shifts = [i.shift for i in solution.itineraries]
        if len(set(shifts)) < len(shifts):
            raise WrongScore(f"{self.name}: a route is driven twice")
        self.check(self, solution)
        return float(sum(self.points[p, 2] for p in made))


def read_top(path: Path) -> Instance:
    """Read a file of team orienteering: ``n``, ``m``, ``tmax``, then x, y, score of each point.

    Raises
    ------
    InstanceError
        Where a line is not as it should be.
    """
    lines = _Lines(path)
    n, m = lines.named("n", least=2), lines.named("m", least=1)
    limit = lines.numbers("tmax and a number", count=1, skip="tmax")[0]
    points = np.array([lines.numbers("x, y and score", count=3) for _ in range(n)])
    lines.end()
    visits = _worth_visiting(points[1:-1], first=1)
    times = _ceiled(_distances(points), TOP_UNITS)
    window = TimeWindow(start=0, end=max(1, math.floor(limit * TOP_UNITS + SLACK)))
    shifts = tuple(
        Shift(team=k, window=window, start=0, end=n - 1, matrix=0, crew=0) for k in range(m)
    )
    return Instance(
        name=path.stem, problem=_problem(points, visits, times, shifts), units=TOP_UNITS,
        points=points, point_of=tuple(visits), check=_check_top, limits=(limit,) * m,
    )  # fmt: skip


def read_toptw(path: Path, routes: int) -> Instance:
    """Read a file of team orienteering with time windows, to be solved with so many routes.

    The name of the instance ends in ``-m`` and the number of routes.

    Raises
    ------
    InstanceError
        Where a line is not as it should be.
    """
    lines = _Lines(path)
    n = int(lines.numbers("four numbers, the third the points", count=4)[2]) + 1
    lines.numbers("two numbers", count=2)
    rows = np.array([_toptw_row(lines) for _ in range(n)])
    lines.end()
    points, services, windows = rows[:, [0, 1, 3]], rows[:, 2], rows[:, 4:]
    visits = _worth_visiting(points[1:], first=1)
    times = np.floor(_distances(points) * TOPTW_UNITS + SLACK).astype(np.int64)
    whole = np.rint(windows * TOPTW_UNITS).astype(np.int64)
    window = TimeWindow(start=int(whole[0, 0]), end=int(whole[0, 1]))
    shifts = tuple(
        Shift(team=k, window=window, start=0, end=0, matrix=0, crew=0) for k in range(routes)
    )
    durations = np.rint(services * TOPTW_UNITS).astype(np.int64)
    return Instance(
        name=f"{path.stem}-m{routes}", units=TOPTW_UNITS,
        problem=_problem(points, visits, times, shifts, durations, whole),
        points=points, point_of=tuple(visits), check=_check_toptw,
        windows=np.column_stack([services, windows]),
    )  # fmt: skip


def read_ophs(path: Path) -> Instance:
    """Read a file of orienteering with hotel selection.

    The base of the problem stands for both the first and the last hotel: legs from it start at the
    one, legs to it end at the other. Each trip is a day, each hotel a place to sleep.

    Raises
    ------
    InstanceError
        Where a line is not as it should be.
    """
    lines = _Lines(path)
    n, extra, trips = map(int, lines.numbers("points, hotels and trips", count=3))
    lines.numbers("the limit of the tour", count=1)
    limits = lines.numbers("a limit for each trip", count=trips)
    hotels, size = extra + 2, n + extra
    points = np.array([lines.numbers("x, y and score", count=3) for _ in range(size)])
    lines.end(ruler=True)
    visits = _worth_visiting(points[hotels:], first=hotels)
    times = np.zeros((size + 1, size + 1), dtype=np.int64)
    times[:size, :size] = _ceiled(_distances(points), OPHS_UNITS)
    times[size, :size], times[:size, size] = times[0, :size], times[:size, 1]
    shifts = tuple(_trip(day, limit, trips, hotels, base=size) for day, limit in enumerate(limits))
    return Instance(
        name=path.stem, problem=_problem(points, visits, times, shifts), units=OPHS_UNITS,
        points=points, point_of=tuple(visits), check=_check_ophs, limits=limits, n_hotels=hotels,
    )  # fmt: skip


def with_hotels(instance: Instance, solution: Solution) -> Instance:
    """Fix the hotels to those of a solution: each trip is then a shift with a start and an end."""
    base, n_trips = len(instance.points), len(instance.limits)
    trips = sorted(solution.itineraries, key=lambda itinerary: itinerary.shift)
    ends = [base if trip.end is None else trip.end for trip in trips]
    # Trips after the last hotel is reached stay there.
    stays = n_trips - len(ends)
    ends = [*(1 if end == base and stays else end for end in ends), *[1] * stays]
    starts = [base, *ends[:-1]]
    shifts = tuple(
        replace(
            shift, team=k, start=start, end=end, night=None, away=None, starts_tour=True,
            window=TimeWindow(start=0, end=shift.window.end - shift.window.start),
        )
        for k, (shift, start, end) in enumerate(
            zip(instance.problem.shifts, starts, ends, strict=True)
        )
    )  # fmt: skip
    problem = replace(instance.problem, shifts=shifts, max_tour_days=1)
    return replace(instance, problem=problem, check=_check_trips)


def best_known(folder: Path) -> dict[str, float]:
    """Read ``best_known.csv`` in a folder or the nearest one above it; empty where there is none.

    Raises
    ------
    InstanceError
        Where a value is not a number.
    """
    for place in (folder, *folder.resolve().parents):
        path = place / "best_known.csv"
        if path.exists():
            break
    else:
        return {}
    found = {}
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                found[row["instance"]] = float(row["best_known"])
            except (KeyError, TypeError, ValueError) as error:
                raise InstanceError(
                    f"{path} line {number}: needs the columns instance and best_known, a number"
                ) from error
    return found


class _Lines:
    """The lines of a file that are not empty, one by one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InstanceError(f"{path}: cannot be read as text: {error}") from error
        kept = [(k, line.split()) for k, line in enumerate(text.splitlines(), start=1)]
        self._rest: Iterator[tuple[int, list[str]]] = iter([x for x in kept if x[1]])

    def numbers(self, what: str, count: int | None = None, skip: str = "") -> tuple[float, ...]:
        """Read the numbers of the next line, after the word ``skip``."""
        number, words = next(self._rest, (0, []))
        if not number:
            raise InstanceError(f"{self.path}: ends where {what} should be")
        if skip:
            if words[0] != skip:
                raise self._wrong(number, words, what)
            words = words[1:]
        try:
            found = tuple(float(word) for word in words)
        except ValueError:
            raise self._wrong(number, words, what) from None
        if (count is not None and len(found) != count) or not all(map(math.isfinite, found)):
            raise self._wrong(number, words, what)
        return found

    def named(self, name: str, least: int) -> int:
        """Read a line such as ``n 100``."""
        value = self.numbers(f"{name} and a whole number", count=1, skip=name)[0]
        if value != int(value) or value < least:
            raise InstanceError(f"{self.path}: {name} {value:g} must be whole, at least {least}")
        return int(value)

    def end(self, *, ruler: bool = False) -> None:
        """Make sure that nothing follows, but for a ruled line."""
        for number, words in self._rest:
            if not (ruler and set("".join(words)) == {"-"}):
                raise self._wrong(number, words, "nothing more, all points are read,")

    def _wrong(self, number: int, words: Sequence[str], what: str) -> InstanceError:
        text = " ".join(words)
        return InstanceError(f"{self.path} line {number}: {what} should be here, not {text!r}")


def _toptw_row(lines: _Lines) -> tuple[float, ...]:
    """Read x, y, service, score, opening and closing of one point."""
    row = lines.numbers("number, x, y, service, score, ... opening and closing of a point")
    if len(row) < 8:
        raise InstanceError(f"{lines.path}: point {row[0]:g} has {len(row)} numbers, not 8 or more")
    return (*row[1:5], *row[-2:])


def _distances(points: Floats) -> Floats:
    apart: Floats = points[:, None, :2] - points[None, :, :2]
    return np.hypot(apart[:, :, 0], apart[:, :, 1])


def _ceiled(distances: Floats, units: int) -> Ints:
    # What is whole but for the last bits of a floating point number is not rounded up further.
    return np.ceil(distances * units - 1e-6).astype(np.int64)


def _worth_visiting(points: Floats, first: int) -> list[int]:
    """Positions of the points with a score; going past the others only makes a route longer."""
    return [first + k for k, score in enumerate(points[:, 2]) if score > 0]


def _problem(
    points: Floats, visits: list[int], times: Ints, shifts: tuple[Shift, ...],
    durations: Ints | None = None, windows: Ints | None = None,
) -> Problem:  # fmt: skip
    """Put a problem together; prizes are scores, which have to be whole."""
    scores = np.rint(points[:, 2]).astype(np.int64)
    if not np.array_equal(scores, points[:, 2]):
        raise InstanceError(f"score {points[scores != points[:, 2], 2][0]:g} is not whole")
    legs, made = times.copy(), []
    for p in visits:
        service = 0 if durations is None else int(durations[p])
        unit = 1 if service == 0 else 0
        legs[:, p] = np.maximum(legs[:, p] - unit, 0)
        legs[p, p] = 0
        open_: tuple[TimeWindow, ...] = ()
        if windows is not None:
            low, high = (int(x) for x in windows[p])
            open_ = (TimeWindow(start=max(0, low - unit), end=high + service),)
        option = VisitOption(duration=service + unit, prizes=(int(scores[p]),))
        made.append(Visit(node=p, options=(option,), windows=open_))
    matrix = TravelMatrix(
        durations=legs, distances=np.zeros_like(legs), costs=np.zeros_like(legs),
        reachable=np.ones(legs.shape, dtype=bool),
    )  # fmt: skip
    return Problem(
        visits=tuple(made), shifts=shifts, matrices=(matrix,), n_crews=1,
        max_tour_days=max(1, len(shifts)),
    )  # fmt: skip


def _trip(day: int, limit: float, trips: int, hotels: int, base: int) -> Shift:
    start = day * DAY_S  # trips are longer than a day in these units; only their order counts
    window = TimeWindow(start=start, end=start + math.floor(limit * OPHS_UNITS + SLACK))
    night = Night(morning=day + 1, nodes=tuple(range(hotels))) if day + 1 < trips else None
    return Shift(
        team=0, window=window, start=base, end=base, matrix=0, crew=0,
        away=Away(window=window), night=night, starts_tour=day == 0,
    )  # fmt: skip


def _check_top(instance: Instance, solution: Solution) -> None:
    points = instance.points[:, :2]
    for itinerary in solution.itineraries:
        stops = [instance.point_of[stop.visit] for stop in itinerary.stops]
        route = [0, *stops, len(points) - 1]
        _check_length(
            instance, itinerary.shift, sum(_apart(points, *leg) for leg in pairwise(route))
        )


def _check_toptw(instance: Instance, solution: Solution) -> None:
    """Drive each route in tenths: leave at the opening of the depot, wait for each window."""
    if instance.windows is None:
        raise WrongScore(f"{instance.name}: has no windows")
    for itinerary in solution.itineraries:
        here, now = 0, instance.windows[0, 1]
        for stop in itinerary.stops:
            there = instance.point_of[stop.visit]
            now = max(now + _cut(instance.points, here, there), instance.windows[there, 1])
            if now > instance.windows[there, 2] + SLACK:
                raise WrongScore(f"{instance.name}: point {there} is begun at {now:g}, too late")
            now, here = now + instance.windows[there, 0], there
        if now + _cut(instance.points, here, 0) > instance.windows[0, 2] + SLACK:
            raise WrongScore(f"{instance.name}: route {itinerary.shift} is back too late")


def _check_ophs(instance: Instance, solution: Solution) -> None:
    """Follow the trips from the first hotel to the last."""
    points, base = instance.points[:, :2], len(instance.points)
    trips = sorted(solution.itineraries, key=lambda itinerary: itinerary.shift)
    here, is_over = 0, not trips
    for day, itinerary in enumerate(trips):
        first = 0 if itinerary.start in (None, base) else itinerary.start
        last = 1 if itinerary.end in (None, base) else itinerary.end
        if itinerary.shift != day or first != here or last >= instance.n_hotels or is_over:
            raise WrongScore(f"{instance.name}: trip {day + 1} does not go on from where it was")
        stops = [instance.point_of[stop.visit] for stop in itinerary.stops]
        length = sum(_apart(points, *leg) for leg in pairwise([first, *stops, last]))
        _check_length(instance, day, length)
        here, is_over = last, itinerary.end in (None, base)
    if not is_over:
        raise WrongScore(f"{instance.name}: the tour does not reach the last hotel")


def _check_trips(instance: Instance, solution: Solution) -> None:
    """Measure each trip between its two hotels; one without a stop is driven directly."""
    points, base = instance.points[:, :2], len(instance.points)
    stops = {i.shift: [instance.point_of[s.visit] for s in i.stops] for i in solution.itineraries}
    for k, shift in enumerate(instance.problem.shifts):
        first = 0 if shift.start == base else shift.start
        last = 1 if shift.end == base else shift.end
        route = [first, *stops.get(k, []), last]
        _check_length(instance, k, sum(_apart(points, *leg) for leg in pairwise(route)))


def _check_length(instance: Instance, route: int, length: float) -> None:
    limit = instance.limits[route]
    if length > limit + SLACK:
        raise WrongScore(f"{instance.name}: route {route} is {length:.9g} long, above {limit:g}")


def _apart(points: Floats, a: int, b: int) -> float:
    return math.dist(points[a], points[b])


def _cut(points: Floats, a: int, b: int) -> float:
    return math.floor(10 * math.dist(points[a, :2], points[b, :2]) + SLACK) / 10
