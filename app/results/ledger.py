"""Taking reports in: each kept once, in whatever order and however often they come."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlmodel import Session, col, select

from app.access import Caller
from app.calendar import monday_of
from app.errors import PlanNotFound
from app.lifecycle import begin, was_published
from app.models import (
    Plan,
    PlanState,
    PlanStop,
    PointVillage,
    ResultCount,
    ResultEntry,
    Role,
    ServicePoint,
    Team,
    Village,
)
from app.results.errors import PlanNotCarriedOut
from app.results.standing import lineage, standing, successor
from app.schemas.results import ResultRecord
from app.usable import is_usable
from geodata.privacy import is_resident_number

ACCEPTED, KNOWN, CONTRADICTS, REFUSED = "accepted", "known", "contradicts", "refused"
PHONE, SHEET, PLANNER = "phone", "sheet", "planner"
REFUSALS = (
    "unreadable", "other-plan", "other-team", "team-unknown", "village-unknown", "point-unknown",
    "day-outside",
)  # fmt: skip
"""Why a single report is refused; it is not kept then."""
# A tour that begins in the week may end so many days later.
SPAN_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one report is not kept: a code of ``REFUSALS``, and the words that mend it."""

    reason: str
    detail: str


def take_in(
    session: Session,
    plan_id: int,
    records: Sequence[ResultRecord | Mapping[str, Any]],
    caller: Caller,
    *,
    via: str = PHONE,
    joins: bool = True,
) -> dict[str, Any]:
    """Keep reports of a plan in the caller's transaction, and tell what became of each.

    Reports of a stop that a revision moved or dropped are kept like any other, and those that come
    after closing. The first one puts a published plan in progress, or the one that took its place.

    Parameters
    ----------
    joins
        Whether signal and power are joined anew here; who reports of several plans does it after
        the last one (``rejoin_if_measured``), since who joins may wait for no plan.

    Returns
    -------
    dict
        As ``schemas.results.ResultsOut``.

    Raises
    ------
    PlanNotFound, PlanNotCarriedOut
        When no team ever worked by that plan.
    """
    plan = carried_out(session, plan_id)
    doorkeeper = _Doorkeeper.of(session, plan, caller)
    rows = [_row(session, plan, doorkeeper, record, caller, via) for record in records]
    if any(row["outcome"] == ACCEPTED for row in rows):
        begin(session, successor(session, plan), caller)
        session.flush()
        _mark_contradictions(session, plan, rows)
        if joins:
            rejoin_if_measured(session, rows)
    counts = Counter(row["outcome"] for row in rows)
    return {
        "plan_id": plan_id,
        "plan_state": plan.state,
        **{name: counts[name] for name in (ACCEPTED, KNOWN, CONTRADICTS, REFUSED)},
        "records": rows,
    }


