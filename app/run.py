"""Long work in the foreground of a terminal: planning a week, setting up the demo."""

from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from sqlalchemy import Engine
from sqlmodel import col, select

from app.calendar import today_in
from app.db import reading, transaction
from app.errors import CampaignFailed, PlanFailed
from app.models import JobKind, JobState, Plan
from app.schemas.campaigns import CampaignRequest
from app.schemas.plans import PlanRequest
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.jobs.process import Nursery
    from app.terminal import Terminal

DEMO_REGENCY = "99.01"  # tests hold it equal to app.demo.REGENCY_CODE
DEMO_SECONDS = 20.0
NO_PLAN = 3
"""Exit code where no plan was found that keeps to every rule."""


def plan_week(
    engine: Engine, settings: Settings, request: PlanRequest, terminal: "Terminal"
) -> int:
    """Store a plan, solve it as a job of this process's own, and tell its number.

    Ctrl-C cancels the search and keeps the best plan so far.

    Raises
    ------
    PlanFailed
        When the solve ended without storing a plan; the message says why.
    """
    with _nursery_for(settings, JobKind.SOLVE) as nursery:
        # Imported here, as below: a server that finds its demo planned starts without them.
        from app.planning import create_plan

        with transaction(engine) as session:
            plan, job = create_plan(
                session,
                request,
                today=today_in(request.regency),
                calendar_file=settings.calendar_file,
                solve_seconds=settings.solve_seconds,
                has_road_server=bool(settings.road_server),
            )
            plan_id, job_id, limit = plan.id or 0, job.id or 0, float(plan.params["seconds"])
        run_job(engine, settings, plan_id, job_id, limit, terminal, nursery)
    return plan_id


@contextmanager
def _nursery_for(settings: Settings, kind: JobKind) -> "Iterator[Nursery]":
    """Load what a job needs where its child will be forked, while this process loads its own."""
    from app.jobs.process import Nursery

    with closing(Nursery(settings)) as nursery:
        nursery.expect([kind])
        yield nursery


def run_job(
    engine: Engine, settings: Settings, plan_id: int, job_id: int, seconds: float,
    terminal: "Terminal", nursery: "Nursery | None" = None,
) -> None:  # fmt: skip
    """Do the job of a plan as this process's own and show how far it is.

    With a ``nursery`` its child is forked from that one.

    Raises
    ------
    PlanFailed
        When it ended without storing a plan; the message says why.
    """
    from app.console import progress_of_plan
    from app.jobs.foreground import run_one

    with progress_of_plan(terminal, seconds) as on_progress:
        done = run_one(engine, settings, job_id, on_progress, nursery)
    if done.state == JobState.FAILED:
        raise PlanFailed(plan_id=plan_id, reason=_reason(done.error))


def job_result(
    engine: Engine, settings: Settings, plan_id: int, job_id: int, terminal: "Terminal"
) -> dict[str, Any]:
    """Do a job that changes no plan as this process's own, and give what came of it.

    Raises
    ------
    PlanFailed
        When it ended without a result; the message says why.
    """
    from app.console import progress_of_plan
    from app.jobs.foreground import run_one

    with progress_of_plan(terminal, None) as on_progress:
        done = run_one(engine, settings, job_id, on_progress=on_progress)
    if done.result is None:
        raise PlanFailed(plan_id=plan_id, reason=_reason(done.error))
    return done.result


def show_plan(engine: Engine, plan_id: int, terminal: "Terminal") -> dict[str, Any]:
    """Show a plan, or print it as JSON, and give it back."""
    from app.console import print_plan
    from app.plan_document import plan_document
    from app.terminal import print_json

    with reading(engine) as session:
        document = plan_document(session, plan_id, terminal.lang)
    if terminal.as_json:
        print_json(document)
    else:
        print_plan(document, terminal)
    return document


def end_of(document: dict[str, Any]) -> None:
    """End with the code for a plan that breaks rules, because none was found that keeps to all.

    Raises
    ------
    typer.Exit
        With code 3. What the plan comes nearest to, and which rules contradict each other, has
        been shown.
    """
    if document["status"] in {"infeasible", "no_solution"}:
        raise typer.Exit(NO_PLAN)


