"""Hub sessions: a session in a village that also serves neighbours near enough to come.

For every village with neighbours the week offers a second service point at the same place, which
serves them too. Each village is served by one session at most (``routing.ServedOnce``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.points import Point
from geodata.graph import distances_m

SUFFIX = "-hub"
MOST_NEIGHBOURS = 3
"""A hub serves up to four villages (domain.md 8)."""


def with_hubs(points: Sequence[Point], params: Mapping[str, Any]) -> list[Point]:
    """Give the points of a week, hubs after them where the plan asks for hubs.

    Neighbours lie at most ``hub_km`` kilometres away, measured straight; of more than three the
    nearest come.
    """
    km = params.get("hub_km")
    own = [point for point in points if not point.gathers and point.village_code in point.serves]
    if not km or len(own) < 2:
        return list(points)
    places = np.array([(point.lon, point.lat) for point in own])
    hubs = []
    for n, point in enumerate(own):
        away = distances_m(np.broadcast_to(places[n], places.shape), places)
        away[n] = np.inf
        order = np.argsort(away, kind="stable")
        near = [int(i) for i in order if away[i] <= 1000 * km][:MOST_NEIGHBOURS]
        if near:
            serves = (*point.serves, *(code for i in near for code in own[i].serves))
            hubs.append(replace(point, code=point.code + SUFFIX, serves=serves, is_hub=True))
    return [*points, *hubs]