def carried_out(session: Session, plan_id: int) -> Plan:
    """Find a plan that teams worked by, and keep others from adding to its ledger meanwhile.

    Raises
    ------
    PlanNotFound, PlanNotCarriedOut
    """
    # Held to the end: of two that send the same report at the same moment one comes second.
    plan = session.get(Plan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    if not was_published(session, plan):
        raise PlanNotCarriedOut(plan_id=plan_id, state=plan.state)
    return plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doorkeeper:
    """What a report is judged by, the same for all of a request."""

    plan: Plan
    own_team: str | None
    teams: Collection[str]
    villages: Collection[str]
    points: Collection[str]

    @classmethod
    def of(cls, session: Session, plan: Plan, caller: Caller) -> "_Doorkeeper":
        in_plan = select(PlanStop.team).where(PlanStop.plan_id == plan.id).distinct()
        known = select(Team.name).where(Team.regency_code == plan.regency_code)
        villages = frozenset(
            session.exec(select(Village.code).where(Village.regency_code == plan.regency_code))
        )
        return cls(
            plan=plan,
            own_team=caller.team if caller.role == Role.TEAM else None,
            teams={*session.exec(in_plan), *session.exec(known)},
            villages=villages,
            points=villages | _points(session, plan),
        )

    def judge(self, record: ResultRecord) -> Refusal | None:
        """Tell why a report is refused; depends on nothing that was reported before."""
        first = monday_of(self.plan.week)
        last = first + timedelta(days=SPAN_DAYS - 1)
        rules = (
            ("other-plan", record.plan_id == self.plan.id,
             f"plan_id {record.plan_id}: send it to /api/v1/plans/{record.plan_id}/results"),
            ("other-team", self.own_team in {None, record.team},
             f"team {record.team}: this account reports for {self.own_team}"),
            ("team-unknown", record.team in self.teams,
             f"team {record.team}: known are {', '.join(sorted(self.teams))}"),
            ("village-unknown", record.village_code in self.villages,
             f"village_code {record.village_code}: no village of {self.plan.regency_code}"),
            ("point-unknown", record.point_code in self.points,
             f"point_code {record.point_code}: no stop of plan {self.plan.id} and no village or"
             f" service point of {self.plan.regency_code}; send the code, not a name"),
            ("day-outside", first <= record.day <= last,
             f"day {record.day}: {self.plan.week} and its tours go from {first} to {last}"),
        )  # fmt: skip
        return next((Refusal(reason=why, detail=how) for why, fine, how in rules if not fine), None)


def _points(session: Session, plan: Plan) -> frozenset[str]:
    """Name the stops of a plan and of those it replaced, and all points, also those given up."""
    plans = lineage(session, plan.id or 0)
    stops = select(PlanStop.point_code).where(col(PlanStop.plan_id).in_(plans))
    points = (
        select(ServicePoint.code).join(Village).where(Village.regency_code == plan.regency_code)
    )
    return frozenset(code for code in (*session.exec(stops), *session.exec(points)) if code)


def _row(
    session: Session,
    plan: Plan,
    doorkeeper: _Doorkeeper,
    record: ResultRecord | Mapping[str, Any],
    caller: Caller,
    via: str,
) -> dict[str, Any]:
    read = _read(record)
    refusal = read if isinstance(read, Refusal) else doorkeeper.judge(read)
    if isinstance(read, Refusal) or refusal is not None:
        return _told(_key_of(record), REFUSED, refusal=refusal)
    record, key = read, str(read.key)
    digest = digest_of(record)
    known = session.exec(select(ResultEntry).where(ResultEntry.digest == digest)).first()
    if known is not None:
        return _told(key, KNOWN, entry=known)
    entry = _entry(session, plan, record, digest, caller, via)
    store(session, entry, {name: one.model_dump() for name, one in record.counts.items()})
    return _told(key, ACCEPTED, entry=entry, notes_masked=entry.notes != record.notes)


def store(session: Session, entry: ResultEntry, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Add an entry and its counts by programme."""
    session.add(entry)
    session.flush()
    for programme, people in counts.items():
        session.add(ResultCount(entry_id=entry.id or 0, programme=programme, **people))
    session.flush()


def _told(
    key: str | None,
    outcome: str,
    *,
    entry: ResultEntry | None = None,
    refusal: Refusal | None = None,
    notes_masked: bool = False,
) -> dict[str, Any]:
    return {
        "key": key,
        "outcome": outcome,
        "entry_id": entry.id if entry else None,
        "reason": refusal.reason if refusal else None,
        "detail": refusal.detail if refusal else None,
        "is_late": entry is not None and entry.plan_state == PlanState.CLOSED,
        "notes_masked": notes_masked,
    }


def _key_of(record: ResultRecord | Mapping[str, Any]) -> str | None:
    key = str(record.key) if isinstance(record, ResultRecord) else record.get("key")
    return key[:36] if isinstance(key, str) and is_usable(key) else None


def _read(record: ResultRecord | Mapping[str, Any]) -> ResultRecord | Refusal:
    if isinstance(record, ResultRecord):
        return record
    try:
        return ResultRecord.model_validate(record)
    except ValidationError as error:
        # Types and places only: what was sent may be anything, and is not repeated.
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'record'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        detail = "; ".join(faults[:5])[:500]
        return Refusal(reason="unreadable", detail=detail if is_usable(detail) else "record")


def digest_of(record: ResultRecord) -> str:
    """Give the SHA-256 of what a report says; the same moment in another zone is the same."""
    content = {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in record.model_dump().items()
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _entry(
    session: Session, plan: Plan, record: ResultRecord, digest: str, caller: Caller, via: str
) -> ResultEntry:
    return ResultEntry(
        plan_id=record.plan_id,
        key=str(record.key),
        digest=digest,
        corrects=_text(record.corrects),
        team=record.team,
        day=record.day,
        point_code=record.point_code,
        village_code=record.village_code,
        serves=served_by(session, plan, record.point_code, record.village_code),
        stop_id=record.stop_id,
        stop_order=record.order,
        plan_version=record.plan_version,
        started_at=record.start,
        ended_at=record.end,
        signal=record.signal,
        signal_mbps=record.signal_mbps,
        power=record.power,
        notes=_masked(record.notes),
        told_at=record.device_time,
        account=caller.account,
        via=via,
        plan_state=plan.state,
    )


def _text(key: UUID | None) -> str | None:
    return None if key is None else str(key)


def _masked(notes: str) -> str:
    """Take numbers out of notes that hold one of a resident; the words stay."""
    return re.sub(r"\d", "*", notes) if is_resident_number(notes) else notes


def served_by(session: Session, plan: Plan, point_code: str, village_code: str) -> list[str]:
    """Name the villages whose people a point served in a plan; else the one it lies in.

    A school, company or prison serves those of the villages that it names.
    """
    plans = lineage(session, plan.id or 0)
    stop = session.exec(
        select(PlanStop)
        .where(col(PlanStop.plan_id).in_(plans), PlanStop.point_code == point_code)
        .order_by(col(PlanStop.plan_id).desc())
    ).first()
    if stop is not None and stop.serves:
        return sorted(stop.serves)
    named = select(PointVillage.village_code).where(PointVillage.point_code == point_code)
    return sorted(session.exec(named)) or [village_code]


def rejoin_if_measured(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Join signal and power anew when new entries tell of them."""
    # Imported here: it loads the libraries of tables, and most reports need them not.
    from app.connectivity import rejoin

    new = [row["entry_id"] for row in rows if row["outcome"] in {ACCEPTED, CONTRADICTS}]
    told = (session.get_one(ResultEntry, number) for number in new)
    if any(entry.signal is not None or entry.power is not None for entry in told):
        rejoin(session)


def _mark_contradictions(session: Session, plan: Plan, rows: list[dict[str, Any]]) -> None:
    """Tell which of the new entries others of the week contradict."""
    new = [row for row in rows if row["outcome"] == ACCEPTED]
    found = standing(session, plan_id=successor(session, plan).id)
    contested = {
        one.entry.id for case in found.contradictions if case.is_open for one in case.entries
    }
    for row in new:
        if row["entry_id"] in contested:
            row["outcome"] = CONTRADICTS
