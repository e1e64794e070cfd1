"""A planner's word on the reports of a session, as one more entry of the ledger."""

import hashlib
from typing import Any

import orjson
from sqlmodel import Session, select

from app.access import Caller
from app.db import now
from app.models import Plan, ResultEntry
from app.models.results import SETTLEMENT
from app.results.errors import BadSettlement, EntryNotFound, ResultsChanged
from app.results.ledger import ACCEPTED, PLANNER, carried_out, rejoin_if_measured, store
from app.results.outcomes import ByProgramme, Outcomes
from app.results.standing import FACTS, Place, SessionResult, Told, entries, lineage, stand
from app.schemas.results import SettlementIn
from geodata.privacy import refuse_numbers


def settle(session: Session, plan_id: int, asked: SettlementIn, caller: Caller) -> ResultEntry:
    """Decide what counts of a session, in the caller's transaction; nothing reported is changed.

    What it does not speak of is as in the adopted entry, or else as it stood.
    The decision speaks of the entries that it names, which must be all that stand now; a report
    that comes later contradicts it again. Asked twice with the same key, it is one entry.

    Raises
    ------
    PlanNotFound, PlanNotCarriedOut, EntryNotFound
        When there is no such plan or report.
    ResultsChanged
        When other reports stand for that session by now.
    BadSettlement
        When it says neither which report counts nor what holds instead.
    ResidentNumbers
        When the reason names a resident by a number.
    """
    plan = carried_out(session, plan_id)
    refuse_numbers({"reason": asked.reason}, "settlement")
    plans = lineage(session, plan_id)
    teams = {one.entry.team for one in entries(session, plans=plans)}
    told = entries(session, teams=teams)
    by_id = {one.entry.id or 0: one for one in told}
    named = [_found(by_id, number, plan_id) for number in asked.entries]
    if not any(one.entry.plan_id in plans for one in named):
        raise EntryNotFound(entry_id=asked.entries[0], plan_id=plan_id)
    if asked.adopt is None and not asked.counts:
        raise BadSettlement(field="adopt", value="-", accepted="adopt | counts")
    if asked.adopt is not None and asked.adopt not in asked.entries:
        accepted = ", ".join(map(str, asked.entries))
        raise BadSettlement(field="adopt", value=asked.adopt, accepted=accepted)
    digest = _digest(asked, named)
    known = session.exec(select(ResultEntry).where(ResultEntry.digest == digest)).first()
    if known is not None:
        return known
    at = named[0].place if asked.adopt is None else by_id[asked.adopt].place
    found = _standing_for(stand(told).sessions, named, at, asked)
    base = by_id[asked.adopt] if asked.adopt is not None else found.live[0]
    entry = _entry(plan, asked, base, digest, caller)
    entry.settles = sorted(one.entry.digest for one in named)
    for name, fact in _facts(found, base).items():
        setattr(entry, name, fact)
    counts = {**found.counts, **base.counts, **_instead(asked)}
    store(session, entry, {name: people.to_dict() for name, people in counts.items()})
    rejoin_if_measured(session, [{"entry_id": entry.id, "outcome": ACCEPTED}])
    return entry


def _found(by_id: dict[int, Told], number: int, plan_id: int) -> Told:
    if number not in by_id:
        raise EntryNotFound(entry_id=number, plan_id=plan_id)
    return by_id[number]


def _standing_for(
    sessions: tuple[SessionResult, ...], named: list[Told], at: Place, asked: SettlementIn
) -> SessionResult:
    """Find the session of a place; exactly the named entries stand for it and the others named.

    Those others are sessions at the same point that in truth are the same one.
    """
    places = {one.place for one in named if one.place.point_code == at.point_code}
    found = {one.place: one for one in sessions if one.place in places}
    live = sorted(told.entry.id or 0 for one in found.values() for told in one.live)
    if at not in found or live != sorted(set(asked.entries)):
        raise ResultsChanged(
            standing=", ".join(map(str, live)) or "-", known=", ".join(map(str, asked.entries))
        )
    return found[at]


def _facts(found: SessionResult, base: Told) -> dict[str, Any]:
    """Give begin, end, signal, speed and power: those of one entry, else what stood of them.

    The settlement replaces every entry that it names; what only others told must not go with them.
    """
    own = {name: getattr(base.entry, name) for name in FACTS}
    facts = {name: getattr(found, name) if own[name] is None else own[name] for name in FACTS}
    started, ended = facts["started_at"], facts["ended_at"]
    if started is not None and ended is not None and started >= ended:
        # Of two entries, each with one of the times: together they are no session.
        facts |= {"started_at": own["started_at"], "ended_at": own["ended_at"]}
    return facts


def _instead(asked: SettlementIn) -> ByProgramme:
    return {name: Outcomes.from_dict(one.model_dump()) for name, one in asked.counts.items()}


def _digest(asked: SettlementIn, named: list[Told]) -> str:
    content: dict[str, Any] = {
        **asked.model_dump(exclude={"entries", "adopt"}),
        "settles": sorted(one.entry.digest for one in named),
        "adopt": next((o.entry.digest for o in named if o.entry.id == asked.adopt), None),
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _entry(plan: Plan, asked: SettlementIn, base: Told, digest: str, caller: Caller) -> ResultEntry:
    same = (
        "plan_id", "team", "day", "point_code", "village_code", "serves", "stop_id", "stop_order",
        "plan_version",
    )  # fmt: skip
    return ResultEntry(
        **{name: getattr(base.entry, name) for name in same},
        kind=SETTLEMENT, key=str(asked.key), digest=digest, notes="", reason=asked.reason.strip(),
        told_at=now(), account=caller.account, via=PLANNER, plan_state=plan.state,
    )  # fmt: skip
