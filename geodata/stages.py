"""How the webs of a team are put together: the first vehicle's, and stages beyond it.

A place that a stage reaches is behind a *gateway*: the place where what moved the team so far is
left, and to which it comes back. Between two places behind one gateway the way stays in the stage's
web; between places behind different ones it leads through both, because the vehicle is fetched.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geodata.legs import Course, Lines, Stage
from geodata.paths import FloatArray, IntArray, Sums
from geodata.webs import BoolArray, Roads, Ways

Quantity = Callable[[Sums], FloatArray]


class Totals(NamedTuple):
    """What adds up along the paths of ``lines``: the sums of the first web, then of each stage."""

    lines: Lines
    sums: tuple[Sums, ...]

    def add_up(self, quantity: Quantity, *, only: int | None = None) -> FloatArray:
        """Sum a quantity between every two nodes of the first web that ways begin or end at.

        Parameters
        ----------
        quantity
            Gives a table by row and node of a web.
        only
            The position in ``sums`` of the web that counts; the others count as nothing.
        """

        def of(web: int) -> FloatArray:
            values = quantity(self.sums[web])
            return values if only in {None, web} else np.zeros_like(values)

        total = of(0)
        for web, stage in enumerate(self.lines.stages, 1):
            total = _beyond(total, of(web), stage)
        return total

    def ms(self) -> FloatArray:
        """Sum the time, milliseconds; infinite where there is no way."""
        return self.add_up(lambda sums: sums.ms)

    def is_reached(self, home: int) -> BoolArray:
        """Tell which nodes can be reached from ``home`` and come back from."""
        ms = self.ms()
        return np.asarray(np.isfinite(ms[home]) & np.isfinite(ms[:, home]))

    def with_stage(self, stage: Stage, sums: Sums) -> "Totals":
        """Go on beyond by one more web."""
        lines = replace(self.lines, stages=(*self.lines.stages, stage))
        return Totals(lines, (*self.sums, sums))


def _beyond(total: FloatArray, values: FloatArray, stage: Stage) -> FloatArray:
    """Lead the ways of the nodes beyond through their gateways."""
    beyond = np.flatnonzero(stage.row >= 0)
    row, base = stage.row[beyond], stage.base[beyond]
    back, out = np.zeros(len(stage.row)), np.zeros(len(stage.row))
    back[beyond] = values[row, stage.enter[beyond]]
    out[beyond] = values[stage.leave[beyond], row]
    total = back[:, None] + total[np.ix_(stage.base, stage.base)] + out[None, :]
    total[np.ix_(beyond, beyond)] = np.where(
        base[:, None] == base[None, :],
        values[np.ix_(row, row)],
        total[np.ix_(beyond, beyond)],
    )
    return total


class _Choice(NamedTuple):
    """The best gateway for each of some nodes, and the time by it there, and there and back."""

    gateway: IntArray
    there_ms: FloatArray
    round_ms: FloatArray


def _choose(
    out_ms: FloatArray, home_ms: FloatArray, there: FloatArray, back: FloatArray
) -> _Choice:
    """Choose by the time there.

    ``out_ms`` and ``home_ms`` are the times from the depot to each gateway and back; ``there`` and
    ``back``, with a row for each gateway, those beyond it.
    """
    is_both_ways = np.isfinite(home_ms)[:, None] & np.isfinite(back)
    out = np.where(is_both_ways, out_ms[:, None] + there, np.inf)
    best, at = np.argmin(out, axis=0), np.arange(out.shape[1])
    there_ms = out[best, at]
    return _Choice(best, there_ms, there_ms + back[best, at] + home_ms[best])


def second_stage(
    totals: Totals,
    home: int,
    items: IntArray,
    transfers: IntArray,
    graph: Roads,
    second: Ways,
    share: float,
) -> Totals:
    """Let the second vehicle take over where the first does not reach, or is much slower.

    Parameters
    ----------
    items, transfers
        The nodes of the first web that the rows of ``second`` are: places, then transfer places.
    share
        The second vehicle is taken when it needs at most this part of the first one's time.
    """
    first_ms, ms, n = totals.ms(), second.sums.ms, len(items)
    choice = _choose(first_ms[home, transfers], first_ms[transfers, home], ms[n:, :n], ms[:n, n:].T)
    own_ms = first_ms[home, items] + first_ms[items, home]
    is_own = np.isfinite(own_ms)
    worth_ms = share * np.where(is_own, own_ms, 0.0)
    is_better = np.isfinite(choice.there_ms) & (~is_own | (choice.round_ms <= worth_ms))
    is_better &= items != home
    row, best = np.flatnonzero(is_better), choice.gateway[is_better]
    course = Course(graph, second.network, second.manners)
    stage = _stage(
        len(first_ms), course, items[row], transfers[best], row, n + best, n + best, n + best
    )
    return totals.with_stage(stage, second.sums)


def passenger_stage(
    totals: Totals, home: int, items: IntArray, stops: IntArray, graph: Roads, passenger: Ways
) -> Totals:
    """Let people take scheduled links to what no vehicle of the team reaches.

    Parameters
    ----------
    items
        The nodes of the first web that the rows of ``passenger`` are; rows and nodes after them are
        numbered as ``webs.passenger_ways`` says.
    stops
        The nodes of the first web where each stop is boarded; two rows: by vehicle, on foot from
        the depot.
    """
    first_ms, n, k = totals.ms(), len(items), stops.shape[1]
    out_ms = np.where(np.isfinite(first_ms[stops, home]), first_ms[home, stops], np.inf)
    gateway = stops[np.argmin(out_ms, axis=0), np.arange(k)]
    ms, passes = passenger.sums.ms, passenger.sums.passes
    leave, leave_node, enter = (n + np.arange(k) + more for more in (0, k, 2 * k))
    # A link that only brings people back to where they got on does not help them further.
    there = np.where(passes[leave, :n], np.inf, ms[leave, :n])
    choice = _choose(first_ms[home, gateway], first_ms[gateway, home], there, ms[:n, enter].T)
    row = np.flatnonzero(np.isfinite(choice.there_ms))
    best = choice.gateway[row]
    course = Course(graph, passenger.network, passenger.manners)
    stage = _stage(
        len(first_ms), course, items[row], gateway[best], row,
        leave[best], leave_node[best], enter[best],
    )  # fmt: skip
    return totals.with_stage(stage, passenger.sums)


def _stage(n_nodes: int, course: Course, nodes: IntArray, base: IntArray, *rest: IntArray) -> Stage:
    """Make a stage that reaches ``nodes``; ``rest`` as in ``Stage``, one value each."""
    arrays = [np.arange(n_nodes), *(np.full(n_nodes, -1) for _ in rest)]
    for array, values in zip(arrays, (base, *rest), strict=True):
        array[nodes] = values
    return Stage(course, *arrays)
