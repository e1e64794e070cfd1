"""What a job does, whoever runs it."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.models import Job, JobKind
from app.settings import Settings

OnProgress = Callable[[dict[str, Any]], None]


def load(kind: str) -> None:
    """Load the modules that jobs of a kind run; a fork then starts without a wait."""
    if kind == JobKind.IMPORT:
        import app.ingest
    else:
        import app.campaigns
        import app.planning  # noqa: F401 (to have them)


def load_all() -> None:
    """Load what any job runs, compiled loops included; where none are kept they compile first."""
    from routing.compiling import compile_kernels, compile_tours

    for kind in JobKind:
        load(kind)
    compile_kernels()
    compile_tours()


def run_task(
    engine: Engine,
    settings: Settings,
    job: Job,
    on_progress: OnProgress,
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Do a job and give its result; what it stores is stored when this returns."""
    # Each kind needs half of the application: a child starts sooner when it loads only that.
    if job.kind == JobKind.SOLVE:
        from app.planning import solve_plan
        from app.travel import TravelMeans

        if job.plan_id is None:
            raise ValueError(f"job {job.id} of kind {job.kind} names no plan")
        return solve_plan(
            engine,
            job.plan_id,
            on_progress=on_progress,
            should_stop=should_stop,
            means=TravelMeans.of(settings),
        )
    if job.kind == JobKind.REPRODUCE:
        from app.records import reproduce

        return reproduce(
            engine, job.args["plan_id"], on_progress=on_progress, should_stop=should_stop
        )
    if job.kind == JobKind.PLAN_ALL:
        from app.jobs.plan_all import plan_all

        found = plan_all(engine, settings, job.args["area"], week=job.args["week"])
        return {"week": job.args["week"], "items": [asdict(asked) for asked in found]}
    if job.kind == JobKind.CAMPAIGN:
        from app.campaigns import solve_campaign
        from app.travel import TravelMeans

        if job.campaign_id is None:
            raise ValueError(f"job {job.id} of kind {job.kind} names no campaign")
        return solve_campaign(
            engine,
            job.campaign_id,
            on_progress=on_progress,
            should_stop=should_stop,
            means=TravelMeans.of(settings),
        )
    from app.ingest import ingest

    args = job.args
    on_progress({"phase": "read", "file_name": args["file_name"]})
    outcome = ingest(
        engine,
        args["kind"],
        args["url"] if args.get("url") else Path(args["upload"]),
        as_of=date.fromisoformat(args["as_of"]) if args["as_of"] else None,
        source=args["source"],
        person=args.get("person"),
        options=args.get("options"),
        headings=args.get("headings"),
        file_name=args["file_name"],
        dry_run=args["dry_run"],
        area=job.area,
        job_id=None if args["dry_run"] else job.id,
        allow_local=settings.local_addresses,
    )
    return outcome.to_dict()
