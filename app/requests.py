"""Requests for visits: entered, verified, scheduled by published plans, done, or refused.

    received -> verified -> scheduled -> done,   refused with a reason

``scheduled`` and ``done`` follow the life of plans (``follow_plan``): the published plan that holds
the visit schedules it, also where it is verified only later but not after the visit, and has
carried it out where a team reported that people came. Every step is kept with who and when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, and_, col, or_, select

from app.areas import everywhere
from app.calendar import day_in, today_in
from app.errors import RegencyNotFound, VillageNotFound
from app.models import Plan, PlanState, PlanStop, RequestState, RequestStep, Village, VisitRequest
from app.request_errors import (
    BadRequest,
    RequestChanged,
    RequestKnown,
    RequestNotFound,
    RequestReasonMissing,
    RequestStepRefused,
)
from app.results.standing import standing
from geodata.privacy import refuse_persons
from geodata.requests import KINDS, MAX_PEOPLE, RequestRow
from geodata.schema import PROGRAMMES

RECEIVED, VERIFIED = RequestState.RECEIVED, RequestState.VERIFIED
SCHEDULED, DONE, REFUSED = RequestState.SCHEDULED, RequestState.DONE, RequestState.REFUSED
RECEIVE, SCHEDULE, RELEASE, CARRY_OUT = "receive", "schedule", "release", "carry_out"


@dataclass(frozen=True, slots=True)
class Action:
    """A step that a planner takes: from which states, to which, and whether it needs a reason."""

    before: tuple[RequestState, ...]
    after: RequestState
    needs_reason: bool = False


ACTIONS: Mapping[str, Action] = {
    "verify": Action((RECEIVED,), VERIFIED),
    "refuse": Action((RECEIVED, VERIFIED), REFUSED, needs_reason=True),
    "reopen": Action((REFUSED, DONE), RECEIVED, needs_reason=True),
    "finish": Action((VERIFIED, SCHEDULED), DONE, needs_reason=True),
}
"""The steps of people; those of plans are ``schedule``, ``release`` and ``carry_out``."""


def add_request(
    session: Session, row: RequestRow, *, account: str, import_id: int | None = None
) -> VisitRequest:
    """Enter a letter.

    Raises
    ------
    VillageNotFound, BadRequest, RequestKnown
        When its village is not known, a field cannot be used, or it was entered before.
    ResidentNumbers, ResidentName
        When it tells who a resident is.
    """
    refuse_persons({"number": row.number, "contact": row.contact}, "request")
    if session.get(Village, row.village_code) is None:
        raise VillageNotFound(code=row.village_code)
    _judge(row)
    known = known_request(session, row)
    if known is not None:
        raise RequestKnown(number=row.number, village_code=row.village_code, request_id=known.id)
    request = VisitRequest(
        village_code=row.village_code, kind=row.kind, number=row.number.strip(),
        letter_date=row.letter_date, programmes=list(row.programmes), people=row.people,
        contact=row.contact.strip(), is_required=row.is_required, import_id=import_id,
    )  # fmt: skip
    session.add(request)
    session.flush()
    _write_down(session, request, RECEIVE, None, RECEIVED, account, None, {})
    return request


def known_request(session: Session, row: RequestRow) -> VisitRequest | None:
    """Find the request that a letter became before."""
    return session.exec(
        select(VisitRequest)
        .where(VisitRequest.number == row.number.strip(), VisitRequest.kind == row.kind)
        .where(VisitRequest.village_code == row.village_code)
    ).first()


def _judge(row: RequestRow) -> None:
    latest = date.today() + timedelta(days=1)  # noqa: DTZ011 (a day of grace covers every zone)
    programmes = set(row.programmes)
    rules = (
        ("number", row.number, "1 .. 100", 1 <= len(row.number.strip()) <= 100),
        ("kind", row.kind, " | ".join(KINDS), row.kind in KINDS),
        ("letter_date", row.letter_date, f"<= {latest}", row.letter_date <= latest),
        ("programmes", ", ".join(row.programmes), ", ".join(PROGRAMMES),
         bool(programmes) and programmes <= set(PROGRAMMES)),
        ("people", row.people, f"1 .. {MAX_PEOPLE}", 1 <= row.people <= MAX_PEOPLE),
        ("contact", row.contact, "0 .. 200", len(row.contact) <= 200),
    )  # fmt: skip
    for field, found, accepted, is_fine in rules:
        if not is_fine:
            raise BadRequest(field=field, value=str(found), accepted=accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A step that somebody asks for; ``is_required`` None leaves as it is what must be served."""

    action: str
    version: int | None = None
    reason: str | None = None
    is_required: bool | None = None


