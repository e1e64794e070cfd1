"""Every plan of a tiny problem with rules over the whole plan; shares no code with routing."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations, product

from hypothesis import strategies as st

from routing.problem import Problem
from routing.rules import Blanks, Budget, Fairness, KeepPublished, Rule, ServedOnce
from tests.routing.brute import Choices, problems, shift_merit

Way = tuple[frozenset[tuple[int, int]], bool, int]
"""Visits with their options, whether a kit comes along, and the rupiah."""
Plan = list[Way]


def ways(problem: Problem, s: int) -> dict[Way, Fraction]:
    """Value of the best order of every way to drive one shift."""
    found: dict[Way, Fraction] = {(frozenset(), False, 0): Fraction(0)}
    kits = (False,) if problem.shifts[s].kit_pool is None else (False, True)
    priced = replace(problem, rupiah_per_document=1000, rules=())
    for choices in _sequences(problem):
        for kit in kits:
            value = shift_merit(problem, s, kit, choices)
            if value is None:
                continue
            crew = problem.shifts[s].crew_with_kit if kit else problem.shifts[s].crew
            prize = sum(problem.visits[v].options[o].prizes[crew or 0] for v, o in choices)
            net = shift_merit(priced, s, kit, choices)  # at a thousandth for a rupiah
            assert net is not None
            way = (frozenset(choices), kit, int(prize - net))
            found[way] = max(value, found.get(way, value))
    return found


def _sequences(problem: Problem) -> Iterator[Choices]:
    n = len(problem.visits)
    for size in range(1, n + 1):
        for made in combinations(range(n), size):
            for order in permutations(made):
                lengths = (range(len(problem.visits[v].options)) for v in order)
                for options in product(*lengths):
                    yield tuple(zip(order, options, strict=True))


def optimum(problem: Problem) -> Fraction | None:
    """Best value of any plan that keeps to every rule; None when there is none."""
    best: Fraction | None = None
    by_shift = [list(ways(problem, s).items()) for s in range(len(problem.shifts))]
    for plan in product(*by_shift):
        made = [v for (choices, _, _), _ in plan for v, _ in choices]
        if len(made) != len(set(made)):
            continue
        missing = {v for v, x in enumerate(problem.visits) if x.required} - set(made)
        if missing or _kits_over(problem, [way for way, _ in plan]):
            continue
        penalties = [_penalty(problem, rule, [way for way, _ in plan]) for rule in problem.rules]
        if None in penalties:
            continue
        value = sum((value for _, value in plan), Fraction(0)) - sum(p or 0 for p in penalties)
        best = value if best is None else max(best, value)
    return best


def _kits_over(problem: Problem, plan: Plan) -> bool:
    for k, pool in enumerate(problem.kit_pools):
        taken = [s for s, (_, kit, _) in enumerate(plan) if kit and problem.shifts[s].kit_pool == k]
        if len(taken) > pool.capacity:
            return True
    return False


def _penalty(problem: Problem, rule: Rule, plan: Plan) -> int | None:
    """Thousandths that a plan pays for a rule, None when it breaks it."""
    made = {(v, s) for s, (choices, _, _) in enumerate(plan) for v, _ in choices}
    if isinstance(rule, Budget):
        spent = sum(
            rupiah for s, (_, _, rupiah) in enumerate(plan)
            if rule.shifts is None or s in rule.shifts
        )  # fmt: skip
        return 0 if spent <= rule.limit else None
    if isinstance(rule, Blanks):
        cards = 0
        for s, (choices, kit, _) in enumerate(plan):
            crew = problem.shifts[s].crew_with_kit if kit else problem.shifts[s].crew
            cards += sum(rule.cards[v][o][crew or 0] for v, o in choices)
        return 0 if cards <= 1000 * rule.stock else None
    if isinstance(rule, ServedOnce):
        n = n_serving = 0
        for s, (choices, kit, _) in enumerate(plan):
            crew = problem.shifts[s].crew_with_kit if kit else problem.shifts[s].crew
            for v, o in choices:
                n += (v, o) in rule.sessions
                n_serving += (v, o) in rule.sessions and (v, crew) not in rule.idle
        return 0 if n <= 1 and (n_serving == 1 or not rule.is_required) else None
    if isinstance(rule, Fairness):
        crews = [
            problem.shifts[s].crew_with_kit if kit else problem.shifts[s].crew
            for s, (_, kit, _) in enumerate(plan)
        ]
        served = {v for v, s in made if (v, crews[s]) not in rule.idle}
        short = max(0, rule.at_least - len(served & rule.visits))
        if rule.price is None:
            return None if short else 0
        return rule.price * short
    changed = len(rule.stops - made)
    if rule.max_changes is not None and changed > rule.max_changes:
        return None
    return rule.price * changed


@st.composite
def rules(draw: st.DrawFn, problem: Problem) -> Rule:
    """Any rule over the visits and shifts of a problem."""
    visit = st.integers(0, len(problem.visits) - 1)
    shift = st.integers(0, len(problem.shifts) - 1)
    some = st.none() | st.frozensets(shift, min_size=1)
    kind = draw(st.sampled_from([Budget, Blanks, Fairness, KeepPublished, ServedOnce]))
    if kind is Budget:
        return Budget(limit=draw(st.integers(0, 90)), shifts=draw(some))
    if kind is Blanks:
        card = st.integers(0, 4).map(lambda n: 500 * n)
        cards = tuple(
            tuple(tuple(draw(card) for _ in range(problem.n_crews)) for _ in visit_.options)
            for visit_ in problem.visits
        )
        return Blanks(stock=draw(st.integers(0, 4)), cards=cards)
    if kind is Fairness:
        return Fairness(
            visits=draw(st.frozensets(visit, min_size=1)),
            at_least=draw(st.integers(0, 2)),
            price=draw(st.none() | st.integers(0, 9)),
            idle=draw(
                st.just(frozenset())
                | st.frozensets(st.tuples(visit, st.integers(0, problem.n_crews - 1)))
            ),
        )
    if kind is ServedOnce:
        every = [(v, o) for v, x in enumerate(problem.visits) for o in range(len(x.options))]
        sessions = draw(st.frozensets(st.sampled_from(every), min_size=1))
        pairs = st.tuples(visit, st.integers(0, problem.n_crews - 1))
        idle = draw(st.just(frozenset()) | st.frozensets(pairs))
        return ServedOnce(sessions=sessions, is_required=draw(st.integers(0, 3)) == 0, idle=idle)
    stops = draw(st.frozensets(st.tuples(visit, shift), min_size=1))
    return KeepPublished(
        stops=stops,
        price=draw(st.integers(0, 9)),
        max_changes=draw(st.none() | st.integers(0, len(stops))),
    )


@st.composite
def ruled_problems(draw: st.DrawFn) -> Problem:
    """A tiny problem of ``brute.problems`` with one to three rules."""
    problem = draw(problems())
    n = draw(st.integers(1, 3))
    return replace(problem, rules=tuple(draw(rules(problem)) for _ in range(n)))
