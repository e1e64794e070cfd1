"""What a job does, whoever runs it."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.errors import JobIncomplete
from app.jobs.stopping import Result, Stop
from app.models import Job, JobKind
from app.settings import Settings

OnProgress = Callable[[dict[str, Any]], None]


# What else an import is told may be missing in jobs of an earlier version.
_NEEDS = {
    JobKind.IMPORT: ("kind", "file_name"),
    JobKind.PLAN_ALL: ("area", "week"),
    JobKind.SOLVE: ("plan_id",),
    JobKind.CAMPAIGN: ("campaign_id",),
    JobKind.REPRODUCE: ("plan_id",),
}


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
    stop: Stop,
) -> Result:
    """Do a job and give its result; what it stores is stored when this returns.

    Raises
    ------
    JobIncomplete
        When its row lacks what a job of its kind needs.
    """
    _require_complete(job)
    # Each kind needs half of the application: a child starts sooner when it loads only that.
    if job.kind == JobKind.SOLVE:
        from app.planning import solve_plan
        from app.travel import TravelMeans

        return solve_plan(
            engine,
            job.plan_id or 0,
            on_progress=on_progress,
            should_stop=stop,
            means=TravelMeans.of(settings),
        )
    if job.kind == JobKind.REPRODUCE:
        from app.records import reproduce

        return reproduce(engine, job.args["plan_id"], on_progress=on_progress, should_stop=stop)
    if job.kind == JobKind.PLAN_ALL:
        from app.jobs.plan_all import Asked, plan_all

        def told(found: list[Asked]) -> Result:
            return {"week": job.args["week"], "items": [asdict(asked) for asked in found]}

        return told(
            plan_all(
                engine, settings, job.args["area"], week=job.args["week"],
                is_scheduled=True, on_asked=lambda found: stop.settle(told(found)),
            )
        )  # fmt: skip
    if job.kind == JobKind.CAMPAIGN:
        from app.campaigns import solve_campaign
        from app.travel import TravelMeans

        return solve_campaign(
            engine,
            job.campaign_id or 0,
            on_progress=on_progress,
            should_stop=stop,
            means=TravelMeans.of(settings),
        )
    from app.ingest import ingest

    args, is_trial = job.args, bool(job.args.get("dry_run"))
    on_progress({"phase": "read", "file_name": args["file_name"]})
    outcome = ingest(
        engine,
        args["kind"],
        args["url"] if args.get("url") else Path(args["upload"]),
        as_of=date.fromisoformat(args["as_of"]) if args.get("as_of") else None,
        source=args.get("source"),
        person=args.get("person"),
        options=args.get("options"),
        headings=args.get("headings"),
        file_name=args["file_name"],
        dry_run=is_trial,
        area=job.area,
        job_id=None if is_trial else job.id,
        allow_local=settings.local_addresses,
    )
    return outcome.to_dict()


def _require_complete(job: Job) -> None:
    told = {"plan_id": job.plan_id, "campaign_id": job.campaign_id, **job.args}
    missing = [name for name in _NEEDS[JobKind(job.kind)] if told.get(name) is None]
    if job.kind == JobKind.IMPORT and not (told.get("url") or told.get("upload")):
        missing.append("upload")
    if missing:
        raise JobIncomplete(job_id=job.id, kind=job.kind, missing=", ".join(missing))
