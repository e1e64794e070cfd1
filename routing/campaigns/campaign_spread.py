"""How a campaign may go: many possible courses of the same visits, drawn with ``spread``'s model.

In one course all villages share the error of the office's estimates, a place has one share of
people that can be reached for all its visits, and whoever can be reached comes to the first with
the first turnout and to later ones with the second. A single visit has the very distribution of
``spread.draw_served``, but that its share of people cannot exceed 1 before turnout.
"""

import numpy as np

from routing.campaigns.campaign import Campaign, Plans, made_of
from routing.campaigns.revisits import meetings
from routing.spread import (
    N_DRAWS,
    SEED,
    Attendance,
    Draws,
    around_one,
    served_draws,
    shares_around,
    whole_people,
)
from routing.worth import Need, Programme, WorthParams


def draw_campaign(
    campaign: Campaign, plans: Plans, *, n_draws: int = N_DRAWS, seed: int = SEED
) -> dict[Programme, Draws]:
    """Draw whom a campaign serves in each week.

    Returns
    -------
    dict
        By programme an array of shape (weeks, n_draws); position k of all is one possible course.
    """
    random = np.random.default_rng(seed)
    total = {p: np.zeros((len(campaign.weeks), n_draws)) for p in Programme}
    made = made_of(campaign, plans)
    if not made:
        return total
    params = next(iter(made.values()))[0][1].params
    shared = around_one(random, params.spread_shared, n_draws)
    for v in sorted(made):
        place = _Place(shared, random)
        for meeting in meetings(campaign.needs(v), made[v]):
            for p, served in place.served(meeting.visit).items():
                total[p][meeting.week] += served
    return total


class _Place:
    """One place in all courses at once: whom earlier visits listed, and who of them is left."""

    def __init__(self, shared: Draws, random: np.random.Generator) -> None:
        self._shared, self._random = shared, random
        self._shares: dict[tuple[Programme, bool], Draws] = {}
        self._missed = {(p, near): np.zeros(len(shared)) for p in Programme for near in (0, 1)}
        self._gathered: dict[Programme, Draws] = {}

    def served(self, visit: Attendance) -> dict[Programme, Draws]:
        """Draw one visit, and keep who is left after it."""
        come = {p: self._come(p, visit) for p in Programme}
        arrivals = {p: sum(groups, np.zeros(len(self._shared))) for p, groups in come.items()}
        served = served_draws(visit, arrivals)
        for p in Programme:
            # Whoever came and was not served goes back to those who are left.
            back = 1 - np.divide(
                served[p], arrivals[p], out=np.ones(len(arrivals[p])), where=arrivals[p] > 0
            )
            for near in (0, 1):
                self._missed[p, near] += np.round(back * come[p][near])
            self._gathered[p] = back * come[p][2]
        return served

    def _come(self, p: Programme, visit: Attendance) -> tuple[Draws, Draws, Draws]:
        """Draw who comes: people of the place, neighbours, people it gathers."""
        need, params = visit.need, visit.params
        groups = []
        for near, listed in ((0, need.listed[p]), (1, need.neighbours[p])):
            factor = params.neighbour_factor if near else 1.0
            new = self._random.binomial(
                whole_people(listed, self._random, len(self._shared)),
                self._share(p, near, params, visit.turnout * factor),
            ).astype(np.float64)
            first = self._thinned(new, visit.turnout * factor)
            again = self._thinned(self._missed[p, near], visit.turnout_again * factor)
            self._missed[p, near] += new - first - again
            groups.append(first + again)
        return groups[0], groups[1], self._gather(p, need, params)

    def _gather(self, p: Programme, need: Need, params: WorthParams) -> Draws:
        if p not in self._gathered:
            around = around_one(self._random, params.spread_gathered, len(self._shared))
            self._gathered[p] = self._random.poisson(need.gathered[p] * around).astype(np.float64)
        return self._gathered[p]

    def _thinned(self, people: Draws, chance: float) -> Draws:
        counted = np.maximum(people, 0).astype(np.int64)
        return self._random.binomial(counted, chance).astype(np.float64)

    def _share(self, p: Programme, near: int, params: WorthParams, turnout: float) -> Draws:
        """Draw the share that can be reached, once for all visits of the place."""
        key = p, bool(near)
        if key not in self._shares:
            mean = params.reachable_share[p] * turnout * self._shared
            come = shares_around(mean, params.spread_village, self._random)
            self._shares[key] = np.minimum(come / turnout, 1.0) if turnout else np.zeros(len(come))
        return self._shares[key]