def take_request_step(
    session: Session, request_id: int, asked: Asked, *, account: str, today: date | None = None
) -> VisitRequest:
    """Move a request on, and write down who did so and why.

    What is verified is scheduled by published plans that have a session for it from ``today`` on;
    None: that of the office.

    Raises
    ------
    RequestNotFound, RequestChanged, RequestStepRefused, RequestReasonMissing
        Nothing is moved then.
    ResidentNumbers, ResidentName
        When the reason tells who a resident is.
    """
    request = _locked(session, request_id)
    if asked.version is not None and asked.version != request.version:
        raise RequestChanged(request_id=request_id, version=request.version, known=asked.version)
    action = ACTIONS[asked.action]
    if request.state not in action.before:
        allowed = ", ".join(next_steps(request)) or "-"
        raise RequestStepRefused(
            request_id=request_id, action=asked.action, state=request.state, allowed=allowed
        )
    reason = (asked.reason or "").strip() or None
    refuse_persons({"reason": reason}, "request")
    if action.needs_reason and reason is None:
        raise RequestReasonMissing(request_id=request_id, action=asked.action)
    details: dict[str, Any] = {}
    if asked.is_required is not None:
        request.is_required = details["is_required"] = asked.is_required
    if action.after == RECEIVED:
        request.plan_id = None
    regency = session.get_one(Village, request.village_code).regency_code
    if action.after == VERIFIED:
        details["day"] = str(today or today_in(regency))
    _move(session, request, asked.action, action.after, account, reason, details)
    if action.after == VERIFIED:
        _ride_along(session, request, regency, account)
    return request


def _ride_along(session: Session, request: VisitRequest, regency: str, account: str) -> None:
    """Let the plan that teams work by schedule a request of a village that is still to come."""
    plans = session.exec(
        select(Plan)
        .where(Plan.regency_code == regency)
        .where(col(Plan.state).in_((PlanState.PUBLISHED, PlanState.IN_PROGRESS)))
        .order_by(col(Plan.week))
        .with_for_update()  # held to the end: closed at the same moment it would miss the request
    )
    for plan in plans:
        if _is_to_come(session, request, plan):
            _schedule(session, request, plan, account)
            return


def _is_to_come(session: Session, request: VisitRequest, plan: Plan) -> bool:
    """Tell whether a plan serves its village on the day when it was verified, or later."""
    steps = session.exec(
        select(RequestStep)
        .where(RequestStep.request_id == request.id)
        .order_by(col(RequestStep.version).desc())
    ).all()
    told = next((step.details["day"] for step in steps if "day" in step.details), None)
    if told is not None:
        since = date.fromisoformat(told)
    else:  # verified by a version that did not keep the office's day
        at = next(step.at for step in steps if step.action == "verify")
        since = day_in(plan.regency_code, at)
    return request.village_code in villages_served(session, plan, since=since)


def _schedule(session: Session, request: VisitRequest, plan: Plan, account: str) -> None:
    request.plan_id = plan.id
    _move(session, request, SCHEDULE, SCHEDULED, account, None, {"plan_id": plan.id})


def next_steps(request: VisitRequest) -> list[str]:
    """Name the steps that people may take with a request."""
    return [name for name, action in ACTIONS.items() if request.state in action.before]


def follow_plan(session: Session, plan: Plan, account: str) -> None:
    """Let requests follow a plan that has just been moved to another state.

    A plan that teams work by schedules the open requests of the villages that it serves after they
    were verified; closed, cancelled or replaced it has carried out those where a team reported that
    somebody came, and gives the others back.
    """
    # A team's phone that starts the plan sees its own stops and reports only.
    with everywhere(session):
        if plan.state in {PlanState.PUBLISHED, PlanState.IN_PROGRESS}:
            for request in _waiting(session, plan):
                _schedule(session, request, plan, account)
        elif plan.state in {PlanState.CLOSED, PlanState.CANCELLED}:
            _let_go(session, plan, account)


def _let_go(session: Session, plan: Plan, account: str) -> None:
    came = people_who_came(session, plan)
    for request in _held(session, plan):
        told = came.get(request.village_code)
        action, after = (CARRY_OUT, DONE) if told else (RELEASE, VERIFIED)
        request.plan_id = plan.id if told else None
        details: dict[str, Any] = {"plan_id": plan.id}
        if told is not None:
            details["came"] = told
        if told == 0:  # in vain: only a later visit answers it
            details["day"] = str(today_in(plan.regency_code))
        _move(session, request, action, after, account, None, details)


def _waiting(session: Session, plan: Plan) -> Sequence[VisitRequest]:
    served = villages_served(session, plan)
    query = select(VisitRequest).where(VisitRequest.state == VERIFIED)
    found = session.exec(
        query.where(col(VisitRequest.village_code).in_(served)).order_by(col(VisitRequest.id))
    )
    return [request for request in found.all() if _is_to_come(session, request, plan)]


def _held(session: Session, plan: Plan) -> Sequence[VisitRequest]:
    query = select(VisitRequest).where(VisitRequest.plan_id == plan.id)
    return session.exec(
        query.where(VisitRequest.state == SCHEDULED).order_by(col(VisitRequest.id))
    ).all()


