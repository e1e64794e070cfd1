"""A week of a campaign planned by itself, knowing what the other weeks do."""

from dataclasses import replace
from typing import Any

from sqlmodel import Session, select

from app.calendar import monday_of
from app.campaign_weeks import load_campaign_weeks, plans_of
from app.errors import BadOption, CampaignNotFound, CampaignOutdated
from app.models import Campaign, CampaignWeek
from app.travel import TravelMeans
from app.week import LaterWeeks, Week
from routing import NO_NEED, Attendance, Result, course_from, need_on

Visits = dict[int, list[tuple[int, Attendance]]]


def require_campaign(session: Session, campaign_id: int | None, regency: str, week: str) -> None:
    """Refuse a campaign that this week is no part of.

    Raises
    ------
    CampaignNotFound, BadOption
        When there is none of that number, or it is of another regency or other weeks.
    """
    if campaign_id is None:
        return
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise CampaignNotFound(campaign_id=campaign_id)
    weeks = [own["week"] for own in row.params["weeks"]]
    if row.regency_code != regency or week not in weeks:
        raise BadOption(
            option="campaign", value=f"{campaign_id} ({row.regency_code}, {weeks[0]}..{weeks[-1]})",
            accepted=f"{regency}, {week}",
        )  # fmt: skip


def for_campaign(session: Session, week: Week, means: TravelMeans | None) -> Week:
    """Give a plan's week the people that earlier weeks of its campaign leave, and the later weeks.

    Raises
    ------
    CampaignNotFound, CampaignOutdated
        When the campaign is gone, or was planned on other data.
    """
    campaign_id = week.params.get("campaign")
    if campaign_id is None:
        return week
    weeks = load_campaign_weeks(session, campaign_id, means)
    row = session.get(Campaign, campaign_id)
    if row is None or row.inputs != weeks.inputs:
        raise CampaignOutdated(campaign_id=campaign_id)
    stored = session.exec(select(CampaignWeek).where(CampaignWeek.campaign_id == campaign_id))
    plans = plans_of(weeks, [(one.week, one.days) for one in stored])
    position = [monday_of(name) for name in weeks.names].index(week.monday)
    visits: Visits = {}
    for w, (other, plan) in enumerate(zip(weeks.weeks, plans, strict=True)):
        if w == position or plan is None:
            continue
        for itinerary in plan.itineraries:
            for stop in itinerary.stops:
                session_there = other.attendance(
                    stop.visit, itinerary.shift, other.params["minutes"][stop.option],
                    with_kit=itinerary.with_kit,
                )  # fmt: skip
                visits.setdefault(stop.visit, []).append((w, session_there))
    return _with_others(week, [one.needs for one in weeks.weeks], visits, position)


def _with_others(week: Week, needs: list[tuple[Any, ...]], visits: Visits, position: int) -> Week:
    left, courses = [], []
    for v, own in enumerate(week.needs):
        listed = [by_visit[v] or NO_NEED for by_visit in needs]
        now = need_on(listed, visits.get(v, []), position)
        left.append(None if own is None else now)
        courses.append(tuple(course_from(now, listed, position)))
    later = {
        v: after for v, made in visits.items()
        if (after := [pair for pair in made if pair[0] > position])
    }  # fmt: skip
    return replace(
        week, needs=tuple(left),
        later=LaterWeeks(position=position, courses=tuple(courses), visits=later),
    )  # fmt: skip


def campaign_row(week: Week, result: Result) -> dict[str, Any]:
    """Tell of a solved week which campaign it was made for, and what its later weeks lose."""
    if week.later is None:
        return {}
    lost = sum(
        week.later.lost(
            stop.visit,
            week.attendance(
                stop.visit, itinerary.shift, week.params["minutes"][stop.option],
                with_kit=itinerary.with_kit,
            ),
        )
        for itinerary in result.solution.itineraries
        for stop in itinerary.stops
    )  # fmt: skip
    return {"campaign": {"campaign_id": week.params["campaign"], "lost_later": round(lost, 3)}}
