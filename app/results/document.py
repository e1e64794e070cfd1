"""What was reported of a plan as plain JSON values: sessions, contradictions, the ledger, sums."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from app.errors import PlanNotFound
from app.models import Plan, PlanState, PlanStop, Village
from app.params import Params
from app.results.outcomes import Outcomes
from app.results.standing import (
    Contradiction,
    Place,
    SessionResult,
    Standing,
    Told,
    entries,
    lineage,
    standing,
    successor,
)
from app.results.totals import programme_rows, totals_document

PLANNED, MOVED, DROPPED = "planned", "moved", "dropped"


def plan_results(session: Session, plan_id: int) -> dict[str, Any]:
    """Tell what counts of a plan's reports, as ``schemas.results.PlanResults``.

    Raises
    ------
    PlanNotFound
    """
    plan = _plan(session, plan_id)
    found = standing(session, plan_id=plan_id)
    stops = _stops_now(session, plan)
    names = _village_names(session, plan)
    return {
        "plan_id": plan_id,
        "plan_state": plan.state,
        "sessions": [_session(one, found, stops, names) for one in found.sessions],
        "contradictions": [_contradiction(one, names) for one in found.contradictions],
        "missing": [
            _missing(stop, names)
            for place, stop in stops.items()
            if place not in {one.place for one in found.sessions}
        ],
    }


def ledger(session: Session, plan_id: int) -> dict[str, Any]:
    """List every entry of a plan and of those that it replaced, the first received first.

    Raises
    ------
    PlanNotFound
    """
    _plan(session, plan_id)
    found = standing(session, plan_id=plan_id)
    told = entries(session, plans=lineage(session, plan_id))
    ids = {one.entry.digest: one.entry.id for one in told}
    states = _states(found)
    return {
        "plan_id": plan_id,
        "entries": [_entry(one, states, found.replaced_by, ids) for one in told],
    }


def totals(session: Session, plan_id: int) -> dict[str, Any]:
    """Add up what counts of a plan, as ``schemas.results.ResultTotals``.

    Raises
    ------
    PlanNotFound
    """
    plan = _plan(session, plan_id)
    found = standing(session, plan_id=plan_id)
    params = Params.from_dict(plan.params)
    sums = totals_document(found.sessions)
    cleared = sum(row["cleared"] for row in sums["programmes"].values())
    weight = params.worth.weight.items()
    served = sum(w * sums["programmes"].get(p.value, {}).get("served", 0) for p, w in weight)
    cleared_value = params.results.cleared_weight * cleared
    return {
        "plan_id": plan_id,
        "plan_state": plan.state,
        "n_contested": len(_contested(found)),
        "value": round(served + cleared_value, 3),
        "cleared_value": round(cleared_value, 3),
        **sums,
    }


def _plan(session: Session, plan_id: int) -> Plan:
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    return plan


def _stops_now(session: Session, plan: Plan) -> dict[Place, PlanStop]:
    """Give the stops of the plan that teams work by now in place of this one."""
    query = select(PlanStop).where(PlanStop.plan_id == successor(session, plan).id)
    stops = session.exec(query.order_by(col(PlanStop.day), PlanStop.team, col(PlanStop.order)))
    # Plans made before there were service points name villages only.
    return {Place(s.team, s.day, s.point_code or s.village_code): s for s in stops}


def _village_names(session: Session, plan: Plan) -> dict[str, str]:
    query = select(Village.code, Village.name).where(Village.regency_code == plan.regency_code)
    return dict(session.exec(query).all())


def _session(
    one: SessionResult,
    found: Standing,
    stops: Mapping[Place, PlanStop],
    names: Mapping[str, str],
) -> dict[str, Any]:
    entry, stop = one.entry, stops.get(one.place)
    is_elsewhere = one.place.point_code in {place.point_code for place in stops}
    return {
        **_place(one.place),
        "village_code": entry.village_code,
        "village_name": names.get(entry.village_code, entry.village_code),
        "serves": entry.serves,
        "in_plan": PLANNED if stop is not None else MOVED if is_elsewhere else DROPPED,
        "entry_id": entry.id,
        "n_entries": len(one.live),
        "is_contested": one.place in _contested(found),
        "is_late": entry.plan_state == PlanState.CLOSED,
        "start": one.started_at,
        "end": one.ended_at,
        "signal": one.signal,
        "signal_mbps": one.signal_mbps,
        "power": one.power,
        "notes": [told.entry.notes for told in one.live if told.entry.notes],
        "programmes": programme_rows(one.counts),
        "expected": stop.expected if stop is not None else None,
    }


def _contested(found: Standing) -> set[Place]:
    return {told.place for one in found.contradictions if one.is_open for told in one.entries}


def _contradiction(one: Contradiction, names: Mapping[str, str]) -> dict[str, Any]:
    entry = one.counts.entry
    return {
        **_place(one.place),
        "village_name": names.get(entry.village_code, entry.village_code),
        "kind": one.kind,
        "is_open": one.is_open,
        "counts_entry_id": entry.id,
        "why": one.why,
        "entries": [told.entry.id for told in one.entries],
        "facts": {name: [_plain(fact) for fact in said] for name, said in one.facts.items()},
        "reason": entry.reason,
    }


def _plain(fact: object) -> object:
    if isinstance(fact, Outcomes):
        return fact.to_dict()
    return fact.isoformat() if isinstance(fact, date) else fact


def _missing(stop: PlanStop, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "stop_id": f"{stop.plan_id}-{stop.team}-{stop.day.isoformat()}-{stop.order}",
        **_place(Place(stop.team, stop.day, stop.point_code or stop.village_code)),
        "village_name": names.get(stop.village_code, stop.village_code),
    }


def _place(place: Place) -> dict[str, str | date]:
    return {"team": place.team, "day": place.day.isoformat(), "point_code": place.point_code}


def _states(found: Standing) -> dict[str, str]:
    """Tell of each entry that stands what it does, by digest."""
    contested = _contested(found)
    states: dict[str, str] = {}
    for one in found.sessions:
        other = "contradicts" if one.place in contested else "agrees"
        states |= {told.entry.digest: other for told in one.live}
        states[one.entry.digest] = "counts"
    return states


_SAME = (
    "kind", "key", "corrects", "plan_id", "plan_version", "stop_id", "team", "day", "point_code",
    "village_code", "signal", "signal_mbps", "power", "notes", "reason", "told_at", "received_at",
    "account", "via",
)  # fmt: skip


def _entry(
    one: Told,
    states: Mapping[str, str],
    replaced_by: Mapping[str, Told],
    ids: Mapping[str, int | None],
) -> dict[str, Any]:
    entry = one.entry
    replacer = replaced_by.get(entry.digest)
    return {
        **{name: getattr(entry, name) for name in _SAME},
        "entry_id": entry.id,
        "state": states.get(entry.digest, "replaced"),
        "replaced_by": replacer.entry.id if replacer is not None else None,
        "settles": _numbers(ids.get(digest) for digest in entry.settles),
        "start": entry.started_at,
        "end": entry.ended_at,
        "is_late": entry.plan_state == PlanState.CLOSED,
        "programmes": programme_rows(one.counts),
    }


def _numbers(found: Iterable[int | None]) -> list[int]:
    return sorted(number for number in found if number is not None)
