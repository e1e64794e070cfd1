"""What a solved week amounts to: people, coverage, cost by team, what was left, what to doubt."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from app.corrections import correction_row
from app.coverage import bases
from app.lodging import LodgingPlace
from app.rule_report import report_of
from routing import (
    Itinerary,
    Problem,
    Programme,
    Reason,
    Result,
    Solution,
    Unserved,
    Violation,
    check,
    nearest_first,
    recompute,
)

if TYPE_CHECKING:
    from app.points import Point
    from app.week import Week


def baseline_of(problem: Problem) -> int:
    """Tell what a plan by hand is worth that goes to the nearest villages first, thousandths."""
    *_, by_hand = recompute(problem, nearest_first(problem))
    return round(by_hand)


def summarise_plan(
    week: "Week", problem: Problem, result: Result, baseline: int | None = None
) -> dict[str, Any]:
    """Work out the numbers that a plan is shown and defended with.

    Only facts and codes, no sentences: ``app/plan_document.py`` words them in a language.
    ``baseline`` is that of the problem, where it is known.
    """
    stops = [(i, stop) for i in result.solution.itineraries for stop in i.stops]
    expected = dict.fromkeys(Programme, 0.0)
    for itinerary, stop in stops:
        minutes = week.params["minutes"][stop.option]
        for programme, people in week.expected(
            stop.visit, itinerary.shift, minutes, with_kit=itinerary.with_kit
        ).items():
            expected[programme] += people
    # A village served at a hub is not left out.
    hubs = [week.points[stop.visit] for _, stop in stops if week.points[stop.visit].is_hub]
    served = {code for hub in hubs for code in hub.serves}
    by_hand = baseline_of(problem) if baseline is None else baseline
    return {
        "expected": {p.value: round(n, 2) for p, n in expected.items()},
        **_coverage(week, expected[Programme.KTP_EL]),
        "hours_work": round(
            sum(i.arrival - i.departure for i in result.solution.itineraries) / 3600, 2
        ),
        "teams": _teams(week, problem, result),
        "unserved": [
            {
                "village_code": code,
                "point_code": week.points[u.visit].code,
                "point_name": week.points[u.visit].name,
                "people_to_look_for": _people(week, code),
                "reason": _reason(week, problem, u),
                "limit": u.limit,
            }
            for u in result.unserved
            if not week.points[u.visit].is_hub
            for code in _left_without(week.points[u.visit])
            if code not in served
        ],
        "violations": violation_facts(week, check(problem, result.solution)),
        "warnings": _warnings(week, result),
        "corrections": [
            correction_row(row)
            for village in week.villages
            if village.code in week.counts
            for row in week.counts[village.code].corrections
        ],
        **report_of(week, problem, result),
        "baseline_value": round(by_hand / 1000, 3),
        "work": result.work,
        "found_by": result.found_by,
        "travel_tables": week.travel.origins,
    }


def violation_facts(week: "Week", found: Iterable[Violation]) -> list[dict[str, Any]]:
    """Name team, day and village of what the checker found."""
    return [
        {
            "rule": v.rule,
            "team": None if v.shift is None else week.shifts[v.shift].team.name,
            "day": None if v.shift is None else week.shifts[v.shift].day.isoformat(),
            "village_code": None if v.visit is None else week.points[v.visit].village_code,
            "amount": v.amount,
            "message": v.message,
        }
        for v in found
    ]


def _left_without(point: "Point") -> tuple[str, ...]:
    """Name the villages that nobody serves when a point is left out."""
    return (point.village_code,) if point.gathers else (point.serves or (point.village_code,))


def _people(week: "Week", code: str) -> int:
    count = week.counts.get(code)
    return 0 if count is None else max(0, count.belum_rekam or 0)


def _reason(week: "Week", problem: Problem, left_out: Unserved) -> str:
    """Tell why a village is left out; a visit worth nothing to any crew may yet have people."""
    if left_out.reason == Reason.UNREACHABLE:
        allowed = problem.visits[left_out.visit].shifts
        shifts = week.shifts if allowed is None else [week.shifts[s] for s in sorted(allowed)]
        if all(week.travel.is_stuck(shift.team, shift.travel) for shift in shifts):
            return "base-cut-off"
        return week.travel.why_unreachable(left_out.visit, (shift.travel for shift in shifts))
    if left_out.reason != Reason.NO_NEED:
        return left_out.reason
    if week.needs[left_out.visit] is None:
        return "no-counts"
    longest = max(week.params["minutes"])
    is_worth = any(
        any(week.expected(left_out.visit, shift, longest, with_kit=True).values())
        for shift in range(len(week.shifts))
    )
    return Reason.WITHOUT_KIT if is_worth else Reason.NO_NEED


def _coverage(week: "Week", expected_ktp_el: float) -> dict[str, Any]:
    """Compare recorded people with wajib KTP, over the villages whose file gives both."""
    found = bases(week.counts.values())
    required, recorded = found.get(Programme.KTP_EL.value, (0, 0))
    return {
        "wajib_ktp": required,
        "sudah_rekam": recorded,
        "bases": found,
        "not_recorded": sum(c.belum_rekam or 0 for c in week.counts.values()),
        "people_to_look_for": sum(max(0, c.belum_rekam or 0) for c in week.counts.values()),
        "turned_17_since": round(sum(n.inflow for n in week.village_needs.values())),
        "coverage_before": recorded / required if required else None,
        "coverage_after": (recorded + expected_ktp_el) / required if required else None,
    }


def _teams(week: "Week", problem: Problem, result: Result) -> list[dict[str, Any]]:
    """Sum up each team's week; a team without a stop is there too, with zeros."""
    rows = []
    for team in week.teams:
        own = [i for i in result.solution.itineraries if week.shifts[i.shift].team is team]
        _, cost, distance, _ = recompute(problem, type(result.solution)(itineraries=tuple(own)))
        expected = dict.fromkeys(Programme, 0.0)
        for i in own:
            for stop in i.stops:
                minutes = week.params["minutes"][stop.option]
                people = week.expected(stop.visit, i.shift, minutes, with_kit=i.with_kit)
                expected = {p: expected[p] + people[p] for p in Programme}
        rows.append(
            {
                "team": team.name,
                "base": team.base,
                "lon": team.lon,
                "lat": team.lat,
                "vehicle": team.vehicle,
                "days": len(own),
                "nights": sum(i.end is not None for i in own),
                "n_stops": sum(len(i.stops) for i in own),
                "hours": round(sum(i.arrival - i.departure for i in own) / 3600, 2),
                "km": round(distance / 1000, 1),
                "cost_rupiah": cost,
                "expected": {p.value: round(n, 2) for p, n in expected.items()},
                "shifts": [
                    {
                        "day": week.shifts[i.shift].day.isoformat(),
                        "departure": i.departure,
                        "arrival": i.arrival,
                        "with_kit": i.with_kit,
                        "people": week.shifts[i.shift].presence.people,
                        "kits": week.shifts[i.shift].presence.kits,
                        "costs": _costs(problem, i),
                        **_sleeps(week, i.end),
                    }
                    for i in own
                ],
            }
        )
    return rows


