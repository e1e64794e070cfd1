"""Compile the loops of pricing once, in a thread, so that a search can go on meanwhile.

Compiled code is kept beside the source, or in the user's cache where that cannot be written.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from routing.problem import (
    DAY_S,
    Allowance,
    Away,
    KitPool,
    Night,
    Problem,
    Shift,
    TimeWindow,
    TravelMatrix,
    Visit,
    VisitOption,
)

_lock = threading.Lock()
_loading: dict[str, Future[None]] = {}


def compile_kernels() -> None:
    """Compile every kernel, or load it from the cache, by pricing a tiny problem."""
    # Imported here: loading the compiler takes longer than most commands.
    from routing.columns.pricing import Pricer
    from routing.heuristics.search import Shaker
    from routing.insertion import Insertions
    from routing.run import Run, SolveParams
    from routing.shift_types import shift_types

    insertions = Insertions(_tiny())
    types = shift_types(insertions.problem)
    run = Run(insertions, SolveParams(time_limit_s=3600), None, None)
    with ThreadPoolExecutor(1) as thread:
        Shaker(insertions, types, 0).call(run, thread)
    if run.best.made != {0, 1}:
        raise AssertionError(f"compiled ruin and recreate is wrong: {run.best.choices}")
    pricer = Pricer(insertions, types.types[0], with_kit=True)
    duals, stop = np.zeros(2), np.zeros(1, dtype=bool)
    priced = pricer.price(duals, 0.0, stop)
    routes = pricer.enumerate(duals, 0.0, 3.0, stop)
    if priced.best != 2.0 or routes is None or len(routes) != 3:
        raise AssertionError(f"compiled pricing is wrong: {priced}, {routes}")


def compile_tours() -> None:
    """Compile the kernels of tours, or load them from the cache, by planning a tiny problem."""
    from routing.insertion import Insertions
    from routing.run import Run, SolveParams
    from routing.shift_types import shift_types
    from routing.tours.tour_pricing import TourPricer
    from routing.tours.tour_search import TourShaker

    insertions = Insertions(_tiny(n_days=2))
    run = Run(insertions, SolveParams(time_limit_s=3600), None, None)
    with ThreadPoolExecutor(1) as thread:
        TourShaker(insertions, shift_types(insertions.problem), 0).call(run, thread)
    if run.best.made != {0, 1}:
        raise AssertionError(f"compiled search for tours is wrong: {run.best.choices}")
    pricer = TourPricer(insertions, (0, 1), with_kit=True)
    asked = np.zeros(2), np.zeros(2), 0.0, np.zeros(1, dtype=bool)
    priced, sampled = pricer.price(*asked), pricer.sample(*asked)
    if priced.spans is None or priced.spans[0, 1] != 2.0 or sampled.tours[0].value != 2.0:
        raise AssertionError(f"compiled pricing of tours is wrong: {priced}, {sampled}")
    duals, entry, floor, stop = asked
    listed = pricer.enumerate(duals, entry, floor, 2.0, stop)
    if listed is None or sorted(tour.value for tour in listed) != [1.0, 1.0, 2.0]:
        raise AssertionError(f"compiled listing of tours is wrong: {listed}")


def compile_long() -> None:
    """Compile the kernels of the search for long routes, or load them, on a tiny problem."""
    from routing.insertion import Insertions
    from routing.long.long_search import LongSearch
    from routing.run import Run, SolveParams
    from routing.shift_types import shift_types

    insertions = Insertions(_tiny())
    run = Run(insertions, SolveParams(time_limit_s=3600), None, None)
    search = LongSearch(insertions, shift_types(insertions.problem), 0)
    with ThreadPoolExecutor(2) as threads:
        search.call(run, threads)
    if run.best.made != {0, 1}:
        raise AssertionError(f"compiled search for long routes is wrong: {run.best.choices}")


def loading(*, nights: bool = False, long: bool = False) -> Future[None]:
    """Start to compile in a thread, once in a process; done when pricing can be called.

    With ``nights`` the kernels of tours as well; with ``long`` those for long routes instead.
    """
    key = "long" if long else "tours" if nights else "days"
    with _lock:
        if key not in _loading:
            future: Future[None] = Future()
            _loading[key] = future
            threading.Thread(target=_load, args=(future, key), daemon=True).start()
        return _loading[key]


def _load(future: Future[None], key: str) -> None:
    try:
        if key == "long":
            compile_long()
        else:
            compile_kernels()
        if key == "tours":
            compile_tours()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(None)


def _tiny(n_days: int = 1) -> Problem:
    """Two visits beside each other, each worth one; with two days a tour over both."""
    times = np.ones((3, 3), dtype=np.int64)
    np.fill_diagonal(times, 0)
    matrix = TravelMatrix(
        durations=times, distances=times, costs=times, reachable=np.ones((3, 3), dtype=bool)
    )
    shifts = [
        Shift(
            team=0, window=_span(day, 0, 100), start=0, end=0, matrix=0, crew=0,
            crew_with_kit=0, kit_pool=0, breaks=(_span(day, 40, 50),),
            allowances=(Allowance(longer_than=99, cost=1),),
            away=Away(window=_span(day, 0, 100)) if n_days > 1 else None,
            night=Night(morning=day + 1, nodes=(1,)) if day + 1 < n_days else None,
        )
        for day in range(n_days)
    ]  # fmt: skip
    visits = [Visit(node=n, options=(VisitOption(duration=5, prizes=(1,)),)) for n in (1, 2)]
    return Problem(
        visits=tuple(visits), shifts=tuple(shifts), matrices=(matrix,), n_crews=1,
        kit_pools=(KitPool(capacity=1),),
    )  # fmt: skip


def _span(day: int, start: int, end: int) -> TimeWindow:
    return TimeWindow(start=day * DAY_S + start, end=day * DAY_S + end)
