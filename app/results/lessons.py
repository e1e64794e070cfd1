"""The ledger as lessons: sessions beside what was planned of them; rates by district."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.calendar import monday_of
from app.current import current_counts
from app.errors import RegencyNotFound
from app.models import Plan, PlanStop, ServicePoint, Village
from app.needs import imported_need
from app.params import Params, current_params
from app.results.learning import DistrictRates, Lesson, learn
from app.results.left import Since, remaining, reported_since
from app.results.standing import Place, SessionResult, newest_entry, standing
from geodata.codes import district_of
from geodata.points import GATHERING
from routing import ServiceMode, WorthParams


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """A stop, and when it was announced."""

    stop: PlanStop
    announced_on: date


def lessons(
    session: Session, regency: str, params: WorthParams, *, before: date | None = None,
    until_entry: int | None = None,
) -> list[Lesson]:  # fmt: skip
    """Give every session that counts as a lesson, the first first; of days before one."""
    found = standing(session, regency=regency, until_entry=until_entry).sessions
    chosen = [one for one in found if before is None or one.place.day < before]
    counted_on = {code: count.as_of for code, count in current_counts(session, regency).items()}
    return list(
        _lessons(chosen, _planned(session, chosen), _point_kinds(session), counted_on, params)
    )


def rates(
    session: Session, regency: str, params: Params, *, before: date | None = None,
    until_entry: int | None = None,
) -> dict[str, DistrictRates]:  # fmt: skip
    """Work out what an office's results teach, by code of the district."""
    told = lessons(session, regency, params.worth, before=before, until_entry=until_entry)
    return learn(told, params.worth, params.results.spread_district)


def _planned(
    session: Session, sessions: Sequence[SessionResult]
) -> dict[tuple[int, Place], _Planned]:
    """Find the stops as planned, by plan and place."""
    plans = {one.entry.plan_id for one in sessions}
    asked = {
        number: params
        for number, params in session.exec(
            select(Plan.id, Plan.params).where(col(Plan.id).in_(plans))
        )
        if "announced_on" in params
    }
    found = {}
    for stop in session.exec(select(PlanStop).where(col(PlanStop.plan_id).in_(asked))):
        point = stop.point_code or stop.village_code
        announced_on = _announced_on(asked[stop.plan_id], point)
        found[stop.plan_id, Place(stop.team, stop.day, point)] = _Planned(
            stop=stop, announced_on=announced_on
        )
    return found


def _point_kinds(session: Session) -> dict[str, str]:
    """Give the kind of each point by code, for sessions of which no plan has a stop."""
    return dict(session.exec(select(ServicePoint.code, ServicePoint.kind)).all())


def _announced_on(params: Mapping[str, Any], point: str) -> date:
    """Tell when a point was announced: a plan that was made anew keeps those of the one before."""
    own = date.fromisoformat(params["announced_on"])
    before = params.get("announced_before")
    if before is None or point not in before["points"]:
        return own
    return min(own, date.fromisoformat(before["on"]))


def _lessons(
    sessions: Sequence[SessionResult],
    planned: Mapping[tuple[int, Place], _Planned],
    kinds: Mapping[str, str],
    counted_on: Mapping[str, date],
    params: WorthParams,
) -> Iterator[Lesson]:
    visited: set[tuple[str, bool]] = set()
    for one in sessions:
        known = planned.get((one.entry.plan_id, one.place))
        # Who was counted anew is listed anew, also those whom an earlier visit missed.
        is_since = one.place.day > counted_on.get(one.entry.village_code, date.min)
        visit = (one.place.point_code, is_since)
        kind = known.stop.point_kind if known is not None else kinds.get(one.place.point_code)
        yield _lesson(one, known, kind, params, is_first=visit not in visited)
        visited.add(visit)


