"""Rows of a week -> a routing problem: teams' days as shifts, service points as visits."""

from datetime import date, time, timedelta

from app.calendar import seconds
from app.plan_rules import asked_rules, wishes_of
from app.team_hours import away_hours, duty_hours
from app.week import Week
from routing import (
    MAX_TOUR_DAYS,
    Allowance,
    Away,
    Crew,
    KitPool,
    Night,
    Problem,
    Shift,
    TimeWindow,
    Visit,
    VisitOption,
)

# A tour that starts on the last day of a week may end so many days later.
HORIZON_DAYS = 7 + MAX_TOUR_DAYS - 1

Crews = dict[tuple[Crew, frozenset[date]], tuple[int, bool]]
"""What delivers the same: a crew, and for which announcements its day comes late (``date.max``:
that of this plan); with a shift that stands for all of them and whether it carries a kit."""


def problem_of(week: Week) -> Problem:
    """Build the routing problem of a week; its nodes are those of ``WeekTravel``.

    Teams sleep at the places of the office's list; where it has none at service points: that of the
    last visit, or that of a district's seat.
    """
    return problem_and_crews(week)[0]


def problem_and_crews(week: Week) -> tuple[Problem, list[tuple[int, bool]]]:
    """Build the problem, and give for each crew a shift that has it and whether with a kit."""
    crews: Crews = {}
    pools: dict[tuple[int, date], KitPool] = {}
    shifts = tuple(_shift(week, s, crews, pools) for s in range(len(week.shifts)))
    minutes, asked = week.params["minutes"], wishes_of(week)
    visits = tuple(
        Visit(
            node=node,
            **asked.of(node),
            windows=_windows(week, node),
            options=tuple(
                VisitOption(
                    duration=60 * (m + week.home_minutes(node)),
                    prizes=tuple(
                        round(1000 * week.worth_of(node, s, m, with_kit=kit))
                        for s, kit in crews.values()
                    ),
                )
                for m in minutes
            ),
        )
        for node in range(len(week.points))
    )
    problem = Problem(
        visits=visits,
        shifts=shifts,
        matrices=week.travel.matrices,
        n_crews=len(crews),
        kit_pools=tuple(pools.values()),
        rupiah_per_document=week.params["rupiah_per_document"] if week.params["costs"] else None,
        max_tour_days=week.max_nights + 1,
        rules=tuple(rule.build(list(crews.values())) for rule in asked_rules(week)),
    )
    return problem, list(crews.values())


def _windows(week: Week, visit: int) -> tuple[TimeWindow, ...]:
    """Give when a point is open, to the last day that a tour may reach; none: at any time."""
    days = [week.monday + timedelta(days=n) for n in range(HORIZON_DAYS)]
    return tuple(
        TimeWindow(
            start=seconds(week.monday, day, span.opens), end=seconds(week.monday, day, span.closes)
        )
        for day in days
        for span in week.points[visit].opens
        if span.weekday == day.isoweekday()
    )


def _shift(
    week: Week,
    position: int,
    crews: Crews,
    pools: dict[tuple[int, date], KitPool],
) -> Shift:
    """Build one team's day; crews and pools seen for the first time are added to the tables."""
    shift, team = week.shifts[position], week.shifts[position].team
    base = week.travel.base_node(team)
    starts, ends = duty_hours(team, week.pattern, week.longer_minutes, shift.hours)
    capacity = week.kits_at(base, shift.day)
    places: dict[str, int] = {"crew": _place(crews, week, position, satellite=False)}
    if capacity:
        pools.setdefault((base, shift.day), KitPool(capacity=capacity))
        places["kit_pool"] = list(pools).index((base, shift.day))
        places["crew_with_kit"] = _place(crews, week, position, satellite=True)
    return Shift(
        team=week.team_names.index(team.name),
        window=TimeWindow(
            start=seconds(week.monday, shift.day, starts), end=seconds(week.monday, shift.day, ends)
        ),
        start=base,
        end=base,
        matrix=shift.travel,
        breaks=_breaks(week, shift.day, starts, ends),
        fixed_cost=week.travel.day_rupiah(team, shift.travel),
        allowances=(
            Allowance(
                longer_than=round(3600 * week.cost.per_diem_after_hours),
                cost=shift.presence.people * week.cost.per_diem(week.regency_code),
            ),
        ),
        away=_away(week, position),
        night=_night(week, position),
        serves=shift.is_working,
        starts_tour=shift.is_working and not shift.is_spare,
        **places,
    )


def _away(week: Week, position: int) -> Away | None:
    """Tell what holds on a day of a tour with nights out; None for teams that come home."""
    shift, team = week.shifts[position], week.shifts[position].team
    if not week.stays_out(team):
        return None
    starts, ends = away_hours(team, week.pattern, week.duty_hours, week.longer_minutes, shift.hours)
    return Away(
        window=TimeWindow(
            start=seconds(week.monday, shift.day, starts), end=seconds(week.monday, shift.day, ends)
        ),
        cost=shift.presence.people * week.cost.away_per_diem(week.regency_code),
    )


def _night(week: Week, position: int) -> Night | None:
    """Tell how a team may stay out after a shift; a team's shifts stand in order of days."""
    shift, team = week.shifts[position], week.shifts[position].team
    is_last = position + 1 == len(week.shifts) or week.shifts[position + 1].team is not team
    # Nobody is out over a day that leave has taken from the team.
    if is_last or week.shifts[position + 1].day != shift.day + timedelta(days=1):
        return None
    if not week.stays_out(team):
        return None
    people, usual = shift.presence.people, week.cost.lodging_rupiah
    listed = week.lodgings_of(team)
    if not listed:
        return Night(morning=position + 1, nodes=week.seats, at_last_stop=True, cost=people * usual)
    return Night(
        morning=position + 1,
        nodes=tuple(listed),
        prices=tuple(place.rupiah(people, usual) for place in listed.values()),
    )


def _place(crews: Crews, week: Week, position: int, *, satellite: bool) -> int:
    shift = week.shifts[position]
    told = {date.max: shift.announced_days} | {
        day: max(shift.announced_days, (shift.day - day).days)
        for day in set(week.announced_before.values())
    }
    late = frozenset(
        day for day, ahead in told.items() if ahead < week.worth_params.late_notice_days
    )
    key = (shift.crew(satellite=satellite), late)
    crews.setdefault(key, (position, satellite))
    return list(crews).index(key)


def _breaks(week: Week, day: date, starts: time, ends: time) -> tuple[TimeWindow, ...]:
    """Cut the day's breaks to the team's hours."""
    cut = [(max(a, starts), min(b, ends)) for a, b in week.pattern.breaks(day)]
    return tuple(
        TimeWindow(start=seconds(week.monday, day, a), end=seconds(week.monday, day, b))
        for a, b in cut
        if a < b
    )
