"""How far the people served may differ from what is expected: P10 and P90 of visits and of a plan.

The model, per visit and programme: of n people listed each comes with the same chance, so their
number is binomial; the chance differs from village to village around what the office expects
(beta, intra-class correlation ``spread_village``: the beta-binomial of Skellam 1948), and all
villages of a plan share an error, because the office's reachable share and turnout are estimates
(gamma factor of mean 1 and coefficient of variation ``spread_shared``; chances stay at most 1).
People whom a place gathers are Poisson around a gamma mean (``spread_gathered``), independent of
that error. Whoever comes is served as in ``worth.served_of``, so P90 knows the capacity.

The distribution of such sums has no closed form, so it is drawn, always with the same numbers:
the same plan has the same P10 and P90.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.worth import (
    DESK_PROGRAMMES,
    KIT_PROGRAMMES,
    ByProgramme,
    Crew,
    Need,
    Programme,
    ServiceMode,
    WorthParams,
    expected_arrivals,
    is_served,
    minutes_each,
    overhead_of,
    served_of,
    service_order,
)

Draws = npt.NDArray[np.float64]
N_DRAWS = 4_000
SEED = 20_261_122


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """One visit: who may come, and what serves them.

    ``minutes`` on site, breaks not counted; ``turnout`` as ``worth.turnout_of`` gives it, and
    ``turnout_again`` of people whom an earlier visit missed.
    """

    need: Need
    turnout: float
    minutes: float
    mode: ServiceMode
    crew: Crew
    params: WorthParams
    turnout_again: float = 0.0

    def arrivals(self) -> ByProgramme:
        """Expect people by programme who come."""
        return expected_arrivals(
            self.need, turnout=self.turnout, params=self.params, turnout_again=self.turnout_again
        )

    def served(self) -> dict[Programme, float]:
        """Expect people by programme who are served."""
        return served_of(
            self.arrivals(), minutes=self.minutes, mode=self.mode, crew=self.crew,
            params=self.params,
        )  # fmt: skip


def draw_served(
    visits: Sequence[Attendance],
    keys: Sequence[int] | None = None,
    *,
    n_draws: int = N_DRAWS,
    seed: int = SEED,
) -> list[dict[Programme, Draws]]:
    """Draw how many people of each programme every visit serves.

    ``keys`` tell visits apart whose chances have nothing to do with each other; None: their
    positions. The draws of a visit are the same whatever other visits there are.

    Returns
    -------
    list
        One table a visit, arrays of shape (n_draws,); position k of all arrays is one possible
        week, so sums over visits and programmes are made position by position.
    """
    return [
        draw_visit(visit, key, n_draws=n_draws, seed=seed)
        for visit, key in zip(visits, keys or range(len(visits)), strict=True)
    ]


def draw_visit(
    visit: Attendance, key: int, *, n_draws: int = N_DRAWS, seed: int = SEED
) -> dict[Programme, Draws]:
    """Draw one visit of ``draw_served``, which depends on it and its key alone."""
    shared = around_one(np.random.default_rng(seed), visit.params.spread_shared, n_draws)
    return served_draws(visit, _arrivals(visit, shared, np.random.default_rng((seed, key))))


def low_and_high(draws: Draws) -> tuple[float, float]:
    """Give P10 and P90: the least values that 10 % and 90 % of the draws do not exceed."""
    low, high = np.quantile(draws, (0.1, 0.9), method="inverted_cdf")
    return float(low), float(high)


def _arrivals(
    visit: Attendance, shared: Draws, random: np.random.Generator
) -> dict[Programme, Draws]:
    params, need = visit.params, visit.need
    found = {}
    for p in Programme:
        chance = params.reachable_share[p] * visit.turnout
        own = _come(need.listed[p], chance, shared, params.spread_village, random)
        near = params.neighbour_factor * chance
        neighbours = _come(need.neighbours[p], near, shared, params.spread_village, random)
        own += _come(need.missed[p], visit.turnout_again, shared, params.spread_village, random)
        near = params.neighbour_factor * visit.turnout_again
        own += _come(need.missed_neighbours[p], near, shared, params.spread_village, random)
        brought = need.gathered[p] * around_one(random, params.spread_gathered, len(shared))
        found[p] = own + neighbours + random.poisson(brought)
    return found


def _come(
    listed: float, chance: float, shared: Draws, correlation: float, random: np.random.Generator
) -> Draws:
    """Draw how many of the people listed come."""
    n = len(shared)
    if not listed or not chance:
        return np.zeros(n)
    people = whole_people(listed, random, n)
    chances = shares_around(chance * shared, correlation, random)
    return random.binomial(people, chances).astype(np.float64)


def whole_people(listed: float, random: np.random.Generator, n: int) -> npt.NDArray[np.int64]:
    """Draw ``n`` whole numbers of people, shape (n,); a fraction of a person is there by chance."""
    counted: npt.NDArray[np.int64] = np.floor(listed).astype(np.int64) + (
        random.random(n) < listed % 1
    )
    return counted


def shares_around(means: Draws, correlation: float, random: np.random.Generator) -> Draws:
    """Draw shares of villages around these means, at most 1: beta with this correlation."""
    chances = np.minimum(means, 1.0)
    if correlation == 0:
        return chances
    size = (1 - correlation) / correlation
    # A share of exactly 0 or 1 has no spread; beta wants both numbers above 0.
    tiny = 1e-12
    shares: Draws = random.beta(
        np.maximum(size * chances, tiny), np.maximum(size * (1 - chances), tiny)
    )
    return shares


def around_one(random: np.random.Generator, variation: float, n: int) -> Draws:
    """Draw factors of mean 1 and this coefficient of variation."""
    if variation == 0:
        return np.ones(n)
    return random.gamma(variation**-2, variation**2, n)


def served_draws(visit: Attendance, arrivals: Mapping[Programme, Draws]) -> dict[Programme, Draws]:
    """Serve as ``worth.served_of`` does, all draws at once."""
    params, n = visit.params, len(arrivals[Programme.KTP_EL])
    served = {p: np.zeros(n) for p in Programme}
    net = max(0.0, visit.minutes - overhead_of(visit.minutes, params))
    crew = visit.crew
    for programmes, places in ((KIT_PROGRAMMES, crew.kits), (DESK_PROGRAMMES, crew.desks)):
        left = np.full(n, net * places)
        for p in service_order(programmes, params):
            if is_served(p, visit.mode):
                each = minutes_each(p, visit.mode, params)
                served[p] = np.minimum(arrivals[p], left / each)
                left = np.maximum(0.0, left - served[p] * each)
    return served
