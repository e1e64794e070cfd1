"""Campaigns: stored with their job, planned step by step, each step stored as soon as it is done.

A job that was ended, by whatever, goes on after the last step that is stored, if the data are still
the same; on other data it begins anew.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from app.calendar import coming_week, monday_of, week_of
from app.campaign_summary import final_summary, interim_summary
from app.campaign_weeks import (
    CampaignWeeks,
    campaign_of,
    compute_travel,
    days_of,
    iso_weeks,
    load_campaign_weeks,
    plans_of,
)
from app.db import now, reading, transaction
from app.errors import BadOption, CampaignBusy, CampaignNotFound, NoWorkingDay
from app.jobs.defer import defer
from app.models import UNFINISHED, Campaign, CampaignWeek, Job, JobKind
from app.planning import week_params
from app.schemas.campaigns import MOST_WEEKS, CampaignRequest
from app.schemas.plans import PlanRequest
from app.targets import targets_in_force
from app.travel import TravelMeans
from routing import Campaign as Weeks
from routing import CampaignStep, Progress, Solution, SolveParams, plan_campaign, steps_of

DEFAULT_WEEKS = 8
OnProgress = Callable[[dict[str, Any]], None]
_PASSED_ON = (
    "regency", "seed", "minutes", "costs", "max_nights", "forbidden", "seconds",
)  # fmt: skip


def create_campaign(
    session: Session,
    request: CampaignRequest,
    *,
    today: date,
    calendar_file: Path | None = None,
    solve_seconds: float = 30.0,
    has_road_server: bool = False,
) -> tuple[Campaign, Job]:
    """Store what is asked and the job that will plan it, in the caller's transaction.

    Raises
    ------
    RegencyNotFound, MissingInput, NoDaylight, BadWeek, BadCalendar, NoWorkingDay, TooShort,
    VillageNotFound, BadOption
        When the campaign could not be made whatever the solver does.
    """
    first = request.first_week or coming_week(today)
    mondays = _mondays(request, first)
    seasons = _seasons(request)
    weeks: list[dict[str, Any]] = []
    for monday in mondays:
        name = week_of(monday)
        asked = PlanRequest(
            season=seasons.get(name), **{key: getattr(request, key) for key in _PASSED_ON}
        )
        try:
            params = week_params(
                session, asked, name, today=today, calendar_file=calendar_file,
                solve_seconds=solve_seconds, has_road_server=has_road_server,
            )  # fmt: skip
        except NoWorkingDay as error:
            weeks.append({"week": name, "idle": str(error.params["reason"]), "params": {}})
            continue
        # A tour ends in its own week: what goes on after it would bind the next.
        weeks.append({"week": name, "idle": None, "params": {**params, "spare_days": []}})
    worked = [week["params"] for week in weeks if week["idle"] is None]
    if not worked:
        raise NoWorkingDay(week=f"{first}..{weeks[-1]['week']}", regency=request.regency,
                           reason="; ".join(week["idle"] for week in weeks))  # fmt: skip
    common = {k: v for k, v in worked[0].items() if all(own.get(k) == v for own in worked)}
    for week in weeks:
        week["params"] = {k: v for k, v in week["params"].items() if k not in common}
    held = _office_targets(session, request.regency, weeks)
    campaign = Campaign(
        regency_code=request.regency, first_week=first, last_week=weeks[-1]["week"],
        params={
            "request": request.model_dump(mode="json"), "common": common, "weeks": weeks,
            "targets": {**held, **(request.targets or {})},
            "goals": sorted(request.targets or ("ktp_el",)),
        },
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    return campaign, _job(session, campaign)


def _office_targets(
    session: Session, regency: str, weeks: list[dict[str, Any]]
) -> dict[str, float]:
    """Give the targets of the year in which the campaign ends."""
    ends = monday_of(weeks[-1]["week"]) + timedelta(days=6)
    held = targets_in_force(session, regency, ends.year)
    return {programme: row["share"] for programme, row in held.items()}


def _mondays(request: CampaignRequest, first: str) -> list[date]:
    start = monday_of(first)
    if request.until is None:
        return [start + timedelta(days=7 * n) for n in range(request.weeks or DEFAULT_WEEKS)]
    last = start + timedelta(days=7 * MOST_WEEKS - 1)
    if not start <= request.until <= last:
        raise BadOption(option="until", value=request.until, accepted=f"{start}..{last}")
    return iso_weeks(first, week_of(request.until))


def _seasons(request: CampaignRequest) -> dict[str, str]:
    found: dict[str, str] = {}
    for span in request.seasons:
        weeks = iso_weeks(span.first, span.last)
        if not weeks:
            value = f"{span.first}..{span.last}"
            raise BadOption(option="seasons", value=value, accepted="first <= last")
        found |= dict.fromkeys(map(week_of, weeks), span.season)
    return found


def _job(session: Session, campaign: Campaign) -> Job:
    job = Job(kind=JobKind.CAMPAIGN, campaign_id=campaign.id, area=campaign.regency_code)
    return defer(session, job)


def find_campaign(session: Session, campaign_id: int) -> Campaign:
    """Read a campaign or raise ``CampaignNotFound``."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise CampaignNotFound(campaign_id=campaign_id)
    return campaign


