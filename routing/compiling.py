"""Compile the loops of pricing once, in a thread, so that a search can go on meanwhile.

Compiled code is kept beside the source, or in the user's cache where that cannot be written.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from routing.problem import (
    Allowance,
    KitPool,
    Problem,
    Shift,
    TimeWindow,
    TravelMatrix,
    Visit,
    VisitOption,
)

_lock = threading.Lock()
_loading: Future[None] | None = None


def compile_kernels() -> None:
    """Compile every kernel, or load it from the cache, by pricing a tiny problem."""
    # Imported here: loading the compiler takes longer than most commands.
    from routing.insertion import Insertions
    from routing.pricing import Pricer
    from routing.run import Run, SolveParams
    from routing.search import Shaker
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


def loading() -> Future[None]:
    """Start to compile in a thread, once in a process; done when pricing can be called."""
    global _loading
    with _lock:
        if _loading is None:
            _loading = Future()
            threading.Thread(target=_load, args=(_loading,), daemon=True).start()
        return _loading


def _load(future: Future[None]) -> None:
    try:
        compile_kernels()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(None)


def _tiny() -> Problem:
    """Two visits beside each other, each worth one."""
    times = np.ones((3, 3), dtype=np.int64)
    matrix = TravelMatrix(
        durations=times, distances=times, costs=times, reachable=np.ones((3, 3), dtype=bool)
    )
    shift = Shift(
        team=0, window=TimeWindow(start=0, end=100), start=0, end=0, matrix=0, crew=0,
        crew_with_kit=0, kit_pool=0, breaks=(TimeWindow(start=40, end=50),),
        allowances=(Allowance(longer_than=99, cost=1),),
    )  # fmt: skip
    visits = [Visit(node=n, options=(VisitOption(duration=5, prizes=(1,)),)) for n in (1, 2)]
    return Problem(
        visits=tuple(visits), shifts=(shift,), matrices=(matrix,), n_crews=1,
        kit_pools=(KitPool(capacity=1),),
    )  # fmt: skip
