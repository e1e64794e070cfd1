"""What visits leave: who is still to come, and with which turnout, visit after visit.

Of the people listed only the share ``reachable_share`` can be reached, whoever calls. At the first
visit after they were listed they come with the first turnout; those who did not come, or came when
time was up, come to each later visit with the second turnout. People who are listed later (who
turned 17 meanwhile) begin with the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from routing.spread import Attendance
from routing.worth import (
    KIT_PROGRAMMES,
    NOBODY,
    ByProgramme,
    Need,
    Programme,
    WorthParams,
    is_served,
    minutes_each,
    overhead_of,
    worth,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A visit in its turn: the week, who might come then, and whom it is expected to serve."""

    week: int
    visit: Attendance
    served: dict[Programme, float]

    @property
    def worth(self) -> float:
        """Weighted documents."""
        return worth(self.served, self.visit.params)


def left_after(visit: Attendance, served: Mapping[Programme, float]) -> Need:
    """Tell who is left when a visit has served so many.

    Whoever was served is taken off each group in proportion to how many of it came.
    """
    need, params = visit.need, visit.params
    share, near = params.reachable_share, params.neighbour_factor
    arrivals = visit.arrivals()
    missed, missed_near, gathered = {}, {}, {}
    for p in Programme:
        done = served[p] / arrivals[p] if arrivals[p] else 0.0
        new, again = done * visit.turnout, done * visit.turnout_again
        missed[p.value] = need.listed[p] * share[p] * (1 - new) + need.missed[p] * (1 - again)
        missed_near[p.value] = need.neighbours[p] * share[p] * (1 - near * new)
        missed_near[p.value] += need.missed_neighbours[p] * (1 - near * again)
        gathered[p.value] = need.gathered[p] * (1 - done)
    return replace(
        need, listed=NOBODY, neighbours=NOBODY, gathered=ByProgramme(**gathered),
        missed=ByProgramme(**missed), missed_neighbours=ByProgramme(**missed_near),
    )  # fmt: skip


def grown(left: Need, before: Need, now: Need) -> Need:
    """Add the people who were listed between two weeks to those who are left."""
    return replace(
        left,
        listed=_plus(left.listed, before.listed, now.listed),
        neighbours=_plus(left.neighbours, before.neighbours, now.neighbours),
        inflow=now.inflow,
        is_stale=now.is_stale,
    )


def _plus(left: ByProgramme, before: ByProgramme, now: ByProgramme) -> ByProgramme:
    more = {p.value: left[p] + max(0.0, now[p] - before[p]) for p in Programme}
    return ByProgramme(**more)


def meetings(needs: Sequence[Need], visits: Sequence[tuple[int, Attendance]]) -> list[Meeting]:
    """Follow one place through its visits.

    Parameters
    ----------
    needs
        By week, who would be listed there if nobody ever came.
    visits
        Week and session, in order of weeks; the need that a session names is not read.
    """
    found: list[Meeting] = []
    left, at = needs[0], 0
    for week, session in visits:
        left, at = grown(left, needs[at], needs[week]), week
        visit = replace(session, need=left)
        served = visit.served()
        found.append(Meeting(week=week, visit=visit, served=served))
        left = left_after(visit, served)
    return found


def need_on(needs: Sequence[Need], visits: Sequence[tuple[int, Attendance]], week: int) -> Need:
    """Tell who is left at a place in a week, after its visits of earlier weeks."""
    before = meetings(needs, [pair for pair in visits if pair[0] < week])
    if not before:
        return needs[week]
    last = before[-1]
    return grown(left_after(last.visit, last.served), needs[last.week], needs[week])


def course_from(now: Need, needs: Sequence[Need], week: int) -> list[Need]:
    """Give who would be listed week by week if those of one week were ``now``."""
    return [now if w <= week else grown(now, needs[week], n) for w, n in enumerate(needs)]


def lost_later(
    course: Sequence[Need], later: Sequence[tuple[int, Attendance]], week: int, session: Attendance
) -> float:
    """Tell what later visits of a place lose by a session now, in weighted documents.

    Parameters
    ----------
    course
        From ``course_from``.
    """
    without = sum(meeting.worth for meeting in meetings(course, later))
    with_it = meetings(course, [(week, session), *later])[1:]
    return without - sum(meeting.worth for meeting in with_it)


def most_served(
    need: Need, n_visits: int, params: WorthParams, programmes: Sequence[Programme]
) -> float:
    """Bound the weighted documents of some programmes that so many visits can bring.

    A person who can be reached is served by a first visit with at most the larger of both
    turnouts, by each later one with at most the second, whatever else happens; time and staff are
    not looked at. Concave in ``n_visits``.

    Parameters
    ----------
    need
        Everybody who is ever listed.
    """
    if n_visits == 0:
        return 0.0
    again = params.turnout_second
    first, near = max(params.turnout_first, again), params.neighbour_factor
    own = 1 - (1 - first) * (1 - again) ** (n_visits - 1)
    neighbours = 1 - (1 - near * first) * (1 - near * again) ** (n_visits - 1)
    total = 0.0
    for p in programmes:
        people = need.listed[p] * own + need.neighbours[p] * neighbours
        total += params.weight[p] * (params.reachable_share[p] * people + need.gathered[p])
    return total


def most_at_once(visit: Attendance, programme: Programme) -> float:
    """Bound the people of one programme whom a session can serve: as if all time were theirs."""
    if not is_served(programme, visit.mode):
        return 0.0
    places = visit.crew.kits if programme in KIT_PROGRAMMES else visit.crew.desks
    net = max(0.0, visit.minutes - overhead_of(visit.minutes, visit.params)) * places
    return min(visit.arrivals()[programme], net / minutes_each(programme, visit.mode, visit.params))
