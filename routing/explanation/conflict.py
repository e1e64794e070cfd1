"""Why no plan keeps to every rule: a set of rules that contradict each other, none to spare.

The set is found with QuickXplain (Junker 2004, "QUICKXPLAIN: Preferred explanations and relaxations
for over-constrained problems", AAAI): halves of the rules are taken away as long as the rest is
proven to contradict itself. Hours and travel are never taken away: they are facts.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np

from routing.bounds import impossible_required
from routing.problem import KitPool, Problem, Visit
from routing.rules import KeepPublished
from routing.solution import Clash, ClashKind, Contradiction

SPARED_VISITS = 400
"""With more visits, those that nobody asks for are not looked through for ways past them."""


Oracle = Callable[[Problem], bool | None]
"""Whether it is proven that no plan keeps to every rule; None when that is not known."""


def contradiction(problem: Problem, oracle: Oracle) -> Contradiction:
    """Find the rules that contradict each other, in a problem that is known to have no plan."""
    impossible = impossible_required(problem)
    asked = _asked(problem)
    rules = rules_of(problem, asked)
    if impossible:
        v = impossible[0]
        rules = [clash for clash in rules if clash.position == v and clash.kind in _OF_VISIT]
    return _Search(_bare(problem), asked, oracle).run(rules)


def rules_of(problem: Problem, asked: Collection[int]) -> list[Clash]:
    """List every rule that may be taken away, what is asked for last.

    Of visits only those of ``asked`` are looked at.
    """
    takers = Counter(shift.kit_pool for shift in problem.shifts)
    found = [
        Clash(kind=ClashKind.KITS, position=p)
        for p, pool in enumerate(problem.kit_pools)
        if pool.capacity < takers[p]
    ]
    for v, visit in enumerate(problem.visits):
        if v not in asked:
            continue
        if visit.shifts is not None:
            found.append(Clash(kind=ClashKind.SHIFTS, position=v))
        if visit.windows:
            found.append(Clash(kind=ClashKind.WINDOWS, position=v))
    hard = sorted({row.rule for row in problem.rows if row.price is None})
    found += [Clash(kind=ClashKind.RULE, position=r) for r in hard]
    found += [
        Clash(kind=ClashKind.REQUIRED, position=v)
        for v, visit in enumerate(problem.visits)
        if visit.required
    ]
    return found


_OF_VISIT = {ClashKind.REQUIRED, ClashKind.SHIFTS, ClashKind.WINDOWS}


def relaxed(problem: Problem, asked: Collection[int], kept: Sequence[Clash]) -> Problem:
    """Take every rule away that is not among those kept; prices of rules go as well.

    Visits that are not in ``asked`` are not made.
    """
    keeps = set(kept)

    def is_kept(kind: ClashKind, position: int) -> bool:
        return Clash(kind=kind, position=position) in keeps

    def visit(v: int, x: Visit) -> Visit:
        return replace(
            x,
            required=x.required and is_kept(ClashKind.REQUIRED, v),
            shifts=_shifts(x, v in asked, is_kept(ClashKind.SHIFTS, v)),
            windows=x.windows if is_kept(ClashKind.WINDOWS, v) else (),
        )

    enough = KitPool(capacity=len(problem.shifts))
    return replace(
        problem,
        visits=tuple(visit(v, x) for v, x in enumerate(problem.visits)),
        kit_pools=tuple(
            pool if is_kept(ClashKind.KITS, p) else enough
            for p, pool in enumerate(problem.kit_pools)
        ),
        rules=tuple(
            replace(rule, price=0) if isinstance(rule, KeepPublished) else rule
            for r, rule in enumerate(problem.rules)
            if is_kept(ClashKind.RULE, r)
        ),
    )


def _shifts(visit: Visit, is_asked: bool, is_kept: bool) -> frozenset[int] | None:
    if not is_asked:
        return frozenset()
    return visit.shifts if is_kept else None


def _asked(problem: Problem) -> set[int]:
    """Find the visits that a plan that keeps to all rules may need."""
    if len(problem.visits) > SPARED_VISITS or not _are_ways_direct(problem):
        return set(range(len(problem.visits)))
    asked = {v for v, visit in enumerate(problem.visits) if visit.required}
    for row in problem.rows:
        for term in row.terms if row.least is not None else ():
            asked |= set(np.flatnonzero(term.amounts.any(axis=(0, 2))).tolist())
    return asked


def _bare(problem: Problem) -> Problem:
    """Leave only the question whether there is a plan: nothing is worth or costs anything."""
    nothing = (0,) * problem.n_crews
    visits = tuple(
        replace(visit, options=tuple(replace(o, prizes=nothing) for o in visit.options))
        for visit in problem.visits
    )
    return replace(problem, visits=visits, rupiah_per_document=None)


def _are_ways_direct(problem: Problem) -> bool:
    """Whether no way, nor its cost, gets better by passing another visit."""
    nodes = {visit.node for visit in problem.visits}
    for matrix in problem.matrices:
        for part in (matrix.durations, matrix.costs):
            far = np.where(matrix.reachable, part, 2**40)
            if any((far > far[:, [k]] + far[[k], :]).any() for k in nodes):
                return False
    return True


class _Search:
    """QuickXplain over the rules of one problem."""

    def __init__(self, problem: Problem, asked: Collection[int], oracle: Oracle) -> None:
        self._problem, self._asked, self._oracle = problem, asked, oracle
        self._is_minimal = True

    def run(self, rules: list[Clash]) -> Contradiction:
        """Find a part of the rules that contradicts itself, none of it to spare."""
        found = self._explain([], False, rules)
        return Contradiction(rules=tuple(found), is_minimal=self._is_minimal)

    def _explain(self, kept: list[Clash], has_grown: bool, rest: list[Clash]) -> list[Clash]:
        """Give a least part of ``rest`` that contradicts itself together with ``kept``."""
        if has_grown and self._contradicts(kept):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        of_second = self._explain(kept + first, bool(first), second)
        of_first = self._explain(kept + of_second, bool(of_second), first)
        return of_first + of_second

    def _contradicts(self, kept: list[Clash]) -> bool:
        answer = self._oracle(relaxed(self._problem, self._asked, kept))
        if answer is None:
            self._is_minimal = False
        return answer is True
