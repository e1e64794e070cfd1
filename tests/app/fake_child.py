"""A job's child whose work is written in the job's arguments; everything around it is real.

``steps``: how many steps of 0.05 s, one message of progress each; ``crash``: ``exit``, ``kill`` or
``raise`` after them; ``refuse``: a refusal of the planner; ``deaf``: never asks whether to stop.
A job with ``plan_id`` stores the number of steps made as the plan's value, in a transaction.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from app.db import transaction
from app.errors import MissingInput
from app.jobs import child, nursery
from app.models import Job, Plan
from app.settings import Settings


def run_task(
    engine: Engine,
    _settings: Settings,
    job: Job,
    on_progress: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    made = 0
    os.write(1, b"what a library prints is no message\n")
    while made < job.args.get("steps", 0) and (job.args.get("deaf") or not should_stop()):
        time.sleep(0.05)
        made += 1
        on_progress({"step": made})
    _crash(job.args.get("crash"))
    if job.args.get("refuse"):
        raise MissingInput(regency="62.02", what="teams")
    if job.plan_id is not None:
        with transaction(engine) as session:
            plan = session.get(Plan, job.plan_id)
            if plan is None:
                raise LookupError(job.plan_id)
            plan.value = made
            session.add(plan)
            session.flush()
            time.sleep(0.05)
            plan.worth = made  # with a value alone it was stored by half
            plan.version += 1
    return {"steps": made, "pid": os.getpid()}


def _crash(how: str | None) -> None:
    if how == "exit":
        os._exit(7)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "raise":
        raise RuntimeError("secret inside")


if __name__ == "__main__":
    child.run_task = run_task
    nursery.load = lambda _kind: None  # the fake needs none of the application
    nursery.main()
