"""Who is to be served at each service point: the need of the villages, each counted once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from app.current import CurrentCount
from app.points import Point
from app.results.left import Since, left_of
from geodata.columns import COUNT_COLUMNS
from routing import ByProgramme, Counts, Need, Programme, WorthParams, hub_need, listed_need


def village_needs(
    counts: Mapping[str, CurrentCount],
    on: date,
    params: WorthParams,
    reported: Mapping[str, Since] | None = None,
    params_of: Callable[[str], WorthParams] | None = None,
) -> dict[str, Need]:
    """List the need of every village that has counts, on a day.

    Parameters
    ----------
    reported
        By village, what was reported of it since it was counted: taken off (``results.left``).
    params_of
        What holds in a village, where that differs from ``params``.
    """
    found = {code: imported_need(count, on, params) for code, count in counts.items()}
    for code, since in (reported or {}).items():
        if code in found:
            own = params_of(code) if params_of is not None else params
            before = imported_need(counts[code], min(on, since.last_day), params)
            found[code] = left_of(before, found[code], since, own)
    return found


def imported_need(count: CurrentCount, on: date, params: WorthParams) -> Need:
    """List the need of a village by its counts alone, whatever was reported since."""
    told = Counts(**{name: getattr(count, name) for name in COUNT_COLUMNS})
    return listed_need(told, as_of=count.as_of, on=on, params=params)


def point_needs(points: Sequence[Point], villages: Mapping[str, Need]) -> list[Need | None]:
    """List who is to be served at each point.

    A village counts at the point that serves it: its own people with the usual turnout, those who
    must travel there with less. Whoever a school, company or prison expects of the villages it
    names is served there, and taken off the need of these villages, in proportion to it.

    Returns
    -------
    list
        None where nothing is known: no village served there has counts, and nobody is expected.
    """
    left = dict(villages)
    for point in points:
        if point.gathers and point.expected:
            left |= _taken_off(point, left)
    return [_need(point, left) for point in points]


def _need(point: Point, villages: Mapping[str, Need]) -> Need | None:
    gathered = ByProgramme(**{p.value: float(point.expected.get(p, 0)) for p in Programme})
    served = () if point.gathers else point.serves
    own = [villages[code] for code in served if code == point.village_code and code in villages]
    others = [villages[code] for code in served if code != point.village_code and code in villages]
    if not own and not others and not point.expected:
        return None
    return hub_need(own, others, gathered)


def _taken_off(point: Point, villages: Mapping[str, Need]) -> dict[str, Need]:
    """Give the villages that a point names, less the people it expects of them."""
    named = {code: villages[code] for code in point.serves if code in villages}
    shares = {}
    for programme in Programme:
        listed = sum(need.listed[programme] + need.missed[programme] for need in named.values())
        expected = point.expected.get(programme, 0)
        shares[programme] = min(1.0, expected / listed) if listed else 0.0
    return {
        code: need.scaled(ByProgramme(**{p.value: 1 - shares[p] for p in Programme}))
        for code, need in named.items()
    }
