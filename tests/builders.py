"""Problems with sane defaults; a test states only what it is about."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from routing.problem import KitPool, Problem, Shift, TimeWindow, TravelMatrix, Visit, VisitOption

HOUR = 3600
DAY = 24 * HOUR


def make_matrix(
    durations: Sequence[Sequence[int]] | np.ndarray,
    distances: Any = None,
    costs: Any = None,
    reachable: Any = None,
) -> TravelMatrix:
    """Travel between nodes; 10 m a second and no cost unless told."""
    d = np.asarray(durations, dtype=np.int64)
    return TravelMatrix(
        durations=d,
        distances=10 * d if distances is None else np.asarray(distances, dtype=np.int64),
        costs=np.zeros_like(d) if costs is None else np.asarray(costs, dtype=np.int64),
        reachable=np.ones(d.shape, bool) if reachable is None else np.asarray(reachable, bool),
    )


def line_matrix(*positions: int, **kwargs: Any) -> TravelMatrix:
    """Nodes on a straight road, ``positions`` in seconds of travel."""
    p = np.asarray(positions, dtype=np.int64)
    return make_matrix(np.abs(p[:, None] - p[None, :]), **kwargs)


def make_visit(node: int, **kwargs: Any) -> Visit:
    """An hour worth 1000 thousandths to one crew, unless told otherwise."""
    duration, prize = kwargs.pop("duration", HOUR), kwargs.pop("prize", 1000)
    options = kwargs.pop("options", ((duration, prize),))
    made = tuple(
        VisitOption(duration=d, prizes=p if isinstance(p, tuple) else (p,)) for d, p in options
    )
    return Visit(node=node, options=made, **kwargs)


def make_shift(**kwargs: Any) -> Shift:
    """A day from 0 to 8 h that starts and ends at node 0, crew 0, no breaks, no cost."""
    start, end = kwargs.pop("hours", (0, 8))
    window = TimeWindow(start=int(start * HOUR), end=int(end * HOUR))
    values: dict[str, Any] = {
        "team": 0, "window": window, "start": 0, "end": 0, "matrix": 0, "crew": 0,
    }  # fmt: skip
    return Shift(**(values | kwargs))


def make_problem(
    visits: Sequence[Visit], shifts: Sequence[Shift] | None = None, **kwargs: Any
) -> Problem:
    """One shift on a road with a node every ten minutes, unless told otherwise."""
    if "matrices" not in kwargs:
        n = 1 + max((v.node for v in visits), default=0)
        kwargs["matrices"] = (line_matrix(*(600 * i for i in range(n))),)
    n_crews = len(visits[0].options[0].prizes) if visits else 1
    made = (make_shift(),) if shifts is None else tuple(shifts)
    return Problem(visits=tuple(visits), shifts=made, **({"n_crews": n_crews} | kwargs))


def regency(
    *, n_villages: int = 185, n_teams: int = 5, n_days: int = 5, seed: int = 0,
    rupiah_per_document: int | None = 2_000_000,
) -> Problem:  # fmt: skip
    """A week like a real regency's: clustered villages, three lengths of visit, lunch and Friday
    prayer, a third of the villages without signal, one satellite kit a base and day."""
    rng = np.random.default_rng(seed)
    n_bases = max(1, n_teams // 2)
    centres = rng.uniform(0, 110_000, (n_bases + 4, 2))
    villages = centres[rng.integers(0, len(centres), n_villages)]
    villages = villages + rng.normal(0, 15_000, villages.shape)
    points = np.vstack([centres[:n_bases], villages])
    metres = 1.35 * np.linalg.norm(points[:, None] - points[None, :], axis=2)
    distances = np.rint(metres).astype(np.int64)
    matrix = make_matrix(
        np.rint(metres / (30 / 3.6)).astype(np.int64), distances, distances * 2
    )  # 30 km/h, Rp 2,000 a km
    visits = []
    for i in range(n_villages):
        need, has_signal = rng.gamma(1.2, 25.0), rng.random() > 1 / 3
        options = []
        for minutes, overhead in ((120, 45), (240, 90), (360, 90)):
            by_kits = [int(1000 * min(0.3 * need, (minutes - overhead) / 7 * k)) for k in (1, 2)]
            without = by_kits if has_signal else [0, 0]
            options.append((minutes * 60, (*without, *by_kits)))
        visits.append(make_visit(n_bases + i, options=options))
    shifts = []
    for day in range(n_days):
        lunch = (11.5, 13.0) if day % 7 == 4 else (12.0, 13.0)
        for team in range(n_teams):
            base = team % n_bases
            pause = TimeWindow(
                start=int(day * DAY + lunch[0] * HOUR), end=int(day * DAY + lunch[1] * HOUR)
            )
            shifts.append(
                make_shift(
                    team=team, hours=(24 * day + 7.5, 24 * day + 17), start=base, end=base,
                    crew=team % 2, crew_with_kit=2 + team % 2, kit_pool=day * n_bases + base,
                    breaks=(pause,), fixed_cost=640_000,
                )
            )  # fmt: skip
    return make_problem(
        visits, shifts, matrices=(matrix,), rupiah_per_document=rupiah_per_document,
        kit_pools=tuple(KitPool(capacity=1) for _ in range(n_days * n_bases)),
    )  # fmt: skip
