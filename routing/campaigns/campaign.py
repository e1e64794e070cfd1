"""Several weeks as one problem: the same places, week after week, and what is left of each.

A week of a campaign is an ordinary problem whose prizes depend on the visits of the other weeks. In
week w a visit is worth what it adds to the whole campaign: what it serves itself, less what later
visits of the same place lose by it. With the other weeks as they are these prizes are exact,
because a place has one session a week and what happens at one place does not change another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from routing.campaigns.revisits import Meeting, course_from, meetings, need_on
from routing.errors import InvalidProblem
from routing.problem import Problem, Shift, TimeWindow, TravelMatrix, Visit, VisitOption
from routing.rules import Budget, Rule
from routing.solution import Itinerary, Solution, Stop
from routing.spread import Attendance
from routing.timing import cost_of, crew_of, distance_of
from routing.worth import Need

WEEK_S = 7 * 86_400
Plans = Sequence[Solution | None]
"""By week what is done; None where nothing is planned yet."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CampaignWeek:
    """One week: who may go where, and whom they would serve there.

    The prizes in ``problem`` are not read. ``needs`` is by visit who would be listed in this week
    if nobody ever came; ``sessions`` by visit, option and crew how they are served, whose own need
    is not read.
    """

    problem: Problem
    needs: tuple[Need, ...]
    sessions: tuple[tuple[tuple[Attendance, ...], ...], ...]

    def __post_init__(self) -> None:
        n = len(self.problem.visits)
        if (len(self.needs), len(self.sessions)) != (n, n):
            raise InvalidProblem(
                f"campaign week: {len(self.needs)} needs and {len(self.sessions)} places of "
                f"sessions for {n} visits"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Campaign:
    """Weeks in order; ``budget`` in rupiah is for all of them together, None without limit.

    Visits and their options stand in the same order in every week. Tours end in their own week.
    """

    weeks: tuple[CampaignWeek, ...]
    budget: int | None = None

    def __post_init__(self) -> None:
        if not self.weeks:
            raise InvalidProblem("campaign: has no week, at least one is needed")
        first = [_shape(visit) for visit in self.weeks[0].problem.visits]
        for w, week in enumerate(self.weeks):
            if [_shape(visit) for visit in week.problem.visits] != first:
                raise InvalidProblem(f"campaign: week {w} has other visits or options than week 0")
            if week.problem.rupiah_per_document != self.weeks[0].problem.rupiah_per_document:
                raise InvalidProblem(f"campaign: week {w} has another rupiah_per_document")
            _check_week(w, week.problem)

    @property
    def n_visits(self) -> int:
        """Number of places."""
        return len(self.weeks[0].problem.visits)

    def needs(self, visit: int) -> list[Need]:
        """Give by week who would be listed at a place if nobody ever came."""
        return [week.needs[visit] for week in self.weeks]


def _check_week(w: int, problem: Problem) -> None:
    if any(shift.window.start >= WEEK_S for shift in problem.shifts):
        raise InvalidProblem(f"campaign: week {w} has a shift after its Sunday")
    if problem.rules or any(visit.required for visit in problem.visits):
        raise InvalidProblem(f"campaign: week {w} has rules or required visits of its own")


def _shape(visit: Visit) -> tuple[int, tuple[int, ...]]:
    return visit.node, tuple(option.duration for option in visit.options)


Made = dict[int, list[tuple[int, Attendance]]]
"""By place its sessions: week and how it is served, in order of weeks."""


def made_of(campaign: Campaign, plans: Plans, without: Sequence[int] = ()) -> Made:
    """List the sessions of every place that is visited, but for those of some weeks."""
    found: Made = {}
    for w, plan in enumerate(plans):
        if plan is None or w in without:
            continue
        week = campaign.weeks[w]
        for itinerary in plan.itineraries:
            crew = crew_of(week.problem.shifts[itinerary.shift], itinerary.with_kit)
            for stop in itinerary.stops:
                session = week.sessions[stop.visit][stop.option][crew]
                found.setdefault(stop.visit, []).append((w, session))
    return found


def followed(campaign: Campaign, plans: Plans) -> dict[tuple[int, int], Meeting]:
    """Follow every place through the campaign.

    Returns
    -------
    dict
        By week and visit what is expected of it.
    """
    return {
        (meeting.week, v): meeting
        for v, visits in made_of(campaign, plans).items()
        for meeting in meetings(campaign.needs(v), visits)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What plans of a campaign amount to: ``worth`` and ``value`` in weighted documents, rupiah."""

    worth: float
    cost: int
    distance: int
    value: float


def totals_of(campaign: Campaign, plans: Plans) -> Totals:
    """Add a campaign up: what every visit is expected to bring in its turn, and what it costs."""
    pairs = [
        (week.problem, itinerary)
        for week, plan in zip(campaign.weeks, plans, strict=True)
        if plan is not None
        for itinerary in plan.itineraries
    ]
    cost = sum(cost_of(*pair) for pair in pairs)
    worth = sum(meeting.worth for meeting in followed(campaign, plans).values())
    rate = campaign.weeks[0].problem.rupiah_per_document
    return Totals(
        worth=worth, cost=cost, distance=sum(distance_of(*pair) for pair in pairs),
        value=worth if rate is None else worth - cost / rate,
    )  # fmt: skip


def added_worth(
    campaign: Campaign, plans: Plans, weeks: Sequence[int]
) -> list[list[list[list[float]]]]:
    """Work out what a visit in some weeks adds to the campaign beside the plans of the others.

    Returns
    -------
    list
        By place in ``weeks``, visit, option and crew, in weighted documents. Below 0 where later
        visits lose more than this one brings.
    """
    others = made_of(campaign, plans, without=weeks)
    return [
        [_added(campaign, v, w, others.get(v, [])) for v in range(campaign.n_visits)] for w in weeks
    ]


def _added(
    campaign: Campaign, visit: int, week: int, others: Sequence[tuple[int, Attendance]]
) -> list[list[float]]:
    sessions = campaign.weeks[week].sessions[visit]
    needs = campaign.needs(visit)
    now = need_on(needs, others, week)
    # What is left after this week depends on nothing before it but ``now``.
    later = [pair for pair in others if pair[0] > week]
    course = course_from(now, needs, week)
    without = sum(meeting.worth for meeting in meetings(course, later))
    known: dict[tuple[object, ...], float] = {}

    def added(session: Attendance) -> float:
        crew = session.crew
        key = (session.mode, crew.kits, crew.desks, session.minutes, session.turnout,
               session.turnout_again, id(session.params))  # fmt: skip
        if key not in known:
            with_it = meetings(course, [(week, session), *later])
            known[key] = sum(meeting.worth for meeting in with_it) - without
        return known[key]

    return [[added(session) for session in by_crew] for by_crew in sessions]


def week_problem(campaign: Campaign, plans: Plans, weeks: Sequence[int]) -> Problem:
    """Build one problem of some weeks, each visit made at most once in them.

    Days of the second week given begin 7 days after those of the first, and so on. Prizes are what
    a visit adds to the campaign (``added_worth``, at least 0), exact for each week.
    """
    added = added_worth(campaign, plans, weeks)
    parts = [campaign.weeks[w].problem for w in weeks]
    starts = _Starts.of(parts)
    shifts = tuple(
        _moved(shift, starts, i)
        for i, part in enumerate(parts)
        for shift in part.shifts
    )  # fmt: skip
    visits = tuple(
        replace(
            visit,
            windows=_windows(parts, v),
            shifts=_allowed(parts, starts, v),
            options=tuple(
                VisitOption(
                    duration=option.duration,
                    prizes=tuple(
                        max(0, round(1000 * worth)) for week in added for worth in week[v][o]
                    ),
                )
                for o, option in enumerate(visit.options)
            ),
        )
        for v, visit in enumerate(parts[0].visits)
    )  # fmt: skip
    return replace(
        parts[0],
        visits=visits,
        shifts=shifts,
        matrices=_matrices(parts),
        n_crews=sum(part.n_crews for part in parts),
        kit_pools=tuple(pool for part in parts for pool in part.kit_pools),
        rules=_rules(campaign, plans, weeks),
    )


def parted(campaign: Campaign, solution: Solution, weeks: Sequence[int]) -> list[Solution]:
    """Cut a solution of ``week_problem`` into those of its weeks."""
    starts = _Starts.of([campaign.weeks[w].problem for w in weeks])
    ends = [*starts.shift[1:], len(_all_shifts(campaign, weeks))]
    return [
        Solution(
            itineraries=tuple(
                _itinerary_moved(plan, -starts.shift[i], -i * WEEK_S)
                for plan in solution.itineraries
                if starts.shift[i] <= plan.shift < ends[i]
            )
        )
        for i in range(len(weeks))
    ]


def joined(campaign: Campaign, plans: Plans, weeks: Sequence[int]) -> Solution:
    """Put the plans of some weeks together; of two visits to a place the later one is left out."""
    starts = _Starts.of([campaign.weeks[w].problem for w in weeks])
    seen: set[int] = set()
    found = []
    for i, w in enumerate(weeks):
        plan = plans[w]
        here = [] if plan is None else list(plan.itineraries)
        for itinerary in here:
            kept = tuple(stop for stop in itinerary.stops if stop.visit not in seen)
            if kept or itinerary.start is not None or itinerary.end is not None:
                moved = replace(itinerary, stops=kept)
                found.append(_itinerary_moved(moved, starts.shift[i], i * WEEK_S))
        seen |= {stop.visit for itinerary in here for stop in itinerary.stops}
    return Solution(itineraries=tuple(found))


@dataclass(frozen=True, slots=True)
class _Starts:
    """Where the shifts, matrices, crews and kit pools of each part begin."""

    shift: list[int]
    matrix: list[int]
    crew: list[int]
    pool: list[int]

    @classmethod
    def of(cls, parts: Sequence[Problem]) -> "_Starts":
        sizes = (
            [len(part.shifts) for part in parts],
            [0 if _is_shared(part, parts[0]) else len(part.matrices) for part in parts],
            [part.n_crews for part in parts],
            [len(part.kit_pools) for part in parts],
        )
        shift, matrix, crew, pool = (list(accumulate(size, initial=0))[:-1] for size in sizes)
        return cls(
            shift,
            [
                0 if _is_shared(part, parts[0]) else len(parts[0].matrices) + start
                for part, start in zip(parts, matrix, strict=True)
            ],
            crew,
            pool,
        )


def _is_shared(part: Problem, first: Problem) -> bool:
    """Tell whether a part travels by the very tables of the first."""
    return len(part.matrices) == len(first.matrices) and all(
        a.durations is b.durations for a, b in zip(part.matrices, first.matrices, strict=True)
    )


def _matrices(parts: Sequence[Problem]) -> tuple[TravelMatrix, ...]:
    more = (p.matrices for p in parts if not _is_shared(p, parts[0]))
    return (*parts[0].matrices, *(matrix for matrices in more for matrix in matrices))


def _all_shifts(campaign: Campaign, weeks: Sequence[int]) -> list[Shift]:
    return [shift for w in weeks for shift in campaign.weeks[w].problem.shifts]


def _later(window: TimeWindow, n_weeks: int) -> TimeWindow:
    return TimeWindow(start=window.start + n_weeks * WEEK_S, end=window.end + n_weeks * WEEK_S)


def _windows(parts: Sequence[Problem], visit: int) -> tuple[TimeWindow, ...]:
    """Give when a place is open in all parts; none: at any time."""
    if not any(part.visits[visit].windows for part in parts):
        return ()
    always = (TimeWindow(start=0, end=WEEK_S),)
    return tuple(
        _later(window, i)
        for i, part in enumerate(parts)
        for window in part.visits[visit].windows or always
        if window.start < WEEK_S
    )


def _moved(shift: Shift, starts: _Starts, i: int) -> Shift:
    """Give a shift of part ``i`` its place in the joint problem."""
    away, night = shift.away, shift.night
    return replace(
        shift,
        window=_later(shift.window, i),
        breaks=tuple(_later(pause, i) for pause in shift.breaks),
        matrix=shift.matrix + starts.matrix[i],
        crew=shift.crew + starts.crew[i],
        crew_with_kit=_plus(shift.crew_with_kit, starts.crew[i]),
        kit_pool=_plus(shift.kit_pool, starts.pool[i]),
        away=None if away is None else replace(away, window=_later(away.window, i)),
        night=None if night is None else replace(night, morning=night.morning + starts.shift[i]),
    )


def _plus(position: int | None, start: int) -> int | None:
    return None if position is None else position + start


def _allowed(parts: Sequence[Problem], starts: _Starts, visit: int) -> frozenset[int] | None:
    """Tell which shifts may make a visit; None: all."""
    if all(part.visits[visit].shifts is None for part in parts):
        return None
    found: set[int] = set()
    for part, start in zip(parts, starts.shift, strict=True):
        own = part.visits[visit].shifts
        here = range(len(part.shifts)) if own is None else own
        found |= {start + s for s in here}
    return frozenset(found)


def _rules(campaign: Campaign, plans: Plans, weeks: Sequence[int]) -> tuple[Rule, ...]:
    """Give these weeks what the others leave of the budget."""
    if campaign.budget is None:
        return ()
    others = [None if w in weeks else plan for w, plan in enumerate(plans)]
    return (Budget(limit=max(0, campaign.budget - totals_of(campaign, others).cost)),)


def _itinerary_moved(itinerary: Itinerary, shifts: int, seconds: int) -> Itinerary:
    stops = tuple(
        Stop(
            visit=stop.visit, option=stop.option, arrival=stop.arrival + seconds,
            start=stop.start + seconds, departure=stop.departure + seconds,
        )
        for stop in itinerary.stops
    )  # fmt: skip
    return replace(
        itinerary, shift=itinerary.shift + shifts, departure=itinerary.departure + seconds,
        arrival=itinerary.arrival + seconds, stops=stops,
    )  # fmt: skip


def team_weeks(campaign: Campaign, plans: Plans) -> list[int]:
    """Count by week the teams that make any visit."""
    return [
        len({week.problem.shifts[i.shift].team for i in plan.itineraries if i.stops})
        if plan is not None else 0
        for week, plan in zip(campaign.weeks, plans, strict=True)
    ]  # fmt: skip


def served_by_week(
    campaign: Campaign, meetings_: Mapping[tuple[int, int], Meeting]
) -> list[dict[str, float]]:
    """Add up by week whom the visits are expected to serve, by programme."""
    found: list[dict[str, float]] = [{} for _ in campaign.weeks]
    for (w, _), meeting in meetings_.items():
        for p, n in meeting.served.items():
            found[w][p.value] = found[w].get(p.value, 0.0) + n
    return found