def _costs(problem: Problem, itinerary: Itinerary) -> dict[str, int]:
    """Tell what the rupiah of a day are spent on; they add up to what the day costs."""
    shift = problem.shifts[itinerary.shift]
    is_away = itinerary.start is not None or itinerary.end is not None
    vehicle = shift.fixed_cost if itinerary.stops or is_away else 0
    bed = 0
    if itinerary.end is not None and shift.night is not None:
        bed = shift.night.cost_at(itinerary.end)
    duty = itinerary.arrival - itinerary.departure
    if is_away:
        per_diem = shift.away.cost if shift.away is not None else 0
    else:
        per_diem = sum(a.cost for a in shift.allowances if duty > a.longer_than)
    _, total, *_ = recompute(problem, Solution(itineraries=(itinerary,)))
    travel = total - vehicle - per_diem - bed
    return {"vehicle": vehicle, "travel": travel, "per_diem": per_diem, "lodging": bed}


def _sleeps(week: "Week", node: int | None) -> dict[str, str | None]:
    """Tell where a team sleeps: the village, the place's code, and its name if it is listed."""
    if node is None:
        return {"sleeps_code": None, "sleeps_point": None, "sleeps_place": None}
    place = week.sleeping_place(node)
    name = place.name if isinstance(place, LodgingPlace) else None
    return {"sleeps_code": place.village_code, "sleeps_point": place.code, "sleeps_place": name}


def _n_straight(week: "Week", result: Result) -> int:
    """Count the visits to villages that are reached in a straight line only."""
    return sum(
        stop.visit in week.travel.table(week.shifts[itinerary.shift].travel).straight
        for itinerary in result.solution.itineraries
        for stop in itinerary.stops
    )


def _warnings(week: "Week", result: Result) -> list[dict[str, Any]]:
    """List what a planner should know before defending the plan."""
    reasons = Counter(u.reason for u in result.unserved)
    off = [
        d
        for d in week.params["days"]
        if not d["is_working"]
        and date.fromisoformat(d["day"]).isoweekday() in week.pattern.working_days
    ]
    notice = [
        (date.fromisoformat(d["day"]) - date.fromisoformat(week.params["announced_on"])).days
        for d in week.params["days"]
        if d["is_working"] and not week.outages.is_over(date.fromisoformat(d["day"]))
    ]
    late_days = week.worth_params.late_notice_days
    can_go = {s.team.name for s in week.shifts if not week.travel.is_stuck(s.team, s.travel)}
    stuck = sorted({s.team.name for s in week.shifts} - can_go)
    dates = [day for count in week.counts.values() for day in count.days.values()]
    found: dict[str, tuple[int, dict[str, Any]]] = {
        "counts-stale": (
            sum(1 for n in week.village_needs.values() if n.is_stale),
            {"oldest": min(dates).isoformat() if dates else "-",
             "days": week.worth_params.stale_after_days},
        ),
        "counts-missing": (sum(1 for v in week.villages if v.code not in week.village_needs), {}),
        "signal-unknown": (sum(1 for s in week.signals if s is None), {}),
        "recorded-exceeds-wajib": (
            sum(1 for c in week.counts.values() if (c.belum_rekam or 0) < 0), {}
        ),
        "straight-lines": (_n_straight(week, result), {}),
        "teams-stuck": (len(stuck), {"teams": ", ".join(stuck)}),
        "villages-unreachable": (reasons["unreachable"], {}),
        "days-past": (sum(n < 0 for n in notice), {}),
        "announced-late": (sum(0 <= n < late_days for n in notice), {"days": late_days}),
        "staff-on-leave": (week.n_short, {}),
        "holidays": (
            len(off), {"days": "; ".join(f"{d['day']} {d['reason']}" for d in off)}
        ),
    }  # fmt: skip
    return [
        {"code": code, "count": count, "params": {"count": count, **params}}
        for code, (count, params) in found.items()
        if count
    ]
