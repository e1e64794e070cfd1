"""An integer choice among columns while a run goes on: cut short by its clock, and replayable."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from routing.columns.master import Choosing, Column, Key
from routing.insertion import Insertions
from routing.run import FOREVER_S, Run
from routing.shift_types import ShiftTypes

BACKSTOP_S = 1.0
"""A choice that does not hear when it is interrupted ends so much later."""


def chosen(
    insertions: Insertions, types: ShiftTypes, run: Run, threads: ThreadPoolExecutor,
    columns: Sequence[Column], hint: set[Key], *, time_s: float,
    kept: Sequence[Column] = (), nodes: int | None = None,
) -> tuple[list[Column] | None, float]:  # fmt: skip
    """Choose the best of some columns beside others that are kept.

    Parameters
    ----------
    hint
        Keys of columns to begin with.
    time_s
        Seconds after which the choice is cut short; a replay knows what it had found then.
    nodes
        Most nodes of the tree to look at, None for any number.

    Returns
    -------
    tuple
        The columns chosen, None when there is no choice, and a bound on any choice.
    """
    questions, whole = run.questions, [*columns, *kept]
    known = questions.choice()
    if known is not None:
        questions.is_over(lambda: True)
        positions, bound = known
        return None if positions is None else [whole[i] for i in positions], bound
    number = questions.number
    choosing = Choosing(insertions, types, columns, hint, kept, run.is_told)
    if choosing.is_cut:
        questions.cut_short(number, None, math.inf)
        questions.is_over(lambda: True)
        return None, math.inf
    if nodes is not None:
        choosing.limit(nodes)
    # In a replay time does not count: whatever is not known to be cut short ends by itself.
    allowed_s = FOREVER_S if questions.is_replay else time_s + BACKSTOP_S
    future = threads.submit(choosing.solve, allowed_s)
    is_whole = run.wait([future], choosing.interrupt, time_s)
    found, bound = future.result()
    if is_whole:
        run.n_nodes += choosing.n_nodes
    else:
        # Not by key: among the columns there may be a worse one with the key of a chosen one.
        at = {id(column): i for i, column in enumerate(whole)}
        chosen_at = None if found is None else tuple(at[id(column)] for column in found)
        questions.cut_short(number, chosen_at, bound)
    return found, bound
