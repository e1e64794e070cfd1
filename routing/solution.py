"""What came out: timed itineraries, what was left, and how good it is."""

from dataclasses import dataclass, field
from enum import StrEnum

from routing.replay import Replay


class Status(StrEnum):
    """How much is known of a solution."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION = "no_solution"


class StopReason(StrEnum):
    """Why the search ended."""

    PROVEN = "proven"
    TIME = "time"
    WORK = "work"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A visit as made; times are seconds of the horizon.

    ``start`` to ``departure`` is the session with the breaks that fall into it, ``arrival`` to
    ``start`` is waiting.
    """

    visit: int
    option: int
    arrival: int
    start: int
    departure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """One shift's stops in order, from leaving its start node to arriving at its end node.

    ``start`` and ``end`` are the nodes where the team slept before and sleeps after, None where it
    is at home: at the shift's own start and end. On a day of rest the times are equal.
    """

    shift: int
    with_kit: bool
    departure: int
    arrival: int
    stops: tuple[Stop, ...]
    start: int | None = None
    end: int | None = None


class Reason(StrEnum):
    """Reason codes; the comment gives the unit of ``Unserved.limit``, none where there is none."""

    FORBIDDEN = "forbidden"  # no shift may make it
    NO_NEED = "no-need"  # no option is worth anything to any crew that may make it
    UNREACHABLE = "unreachable"  # no shift can get there and back
    TOO_FAR = "too-far"  # seconds missing for the shortest option on the best shift
    WINDOW = "window"  # a day is long enough, but no session fits into the visit's own windows
    WITHOUT_KIT = "worth-nothing-without-kit"  # only crews with a kit can deliver
    COSTS_MORE = "costs-more-than-worth"  # rupiah by which it loses on its best shift
    BUDGET_SPENT = "budget-spent"  # rupiah missing in the budget
    BLANKS_USED = "blanks-used"  # thousandths of a card missing
    SERVED_AT_HUB = "served-at-hub"  # a session elsewhere serves it
    NO_KIT_LEFT = "no-kit-left"  # it needs a kit, and all of them are with other teams
    ONLY_BUSY = "only-busy-teams"  # a team is idle, but cannot; seconds missing on the best day
    NOT_CHOSEN = "not-chosen"  # other visits bring more; seconds missing on the best day


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A visit not made.

    ``limit`` is the binding number, its unit is told by the reason (``Reason``); None where
    the reason has no number.
    """

    visit: int
    reason: str
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Itineraries of the shifts that make a visit or are part of a tour, at most one per shift."""

    itineraries: tuple[Itinerary, ...] = ()


class ClashKind(StrEnum):
    """Kinds of rules; the comment tells what ``Clash.position`` is."""

    REQUIRED = "required"  # visit
    SHIFTS = "shifts"  # visit that only some shifts may make: pinned or forbidden
    WINDOWS = "windows"  # visit with opening windows
    KITS = "kits"  # kit pool
    RULE = "rule"  # position in Problem.rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """One of the rules that contradict each other."""

    kind: ClashKind
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Rules that no plan keeps all of; without any one of them a plan exists if ``is_minimal``.

    It is not when the time did not suffice to decide on each.
    """

    rules: tuple[Clash, ...]
    is_minimal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowValues:
    """About what one more of each scarce thing would bring, in thousandths of a document.

    ``days``: another day like a shift, by position of the shift; ``kits``: another kit in a pool;
    ``rules``: another unit (a rupiah, a thousandth of a card, a visit less to make, a change more)
    of a rule. They are the duals of the master at its best bound: where nobody stays out, that
    bound and so much more bound every plan that has one more. A plan below its bound may therefore
    gain more than this.
    """

    days: tuple[float, ...]
    kits: tuple[float, ...]
    rules: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A solution and what is known of it.

    ``prize`` and ``value`` are thousandths of a weighted document, ``cost`` rupiah, ``distance``
    metres. ``bound`` is a proven upper limit of ``value``, ``gap`` the fraction
    ``(bound - value) / bound``; both None while nothing is proven. ``work`` counts what was done
    (solutions seen, rounds of ruin and recreate and of pricing, labels, nodes of SCIP's trees).
    ``found_by`` counts the routes of the solution by the part that came past them first: greedy,
    local, search (ruin and recreate), pricing, routing (OR-Tools), start, other. ``replay`` given
    to ``SolveParams`` makes the same result without a clock.
    ``contradiction`` comes with ``infeasible``: rules that no plan keeps all of. ``shadow`` is None
    as long as nothing is proven.
    """

    status: Status
    stop_reason: StopReason
    solution: Solution
    prize: int
    cost: int
    distance: int
    value: float
    bound: float | None = None
    gap: float | None = None
    unserved: tuple[Unserved, ...] = ()
    work: dict[str, int] = field(default_factory=dict)
    found_by: dict[str, int] = field(default_factory=dict)
    replay: Replay | None = None
    contradiction: Contradiction | None = None
    shadow: ShadowValues | None = None
