"""Who is left in a village after what was reported of it since it was counted.

Of N listed people the share that can be reached is R = N x reachable share. Whoever was served, or
had the document already, was one of them; who died or moved is listed no longer. So there are

    left   = max(0, N - served - already had - deceased - moved)
    missed = min(left, max(0, R - served - already had))

The missed come to the next visit with the second turnout, as in a campaign
(``routing.campaigns.revisits``); the others of those left cannot be reached, whoever calls. People
listed since the last session (who turned 17) begin with the first turnout.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from app.calendar import day_in
from app.current import CurrentCount
from app.models import ServicePoint
from app.points import Point
from app.results.outcomes import NOBODY, ByProgramme, total
from app.results.standing import SessionResult
from app.results.totals import by_village
from geodata.codes import regency_of
from routing import ByProgramme as Numbers
from routing import Need, Programme, WorthParams

COLUMNS_OF: Mapping[Programme, tuple[str, ...]] = {
    Programme.KTP_EL: ("belum_rekam", "wajib_ktp", "sudah_rekam"),
    Programme.PEMULA: ("usia_16_17",),
    Programme.KIA: ("anak_0_17", "memiliki_kia"),
    Programme.AKTA: ("belum_akta",),
    Programme.IKD: ("sudah_rekam", "ikd_aktif"),
}
"""The counts that a programme's need is worked out of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What was reported of a village since it was counted; ``last_day`` of the sessions."""

    people: ByProgramme
    last_day: date
    n_sessions: int
    last_days: Mapping[str, date] = field(default_factory=dict)


def reported_since(
    sessions: Iterable[SessionResult], counts: Mapping[str, CurrentCount], before: date
) -> dict[str, Since]:
    """Add up by village what was reported of sessions after it was counted and before a day.

    A count is of the end of its day, so a session of that day is in it. Each programme is taken
    from the day of its own counts (``CurrentCount.days``).
    """
    found: dict[str, Since] = {}
    for one in sessions:
        if one.place.day >= before:
            continue
        for code, table in by_village(one, counts).items():
            days = _counted_on(counts.get(code))
            newer = {
                p: people for p, people in table.items() if one.place.day > days.get(p, date.max)
            }
            if newer:
                found[code] = _plus(found.get(code), newer, one.place.day)
    return found


def _counted_on(count: CurrentCount | None) -> dict[str, date]:
    """Give by programme the newest day of the counts behind it; none without a count."""
    if count is None:
        return {}
    days = count.days
    found = {p.value: [days[c] for c in columns if c in days] for p, columns in COLUMNS_OF.items()}
    return {programme: max(known) for programme, known in found.items() if known}


def _plus(before: Since | None, people: ByProgramme, day: date) -> Since:
    last_days = dict.fromkeys(people, day)
    if before is None:
        return Since(people=people, last_day=day, n_sessions=1, last_days=last_days)
    later = {p: max(day, before.last_days.get(p, day)) for p in people}
    return Since(
        people=total([before.people, people]),
        last_day=max(before.last_day, day),
        n_sessions=before.n_sessions + 1,
        last_days={**before.last_days, **later},
    )


def left_of(then: Need, now: Need, since: Since, params: WorthParams) -> Need:
    """Take what was reported off a village's need.

    Parameters
    ----------
    then
        Who was listed at the last session, if nobody had ever come; ``now`` on the day planned.
    params
        What holds in that village: its reachable share.
    """
    listed, missed = {}, {}
    for p in Programme:
        people = since.people.get(p.value)
        if people is None:
            listed[p.value], missed[p.value] = now.listed[p], now.missed[p]
            continue
        had = people.served + people.already_had
        left = max(0.0, then.listed[p] - people.off_the_list)
        missed[p.value] = min(left, max(0.0, then.listed[p] * params.reachable_share[p] - had))
        listed[p.value] = max(0.0, now.listed[p] - then.listed[p])
    return replace(now, listed=Numbers(**listed), missed=Numbers(**missed))


def remaining(need: Need, since: Since | None) -> dict[str, dict[str, Any]]:
    """Show by programme the number listed, what was reported since, and who is left."""
    found = {}
    for p in Programme:
        people = (since.people if since is not None else {}).get(p.value, NOBODY)
        day = since.last_days.get(p.value) if since is not None else None
        found[p.value] = {
            "listed": round(need.listed[p], 1),
            **{name: getattr(people, name) for name in ("served", "already_had", "cleared")},
            "left": round(max(0.0, need.listed[p] - people.off_the_list), 1),
            "last_day": day.isoformat() if day is not None else None,
        }
    return found


def still_expected(
    session: Session, points: Iterable[Point], sessions: Iterable[SessionResult], before: date
) -> list[Point]:
    """Take whoever was served at schools, companies and prisons off those they still expect.

    Counted from the day after the office last said whom the place expects.
    """
    kept = list(points)
    gathering = [point.code for point in kept if point.gathers and point.expected]
    query = select(ServicePoint).where(col(ServicePoint.code).in_(gathering))
    told_on = {
        row.code: day_in(regency_of(row.village_code), row.changed_at)
        for row in (session.exec(query) if gathering else ())
    }
    served: dict[str, ByProgramme] = {}
    for one in sessions:
        code, day = one.place.point_code, one.place.day
        if code in told_on and told_on[code] < day < before:
            served[code] = total([served.get(code, {}), one.counts])
    return [_less(point, served.get(point.code, {})) for point in kept]


def _less(point: Point, served: ByProgramme) -> Point:
    if not served:
        return point
    expected = {
        p: max(0, n - served.get(p, NOBODY).off_the_list) for p, n in point.expected.items()
    }
    return replace(point, expected=expected)