def resume_campaign(session: Session, campaign_id: int) -> Job:
    """Defer a job that goes on with a campaign; on data that changed it begins anew.

    Raises
    ------
    CampaignNotFound, CampaignBusy
        When there is no such campaign, or a job is at it already.
    """
    # Held to the end: who asks at the same moment sees the job of who came first.
    campaign = session.get(Campaign, campaign_id, with_for_update=True)
    if campaign is None:
        raise CampaignNotFound(campaign_id=campaign_id)
    active = session.exec(
        select(Job).where(Job.campaign_id == campaign_id).where(col(Job.state).in_(UNFINISHED))
    ).first()
    if active is not None:
        raise CampaignBusy(campaign_id=campaign_id, job_id=active.id)
    return _job(session, campaign)


def solve_campaign(
    engine: Engine,
    campaign_id: int,
    *,
    on_progress: OnProgress,
    should_stop: Callable[[], bool],
    means: TravelMeans | None = None,
) -> dict[str, Any]:
    """Plan a stored campaign, or go on with it; every step is stored when it is done.

    Returns
    -------
    dict
        ``campaign_id, is_complete, reached_week, value`` (weighted documents).
    """
    on_progress({"phase": "travel"})
    with reading(engine) as session:
        weeks = load_campaign_weeks(session, campaign_id, means)
    compute_travel(
        weeks,
        lambda done, n: on_progress({"phase": "travel", "done": round(done, 3), "n_tables": n}),
    )
    run = _Run(engine, weeks, campaign_of(weeks), on_progress)
    run.take_up()
    request = weeks.params["request"]
    params = SolveParams(
        time_limit_s=float(weeks.params["common"]["seconds"]), seed=int(request["seed"])
    )
    plan_campaign(
        run.campaign, params, n_rounds=int(request["rounds"]), plans=run.plans, done=run.step,
        on_step=run.tell, on_done=run.keep, should_stop=should_stop,
    )  # fmt: skip
    on_progress({"phase": "proof"})
    summary = final_summary(
        weeks, run.campaign, run.plans, is_complete=run.is_complete, params=params,
        should_stop=should_stop,
    )  # fmt: skip
    run.store(summary, is_final=True)
    told = {name: summary[name] for name in ("is_complete", "reached_week", "value")}
    return {"campaign_id": campaign_id, **told}


class _Run:
    """A campaign while it is planned: what is there so far, and where it is kept."""

    def __init__(
        self, engine: Engine, weeks: CampaignWeeks, campaign: Weeks, on_progress: OnProgress
    ) -> None:
        self.weeks, self.campaign = weeks, campaign
        self.plans: list[Solution | None] = [None] * len(weeks.weeks)
        self.step = 0
        self._engine, self._on_progress = engine, on_progress
        self._n_steps = len(steps_of(len(weeks.weeks), int(weeks.params["request"]["rounds"])))

    @property
    def is_complete(self) -> bool:
        """Whether every step is done."""
        return self.step >= self._n_steps

    def take_up(self) -> None:
        """Read what is stored; throw it away where it was planned on other data."""
        with transaction(self._engine) as session:
            row = find_campaign(session, self.weeks.campaign_id)
            if row.inputs == self.weeks.inputs:
                stored = session.exec(
                    select(CampaignWeek).where(CampaignWeek.campaign_id == row.id)
                )
                self.plans = plans_of(self.weeks, [(one.week, one.days) for one in stored])
                self.step = row.step
                return
            session.execute(delete(CampaignWeek).where(col(CampaignWeek.campaign_id) == row.id))
            row.inputs, row.step, row.summary, row.solved_at = self.weeks.inputs, 0, {}, None

    def tell(self, step: CampaignStep, progress: Progress | None) -> None:
        """Report a step that begins or got better."""
        self._on_progress(
            {
                "phase": "solve",
                "step": step.number,
                "n_steps": step.n_steps,
                "weeks": [self.weeks.names[w] for w in step.weeks],
                "elapsed_s": 0.0 if progress is None else round(progress.elapsed_s, 2),
                "value": None if progress is None else round(progress.value / 1000, 3),
                "bound": None,
            }
        )

    def keep(self, step: CampaignStep, changed: dict[int, Solution]) -> None:
        """Store the weeks that a step planned, and that it is done."""
        for w, plan in changed.items():
            self.plans[w] = plan
        self.step = step.number
        summary = interim_summary(self.weeks, self.campaign, self.plans)
        self.store(summary, changed=changed)

    def store(
        self, summary: dict[str, Any], *, changed: dict[int, Solution] | None = None,
        is_final: bool = False,
    ) -> None:  # fmt: skip
        """Write weeks and summary in one transaction."""
        with transaction(self._engine) as session:
            row = find_campaign(session, self.weeks.campaign_id)
            for w, plan in (changed or {}).items():
                self._store_week(session, w, plan)
            row.step, row.summary = self.step, summary
            row.solved_at = now() if is_final else None
            session.add(row)

    def _store_week(self, session: Session, w: int, plan: Solution) -> None:
        name = self.weeks.names[w]
        one = session.exec(
            select(CampaignWeek)
            .where(CampaignWeek.campaign_id == self.weeks.campaign_id)
            .where(CampaignWeek.week == name)
        ).first() or CampaignWeek(campaign_id=self.weeks.campaign_id, week=name)
        one.days, one.planned_at = days_of(self.weeks.weeks[w], plan), now()
        session.add(one)