def people_who_came(session: Session, plan: Plan) -> dict[str, int]:
    """Count by village the people whom the teams of a plan reported to have come to its session.

    A village of which nothing was reported is left out.
    """
    villages: dict[str, set[str]] = {}
    for stop in session.exec(select(PlanStop).where(PlanStop.plan_id == plan.id)):
        here = villages.setdefault(stop.point_code or stop.village_code, set())
        here |= {stop.village_code, *stop.serves}
    found: dict[str, int] = {}
    for one in standing(session, plan_id=plan.id).sessions:
        came = sum(outcomes.came for outcomes in one.counts.values())
        for code in villages.get(one.place.point_code, ()):
            found[code] = found.get(code, 0) + came
    return found


def villages_served(session: Session, plan: Plan, *, since: date = date.min) -> set[str]:
    """Name the villages where a plan has a session, and those it serves from elsewhere.

    ``since``: by sessions of that day and later.
    """
    query = select(PlanStop).where(PlanStop.plan_id == plan.id, PlanStop.day >= since)
    return {code for stop in session.exec(query) for code in (stop.village_code, *stop.serves)}


def asked_of_week(session: Session, regency: str, week: str) -> list[dict[str, Any]]:
    """List the requests that a plan of a week is to weigh, as its parameters keep them.

    Those verified, and those that another plan of the same week has scheduled.
    """
    same_week = select(Plan.id).where(Plan.regency_code == regency, Plan.week == week)
    is_here = and_(VisitRequest.state == SCHEDULED, col(VisitRequest.plan_id).in_(same_week))
    rows = session.exec(
        select(VisitRequest)
        .join(Village)
        .where(Village.regency_code == regency)
        .where(or_(VisitRequest.state == VERIFIED, is_here))
        .order_by(col(VisitRequest.id))
    )
    return [
        {"request_id": row.id, "village": row.village_code, "is_required": row.is_required}
        for row in rows
    ]


def get_request(session: Session, request_id: int) -> VisitRequest:
    """Give a request.

    Raises
    ------
    RequestNotFound
        When there is none of that number.
    """
    request = session.get(VisitRequest, request_id)
    if request is None:
        raise RequestNotFound(request_id=request_id)
    return request


def request_list(
    session: Session,
    *,
    regency: str | None = None,
    village: str | None = None,
    state: str | None = None,
) -> list[dict[str, Any]]:
    """List requests, the newest letter first.

    Raises
    ------
    RegencyNotFound, VillageNotFound
        When no village of it is known.
    """
    query = select(VisitRequest, Village).join(Village)
    if regency is not None:
        known = sorted(set(session.exec(select(Village.regency_code).distinct())))
        if regency not in known:
            raise RegencyNotFound(regency=regency, known=", ".join(known) or "-")
        query = query.where(Village.regency_code == regency)
    if village is not None:
        if session.get(Village, village) is None:
            raise VillageNotFound(code=village)
        query = query.where(VisitRequest.village_code == village)
    if state is not None:
        query = query.where(VisitRequest.state == state)
    order = (col(VisitRequest.letter_date).desc(), col(VisitRequest.id).desc())
    return [_row(request, place) for request, place in session.exec(query.order_by(*order))]


def request_document(session: Session, request_id: int) -> dict[str, Any]:
    """Give a request with every step taken.

    Raises
    ------
    RequestNotFound
        When there is none of that number.
    """
    request = get_request(session, request_id)
    steps = session.exec(
        select(RequestStep)
        .where(RequestStep.request_id == request_id)
        .order_by(col(RequestStep.version))
    )
    taken = [step.model_dump(exclude={"id", "request_id"}) for step in steps]
    return {**_row(request, session.get_one(Village, request.village_code)), "steps": taken}


def _row(request: VisitRequest, village: Village) -> dict[str, Any]:
    return {
        "request_id": request.id,
        "village_name": village.name,
        "district": village.district,
        "next": next_steps(request),
        **request.model_dump(exclude={"id"}),
    }


def _locked(session: Session, request_id: int) -> VisitRequest:
    # Held to the end: who asks at the same moment sees the step that came first.
    request = session.get(VisitRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise RequestNotFound(request_id=request_id)
    return request


def _move(
    session: Session,
    request: VisitRequest,
    action: str,
    after: RequestState,
    account: str,
    reason: str | None,
    details: dict[str, Any],
) -> None:
    before = request.state
    request.state, request.version = after.value, request.version + 1
    _write_down(session, request, action, before, after, account, reason, details)


def _write_down(
    session: Session,
    request: VisitRequest,
    action: str,
    before: str | None,
    after: RequestState,
    account: str,
    reason: str | None,
    details: dict[str, Any],
) -> None:
    seen = request.version
    session.add(
        RequestStep(
            request_id=request.id or 0, version=seen, account=account, action=action,
            before=before, after=after.value, reason=reason, details=details,
        )
    )  # fmt: skip
    try:
        session.flush()
    except IntegrityError as error:
        # SQLite knows no lock on a row: of two that read the same version one comes second here.
        raise RequestChanged(request_id=request.id, version=seen, known=max(0, seen - 1)) from error
