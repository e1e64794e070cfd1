"""A plan as people and machines read it: rows -> one JSON document, in a language."""

from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlmodel import Session, col, select

from app.calendar import ZONE_LABELS, moment, monday_of, week_of, zone_of
from app.errors import ItineraryNotFound, PlanNotFound, TeamNotFound
from app.lifecycle import letters_of
from app.models import Job, Plan, PlanState, PlanStop, Team, Village, VillageCount, VillageEdition
from app.points import DECIMALS
from app.public_plan import plan_as_seen, plan_line_as_seen, stop_as_seen, team_as_seen
from app.rule_report import rule_document
from app.texts import Lang, reason_text, warning_text
from app.under_way import WORKED_BY
from app.viewing import view_of
from app.violation_texts import changes_document


class VillageThen(NamedTuple):
    """What a village was called and where it was when a plan was made."""

    code: str
    name: str
    district: str
    regency: str
    lon: float
    lat: float


def villages_of(session: Session, plan: Plan) -> dict[str, VillageThen]:
    """Give the villages of a plan's regency, by code, from the imports that the plan names.

    Of an unsolved plan, and where editions of that time were not kept, those of today.
    """
    columns = VillageThen._fields[1:]
    today = sqlalchemy.select(*(getattr(Village, name) for name in VillageThen._fields))
    rows = session.execute(today.where(col(Village.regency_code) == plan.regency_code)).all()
    used = [int(number) for number, row in plan.inputs.items() if row["kind"] == "villages"]
    then = sqlalchemy.select(
        col(VillageEdition.village_code), *(getattr(VillageEdition, name) for name in columns)
    )
    editions = session.execute(
        then.where(col(VillageEdition.regency_code) == plan.regency_code)
        .where(col(VillageEdition.import_id).in_(used))
        .order_by(col(VillageEdition.import_id))
    ).all()
    return {row[0]: VillageThen(*row) for row in (*rows, *editions)}


