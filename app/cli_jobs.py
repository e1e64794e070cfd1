"""Commands about jobs: doing them, looking at them, asking for many."""

import signal
import threading
from typing import Annotated

import typer

from app.terminal import open_database, print_json, say, terminal

commands = typer.Typer()
jobs = typer.Typer()


@jobs.callback(invoke_without_command=True)
def list_jobs(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option("--state", metavar="todo|doing|succeeded|failed|cancelled")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
) -> None:
    """List jobs, newest first, and why failed ones were set aside."""
    if context.invoked_subcommand is not None:
        return
    with open_database() as (engine, _):
        from app.db import reading
        from app.job_console import print_jobs
        from app.jobs.listing import job_row, newest_jobs, state_named

        with reading(engine) as session:
            found = newest_jobs(session, state_named(state), limit)
            rows = [job_row(job, terminal.lang) for job in found]
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_jobs(rows, terminal)


@jobs.command("cancel")
def cancel_job(job_id: Annotated[int, typer.Argument(metavar="JOB")]) -> None:
    """Ask a job to stop; a plan keeps the best that was found."""
    with open_database() as (engine, _):
        from app.db import transaction
        from app.jobs.lease import hasten, request_cancel

        was_hastened = hasten(engine, job_id)
        with transaction(engine) as session:
            job = request_cancel(session, job_id, was_hastened=was_hastened)
            document = {"job_id": job_id, "state": job.state}
        say(document, "job-cancel-asked", job_id=job_id)


@commands.command("worker")
def worker(n_jobs: Annotated[int, typer.Option("--jobs", min=1, max=64)] = 1) -> None:
    """Do jobs of the queue until stopped, on this or any machine (PostgreSQL)."""
    with open_database() as (engine, settings):
        from app.jobs.runner import runner_of_worker, running
        from app.jobs.schedule import Clock
        from app.logs import configure

        configure(settings)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with running(runner_of_worker(engine, settings, n_jobs), Clock(engine, settings)):
            say({"worker": n_jobs}, "working", n_jobs=n_jobs)
            stop.wait()


@commands.command("plan-all")
def plan_all(
    province: Annotated[str | None, typer.Option("--province", metavar="65")] = None,
    week: Annotated[str | None, typer.Option("--week", metavar="2026-W49")] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", min=0.1, max=3600)] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait")] = True,
) -> None:
    """Plan one week for every office of a province, or of the country."""
    with open_database() as (engine, settings):
        from app.job_console import print_plan_all
        from app.run import plan_offices

        rows = plan_offices(engine, settings, province or "", terminal, week, seconds, wait=wait)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_plan_all(rows, terminal)