def _lesson(
    one: SessionResult,
    known: _Planned | None,
    kind: str | None,
    params: WorthParams,
    *,
    is_first: bool,
) -> Lesson:
    stop = known.stop if known is not None else None
    ahead = (one.place.day - known.announced_on).days if known is not None else 0
    return Lesson(
        district=district_of(one.entry.village_code),
        counts=one.counts,
        mode=ServiceMode(stop.service_mode) if stop is not None else ServiceMode.ONLINE,
        is_school=kind == "school",
        gathers=kind is not None and kind not in GATHERING,
        is_first=is_first,
        is_announced=ahead >= params.late_notice_days,
        minutes=_minutes_on_site(one, stop),
        factors=(stop.factors or {}) if stop is not None else {},
    )


def _minutes_on_site(one: SessionResult, stop: PlanStop | None) -> float | None:
    if one.started_at is None or one.ended_at is None or stop is None or stop.home_visits:
        return None
    return (one.ended_at - one.started_at) / timedelta(minutes=1) - stop.break_minutes


def learned_for(
    session: Session, regency: str, week: str, params: Params
) -> tuple[int, dict[str, dict[str, Any]]]:
    """Give what a plan of a week keeps: the newest entry, and the numbers by district.

    Only districts whose numbers differ from the default are named; none when the office does not
    want it.
    """
    newest = newest_entry(session, regency)
    if not params.results.learn or not newest:
        return newest, {}
    found = rates(session, regency, params, before=monday_of(week), until_entry=newest)
    default = params.worth.to_dict()
    learned = {code: one.applied(params.worth).to_dict() for code, one in found.items()}
    return newest, {
        code: {name: value for name, value in own.items() if value != default[name]}
        for code, own in learned.items()
        if own != default
    }


def rates_document(session: Session, regency: str) -> dict[str, Any]:
    """Show what was learned of each district, with what it rests on.

    Raises
    ------
    RegencyNotFound
        When no village of it is known.
    """
    names = _districts(session, regency)
    params = current_params(session)
    return {
        "regency_code": regency,
        "is_used": params.results.learn,
        "spread_district": params.results.spread_district,
        "districts": [
            _rates_row(one, names.get(code, code), params.worth)
            for code, one in rates(session, regency, params).items()
        ],
    }


def _rates_row(one: DistrictRates, name: str, params: WorthParams) -> dict[str, Any]:
    own = one.applied(params)
    return {
        "district_code": one.district,
        "district": name,
        "n_sessions": one.n_sessions,
        "turnout": one.turnout.to_dict(),
        "reachable_share": {p.value: rate.to_dict() for p, rate in one.reachable_share.items()},
        "kit_minutes": one.kit_minutes.to_dict(),
        "desk_minutes": one.desk_minutes.to_dict(),
        "service_minutes": {p.value: round(n, 2) for p, n in own.service_minutes.items()},
        "turnout_second": round(own.turnout_second, 4),
    }


def _districts(session: Session, regency: str) -> dict[str, str]:
    query = select(Village.district_code, Village.district).where(Village.regency_code == regency)
    found = dict(session.exec(query.distinct()).all())
    if not found:
        raise RegencyNotFound(regency=regency, known="-")
    return found


def need_document(session: Session, regency: str, on: date) -> dict[str, Any]:
    """Show of each village what is listed, what was reported since its count, and what is left.

    Raises
    ------
    RegencyNotFound
        When no village of it is known.
    """
    _districts(session, regency)
    params = current_params(session)
    counts = current_counts(session, regency)
    since = reported_since(standing(session, regency=regency).sessions, counts, date.max)
    query = select(Village).where(Village.regency_code == regency).order_by(Village.code)
    return {
        "regency_code": regency,
        "on": on.isoformat(),
        "is_used": params.results.lower_need,
        "villages": [
            {
                "village_code": village.code,
                "village_name": village.name,
                "district": village.district,
                "as_of": counts[village.code].as_of.isoformat(),
                "n_sessions": _n_sessions(since.get(village.code)),
                "programmes": remaining(
                    imported_need(counts[village.code], on, params.worth), since.get(village.code)
                ),
            }
            for village in session.exec(query)
            if village.code in counts
        ],
    }


def _n_sessions(since: Since | None) -> int:
    return since.n_sessions if since is not None else 0
