"""Team orienteering over precomputed matrices; all numbers are the units named in problem.py."""

from routing.check import Violation, check, recompute
from routing.construct import greedy, nearest_first
from routing.errors import InvalidProblem, RoutingError
from routing.explain import Reason, explain
from routing.problem import (
    Allowance,
    Away,
    KitPool,
    Night,
    Problem,
    Shift,
    TimeWindow,
    TravelMatrix,
    Visit,
    VisitOption,
)
from routing.rules import Blanks, Budget, Fairness, KeepPublished, Rule, ServedOnce
from routing.run import Progress, SolveParams
from routing.solution import Itinerary, Result, Solution, Status, Stop, StopReason, Unserved
from routing.solve import solve
from routing.timing import timed
from routing.worth import (
    ByProgramme,
    Counts,
    Crew,
    Need,
    Programme,
    ServiceMode,
    SignalClass,
    WorthParams,
    default_desks,
    expected_documents,
    listed_need,
    prize,
    service_mode,
    worth,
)

__all__ = [
    "Allowance",
    "Away",
    "Blanks",
    "Budget",
    "ByProgramme",
    "Counts",
    "Crew",
    "Fairness",
    "InvalidProblem",
    "Itinerary",
    "KeepPublished",
    "KitPool",
    "Need",
    "Night",
    "Problem",
    "Programme",
    "Progress",
    "Reason",
    "Result",
    "RoutingError",
    "Rule",
    "ServedOnce",
    "ServiceMode",
    "Shift",
    "SignalClass",
    "Solution",
    "SolveParams",
    "Status",
    "Stop",
    "StopReason",
    "TimeWindow",
    "TravelMatrix",
    "Unserved",
    "Violation",
    "Visit",
    "VisitOption",
    "WorthParams",
    "check",
    "default_desks",
    "expected_documents",
    "explain",
    "greedy",
    "listed_need",
    "nearest_first",
    "prize",
    "recompute",
    "service_mode",
    "solve",
    "timed",
    "worth",
]
