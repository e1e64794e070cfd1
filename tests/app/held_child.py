"""A job's child that really works, but waits at a place in the program that the job names.

``hold``: a function, ``module:name``, at whose ``nth`` call (default 1) the child waits, before it
does anything or, with ``after``, when it has; ``place``: a folder in which a file ``there`` tells
that it waits, and ``go`` lets it go on.
"""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.jobs import child, nursery, tasks
from app.jobs.stopping import Stop
from app.models import Job
from app.settings import Settings


def run_task(
    engine: Engine,
    settings: Settings,
    job: Job,
    on_progress: Callable[[dict[str, Any]], None],
    stop: Stop,
) -> dict[str, Any]:
    if "hold" in job.args:
        tasks.load(job.kind)
        _hold(job.args["hold"], Path(job.args["place"]), job.args)
    return tasks.run_task(engine, settings, job, on_progress, stop)


def _hold(function: str, place: Path, args: dict[str, Any]) -> None:
    module_name, _, name = function.partition(":")
    module = import_module(module_name)
    works, calls = getattr(module, name), []

    def held(*given: object, **named: object) -> object:
        calls.append(name)
        if len(calls) != args.get("nth", 1):
            return works(*given, **named)
        done = works(*given, **named) if args.get("after") else None
        (place / "there").touch()
        while not (place / "go").exists():
            time.sleep(0.01)
        return done if args.get("after") else works(*given, **named)

    setattr(module, name, held)


if __name__ == "__main__":
    child.run_task = run_task
    nursery.main()
