"""Independent check of the rules of a whole plan, read from their own fields.

Like ``check.py``, to which it belongs, it shares no code with the solver: the solver sees rows,
this sees budgets, cards, districts and published stops.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from routing.problem import Problem
from routing.rules import Blanks, Budget, Fairness, KeepPublished, Rule, ServedOnce
from routing.solution import Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How much of a rule a plan uses, in the rule's own unit.

    ``excess`` is how far it is outside, 0 when the rule is kept; ``penalty`` what that costs in
    thousandths of a weighted document, None when it is not allowed at any price.
    """

    rule: str
    amount: int
    limit: int
    excess: int
    penalty: int | None
    message: str


def uses(problem: Problem, solution: Solution, costs: Mapping[int, int]) -> list[list[Use]]:
    """Tell the use of every rule, a list for each rule of the problem.

    ``costs`` has the rupiah of every shift that is used.
    """
    made = {
        (stop.visit, stop.option, itinerary.shift, itinerary.with_kit)
        for itinerary in solution.itineraries
        for stop in itinerary.stops
    }
    return [_USES[type(rule)](problem, rule, made, costs) for rule in problem.rules]


Made = set[tuple[int, int, int, bool]]


def _budget(problem: Problem, rule: Budget, made: Made, costs: Mapping[int, int]) -> list[Use]:
    del problem, made
    spent = sum(rupiah for s, rupiah in costs.items() if rule.shifts is None or s in rule.shifts)
    over = max(0, spent - rule.limit)
    text = f"the plan costs Rp {spent}, the budget is Rp {rule.limit}"
    return [_use("budget", spent, rule.limit, over, None, text)]


def _blanks(problem: Problem, rule: Blanks, made: Made, costs: Mapping[int, int]) -> list[Use]:
    del costs
    taken = 0
    for visit, option, s, with_kit in made:
        shift = problem.shifts[s]
        crew = shift.crew_with_kit if with_kit else shift.crew
        if crew is not None:
            taken += rule.cards[visit][option][crew]
    limit = max(0, 1000 * rule.stock - rule.taken)
    over = max(0, taken - limit)
    text = f"the plan takes {taken / 1000:.3f} card blanks, there are {limit / 1000:.3f}"
    return [_use("blanks", taken, limit, over, None, text)]


def _fairness(problem: Problem, rule: Fairness, made: Made, costs: Mapping[int, int]) -> list[Use]:
    del costs
    n = 0
    for visit, _, s, with_kit in made:
        shift = problem.shifts[s]
        crew = shift.crew_with_kit if with_kit else shift.crew
        n += visit in rule.visits and (visit, crew) not in rule.idle
    text = f"{n} visits of a group of {len(rule.visits)}, at least {rule.at_least} are due"
    missing = max(0, rule.at_least - n)
    return [_use("fairness", n, rule.at_least, missing, rule.price, text)]


def _hub(problem: Problem, rule: ServedOnce, made: Made, costs: Mapping[int, int]) -> list[Use]:
    del costs
    sessions = [x for x in made if (x[0], x[1]) in rule.sessions]
    n, n_serving = len(sessions), 0
    for visit, _, s, with_kit in sessions:
        shift = problem.shifts[s]
        crew = shift.crew_with_kit if with_kit else shift.crew
        n_serving += (visit, crew) not in rule.idle
    due = 0 if rule.is_served else 1
    wrong = max(0, n - due) + (1 if rule.is_required and n_serving < due else 0)
    text = f"a village is served by {n} sessions, {due} {'is due' if rule.is_required else 'may'}"
    if n > n_serving:
        text += f"; in {n - n_serving} of them nobody can be served"
    return [_use("hub", n, due, wrong, None, text)]


def _stability(
    problem: Problem, rule: KeepPublished, made: Made, costs: Mapping[int, int]
) -> list[Use]:
    del problem, costs
    kept = {(visit, s) for visit, _, s, _ in made}
    changed = len(rule.stops - kept)
    limit = len(rule.stops) if rule.max_changes is None else rule.max_changes
    text = f"{changed} of {len(rule.stops)} published stops change, {limit} may"
    found = []
    if rule.max_changes is not None or not rule.price:
        found.append(_use("stability", changed, limit, max(0, changed - limit), None, text))
    if rule.price:
        found.append(_use("stability", changed, 0, changed, rule.price, text))
    return found


def _use(rule: str, amount: int, limit: int, excess: int, price: int | None, message: str) -> Use:
    penalty = None if price is None else price * excess
    return Use(
        rule=rule, amount=amount, limit=limit, excess=excess, penalty=penalty, message=message
    )


_USES: dict[type[Rule], Callable[..., list[Use]]] = {
    Blanks: _blanks,
    Budget: _budget,
    Fairness: _fairness,
    KeepPublished: _stability,
    ServedOnce: _hub,
}