def plan_campaign(
    engine: Engine, settings: Settings, request: CampaignRequest, terminal: "Terminal"
) -> int:
    """Store a campaign, plan it as a job of this process's own, and tell its number.

    Ctrl-C cancels the search and keeps the weeks that are planned.

    Raises
    ------
    CampaignFailed
        When the job ended without a result; the message says why.
    """
    from app.campaigns import create_campaign

    with transaction(engine) as session:
        campaign, job = create_campaign(
            session,
            request,
            today=today_in(request.regency),
            calendar_file=settings.calendar_file,
            solve_seconds=settings.solve_seconds,
            has_road_server=bool(settings.road_server),
        )
        campaign_id, job_id = campaign.id or 0, job.id or 0
    return run_campaign(engine, settings, campaign_id, job_id, terminal)


def run_campaign(
    engine: Engine, settings: Settings, campaign_id: int, job_id: int, terminal: "Terminal"
) -> int:
    """Do the job of a campaign and tell its number; raises as ``plan_campaign`` does."""
    from app.campaign_console import progress_of_campaign
    from app.jobs.foreground import run_one

    with progress_of_campaign(terminal) as on_progress:
        done = run_one(engine, settings, job_id, on_progress=on_progress)
    if done.state == JobState.FAILED:
        raise CampaignFailed(campaign_id=campaign_id, reason=_reason(done.error))
    return campaign_id


def plan_offices(
    engine: Engine, settings: Settings, area: str, terminal: "Terminal",
    week: str | None, seconds: float | None, *, wait: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Ask for a week of every office of an area, do the jobs, and tell what became of each.

    A server or workers that run meanwhile do their share. Without ``wait`` it is all theirs. Ctrl-C
    cancels what is being planned and leaves the rest to do.

    Raises
    ------
    NoOffices, BadWeek
        When there is nobody to plan for, or no such week.
    """
    from app.console import progress_of_plan
    from app.jobs.foreground import run_one
    from app.jobs.listing import reason_of
    from app.jobs.plan_all import plan_all
    from app.jobs.process import Nursery

    rows = []
    asked = plan_all(engine, settings, area, week=week, seconds=seconds)
    limit, stopped = seconds or settings.solve_seconds, not wait
    with closing(Nursery(settings)) as nursery:
        for one in asked:
            state, error = "todo" if one.job_id else "kept", one.error
            if one.job_id is not None and not stopped:
                with progress_of_plan(terminal, limit) as show:
                    done = run_one(engine, settings, one.job_id, show, nursery)
                state, error = done.state, done.error
                stopped = state == JobState.CANCELLED
            reason = None if error is None else reason_of(error, terminal.lang)
            rows.append(
                {
                    "regency": one.regency, "week": one.week, "plan_id": one.plan_id,
                    "job_id": one.job_id, "state": "refused" if one.error else state,
                    "reason": reason,
                }
            )  # fmt: skip
    return rows


def plan_demo(engine: Engine, settings: Settings, terminal: "Terminal") -> int:
    """Generate, import and plan the demo regency, unless a plan of it is there; tell its number."""
    with reading(engine) as session:
        there = session.exec(
            select(Plan.id)
            .where(Plan.regency_code == DEMO_REGENCY)
            .where(col(Plan.solved_at).is_not(None))
            .order_by(col(Plan.id).desc())
        ).first()
    if there is not None:
        return there
    from app.console import working

    today = today_in(DEMO_REGENCY)
    with working(terminal, "demo-data"):
        _import_demo(engine, settings.data_dir / "demo", today)
    seconds = min(DEMO_SECONDS, settings.solve_seconds)
    return plan_week(engine, settings, PlanRequest(regency=DEMO_REGENCY, seconds=seconds), terminal)


def _import_demo(engine: Engine, folder: Path, today: date) -> None:
    from app.demo import write_demo
    from app.ingest import ingest

    folder.mkdir(parents=True, exist_ok=True)
    files = write_demo(folder, today=today)
    for kind, path in files.imports:
        ingest(engine, kind, path, source="demo")


def _reason(error: dict[str, Any] | None) -> str:
    return str((error or {}).get("detail") or "-")