def plan_list(
    session: Session, regency: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """List plans, newest first."""
    query = select(Plan).order_by(col(Plan.id).desc()).limit(limit)
    if regency is not None:
        query = query.where(Plan.regency_code == regency)
    plans = session.exec(query).all()
    jobs = _last_jobs(session, [plan.id or 0 for plan in plans])
    view = view_of(session)
    return [
        plan_line_as_seen(
            {
                "plan_id": plan.id,
                "regency_code": plan.regency_code,
                "week": plan.week,
                "created_at": plan.created_at.isoformat(),
                "state": plan.state,
                "status": plan.status,
                "kept": plan.summary.get("kept"),
                "scenario": plan.params.get("scenario", {}).get("name"),
                "value": plan.value,
                "n_stops": sum(t["n_stops"] for t in plan.summary.get("teams", ())),
                **_job_fields(jobs.get(plan.id or 0)),
            },
            plan.summary.get("teams", []),
            view,
        )
        for plan in plans
    ]


def plan_document(session: Session, plan_id: int, lang: Lang) -> dict[str, Any]:
    """Give the whole plan, as far as the session may see it (``public_plan.py``).

    Before a solve has ended the numbers are None and the lists empty.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    """
    plan = _plan(session, plan_id)
    villages = villages_of(session, plan)
    zone = zone_of(plan.regency_code)
    summary = plan.summary
    names = {code: village.name for code, village in villages.items()}
    numbers = (
        "expected", "expected_p10", "expected_p90", "worth_p10", "worth_p90",
        "coverage_before", "coverage_after", "wajib_ktp", "sudah_rekam",
        "not_recorded", "people_to_look_for", "turned_17_since", "hours_work", "baseline_value",
        "travel_tables", "found_by", "campaign",
    )  # fmt: skip
    document = {
        "plan_id": plan.id,
        "version": plan.version,
        "regency": {"code": plan.regency_code, "name": next(iter(villages.values())).regency},
        "week": plan.week,
        "timezone": zone,
        "timezone_label": ZONE_LABELS[zone],
        "created_at": plan.created_at.isoformat(),
        "solved_at": plan.solved_at.isoformat() if plan.solved_at else None,
        "state": plan.state,
        "replaced_by": plan.replaced_by,
        "letters": letters_of(session, plan_id),
        "kept": summary.get("kept"),
        "scenario": plan.params.get("scenario"),
        "locked": plan.params.get("locked", []),
        "status": plan.status,
        "stop_reason": plan.stop_reason,
        "value": plan.value,
        "worth": plan.worth,
        "bound": plan.bound,
        "gap": plan.gap,
        "cost_rupiah": plan.cost_rupiah,
        "distance_m": plan.distance_m,
        **{name: summary.get(name) for name in numbers},
        "teams": [team_row(plan, row, zone, villages) for row in summary.get("teams", ())],
        "stops": stop_rows(session, plan, villages),
        "unserved": _unserved(session, plan, villages, lang),
        "warnings": [
            {
                "code": row["code"],
                "count": row["count"],
                "message": warning_text(row["code"], row["params"], lang),
            }
            for row in summary.get("warnings", ())
        ],
        **rule_document(summary, names, lang),
        **changes_document(summary, names, lang),
        "season": plan.params.get("season", "dry"),
        "changed_params": plan.params.get("changed_params", []),
        "corrections": summary.get("corrections", []),
        "params": plan.params,
        "inputs": plan.inputs,
        **_job_fields(_last_jobs(session, [plan_id]).get(plan_id)),
    }
    return plan_as_seen(document, view_of(session), lang)


def itinerary_document(session: Session, plan_id: int, team: str, lang: Lang) -> dict[str, Any]:
    """Give one team's part of a plan: its days with their stops in order.

    Raises
    ------
    PlanNotFound, TeamNotFound
        When the plan, or the team in it, is not there.
    """
    plan = _plan(session, plan_id)
    zone = zone_of(plan.regency_code)
    view = view_of(session)
    rows = plan.summary.get("teams", ())
    teams = {row["team"]: team_as_seen(row, view) for row in rows if view.sees_team(row["team"])}
    if team not in teams:
        raise TeamNotFound(team=team, known=", ".join(teams) or "-")
    villages = villages_of(session, plan)
    row = team_row(plan, teams[team], zone, villages)
    stops = stop_rows(session, plan, villages, team=team)
    return {
        "plan_id": plan.id,
        "week": plan.week,
        "state": plan.state,
        "version": plan.version,
        "letter": letters_of(session, plan_id).get(team),
        "team": team,
        "base": row["base"],
        "timezone": zone,
        "timezone_label": ZONE_LABELS[zone],
        "lang": lang,
        "days": [
            {**shift, "stops": [stop for stop in stops if stop["day"] == shift["day"]]}
            for shift in row["shifts"]
        ],
    }


def newest_plan_of_team(session: Session, team: str, week: str, lang: Lang = "en") -> int:
    """Find which plan of a week a team works by: the published one, else the newest solved one.

    ``week`` may be ``current``: the ISO week of today at the team's office.

    Raises
    ------
    TeamNotFound, BadWeek, ItineraryNotFound
        The last says why: no plan at all, or one that is not solved yet.
    """
    row = session.get(Team, team)
    if row is None:
        known = session.exec(select(Team.name).order_by(col(Team.name))).all()
        raise TeamNotFound(team=team, known=", ".join(known[:20]) or "-")
    if week == "current":
        week = week_of(datetime.now(ZoneInfo(zone_of(row.regency_code))).date())
    monday_of(week)
    # Telephones ask often whether anything is new: no plan is read as a whole for that.
    plans = session.exec(
        select(Plan.id, Plan.solved_at, col(Plan.summary)["teams"])
        .where(Plan.regency_code == row.regency_code)
        .where(Plan.week == week)
        .where(Plan.state != PlanState.CANCELLED)
        .order_by(col(Plan.state).in_(WORKED_BY).desc(), col(Plan.id).desc())
    ).all()
    for plan_id, solved_at, teams in plans:
        if solved_at is not None and any(one["team"] == team for one in teams):
            return plan_id or 0
    reason = "not-solved" if plans else "no-plan"
    raise ItineraryNotFound(team=team, week=week, reason=reason_text(reason, {}, lang))


def stop_rows(
    session: Session,
    plan: Plan,
    villages: dict[str, VillageThen],
    *,
    team: str | None = None,
    day: date | None = None,
) -> list[dict[str, Any]]:
    """List a plan's stops by team, day and order, times with the office's offset."""
    query = select(PlanStop).where(PlanStop.plan_id == plan.id)
    if team is not None:
        query = query.where(PlanStop.team == team)
    if day is not None:
        query = query.where(PlanStop.day == day)
    zone = ZoneInfo(zone_of(plan.regency_code))
    rows = session.exec(
        query.order_by(col(PlanStop.team), col(PlanStop.day), col(PlanStop.order))
    ).all()
    view = view_of(session)
    return [stop_as_seen(_stop(stop, villages[stop.village_code], zone), view) for stop in rows]


def _stop(stop: PlanStop, village: VillageThen, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "stop_id": f"{stop.plan_id}-{stop.team}-{stop.day.isoformat()}-{stop.order}",
        "team": stop.team,
        "day": stop.day.isoformat(),
        "order": stop.order,
        "village_code": stop.village_code,
        "village_name": village.name,
        "district": village.district,
        "point_code": stop.point_code or village.code,
        "point_name": stop.point_name or village.name,
        "point_kind": stop.point_kind or "village_hall",
        "serves": [village.code] if stop.point_code is None else stop.serves,
        "lon": round(village.lon if stop.lon is None else stop.lon, DECIMALS),
        "lat": round(village.lat if stop.lat is None else stop.lat, DECIMALS),
        "arrive": stop.arrive.astimezone(zone).isoformat(),
        "start": stop.start.astimezone(zone).isoformat(),
        "depart": stop.depart.astimezone(zone).isoformat(),
        "minutes": stop.minutes,
        "break_minutes": stop.break_minutes,
        "home_visits": stop.home_visits,
        "home_visit_minutes": _home_minutes(stop),
        "service_mode": stop.service_mode,
        "travel_mode": stop.travel_mode,
        "travel_minutes": stop.travel_minutes,
        "travel_break_minutes": stop.travel_break_minutes,
        "distance_m": stop.distance_m,
        "n_rapids": stop.n_rapids,
        "off_network_m": stop.off_network_m,
        "is_straight_line": stop.is_straight_line,
        "with_kit": stop.with_kit,
        "worth": stop.worth,
        "worth_p10": stop.worth_p10,
        "worth_p90": stop.worth_p90,
        "expected": stop.expected,
        "expected_p10": stop.expected_p10,
        "expected_p90": stop.expected_p90,
        "factors": stop.factors,
    }


def _home_minutes(stop: PlanStop) -> int:
    if not stop.home_visits:
        return 0
    on_site = round((stop.depart - stop.start).total_seconds() / 60)
    return on_site - stop.minutes - stop.break_minutes


def team_row(
    plan: Plan, row: dict[str, Any], zone: str, villages: dict[str, VillageThen]
) -> dict[str, Any]:
    """Give a team's row of a summary with times of its days as moments, and names of its nights."""
    monday = monday_of(plan.week)
    shifts = [
        {
            **shift,
            "departure": moment(monday, shift["departure"], zone).isoformat(),
            "arrival": moment(monday, shift["arrival"], zone).isoformat(),
            # A plan of before nights out says nothing of them.
            "sleeps_code": shift.get("sleeps_code"),
            "sleeps_place": shift.get("sleeps_place"),
            "sleeps_name": village.name if (village := _sleeps(shift, villages)) else None,
        }
        for shift in row["shifts"]
    ]
    return {"nights": 0, **row, "shifts": sorted(shifts, key=lambda shift: str(shift["day"]))}


def _sleeps(shift: dict[str, Any], villages: dict[str, VillageThen]) -> VillageThen | None:
    return villages.get(shift.get("sleeps_code") or "")


def _unserved(
    session: Session, plan: Plan, villages: dict[str, VillageThen], lang: Lang
) -> list[dict[str, Any]]:
    """List the villages left out, most people to look for first."""
    left_out = plan.summary.get("unserved", ())
    # Plans solved before corrections were known do not say how many people there are.
    is_old = any("people_to_look_for" not in row for row in left_out)
    people = _people_to_look_for(session, plan) if is_old else {}
    rows = [
        {
            "village_code": row["village_code"],
            "village_name": villages[row["village_code"]].name,
            "district": villages[row["village_code"]].district,
            "point_code": row.get("point_code", row["village_code"]),
            "point_name": row.get("point_name", villages[row["village_code"]].name),
            "people_to_look_for": row.get("people_to_look_for", people.get(row["village_code"], 0)),
            "reason": row["reason"],
            "limit": row["limit"],
            "detail": reason_text(row["reason"], {"limit": row["limit"]}, lang),
        }
        for row in left_out
        if row["village_code"] in villages
    ]
    return sorted(rows, key=lambda row: (-int(row["people_to_look_for"]), row["village_code"]))


def _people_to_look_for(session: Session, plan: Plan) -> dict[str, int]:
    """Read the people to look for from the very counts a plan was made with."""
    imports = [int(number) for number, row in plan.inputs.items() if row["kind"] == "counts"]
    rows = session.exec(
        select(VillageCount)
        .where(col(VillageCount.import_id).in_(imports))
        .order_by(col(VillageCount.as_of), col(VillageCount.id))
    )
    return {row.village_code: max(0, row.belum_rekam or 0) for row in rows}


def _plan(session: Session, plan_id: int) -> Plan:
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    return plan


def _last_jobs(session: Session, plan_ids: list[int]) -> dict[int, Job]:
    rows = session.exec(select(Job).where(col(Job.plan_id).in_(plan_ids)).order_by(col(Job.id)))
    return {row.plan_id or 0: row for row in rows}


def _job_fields(job: Job | None) -> dict[str, Any]:
    return {"job_id": job.id if job else None, "job_state": job.state if job else None}
