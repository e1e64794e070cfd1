"""Runs one job for whoever waits for it in a terminal."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from types import FrameType

from sqlalchemy import Engine

from app.jobs import lease
from app.jobs.attempt import TICK_S, Attempt, OnProgress
from app.jobs.process import Nursery
from app.models import FINAL, Job
from app.settings import Settings


def run_one(
    engine: Engine,
    settings: Settings,
    job_id: int,
    on_progress: OnProgress | None = None,
    nursery: Nursery | None = None,
) -> Job:
    """Run one job and wait for its end; Ctrl-C cancels it and keeps the best plan so far.

    When a server takes the job first, its progress is shown and its end waited for. With a
    ``nursery`` the child is forked from it, and it stays open.
    """
    owner = lease.new_owner()
    asked = False
    with ExitStack() as opened, _interrupts() as presses:
        nursery = nursery or opened.enter_context(closing(Nursery(settings)))
        while True:
            claimed = lease.claim(engine, owner, job_id)
            if claimed is not None:
                Attempt(engine, nursery, claimed, presses=presses, on_progress=on_progress).run()
            job = lease.read(engine, job_id)
            if job.state in FINAL:
                return job
            if on_progress is not None and job.progress is not None:
                on_progress(job.progress)
            if presses() and not asked:
                asked = True
                lease.cancel(engine, job_id)
            time.sleep(TICK_S)


@contextmanager
def _interrupts() -> Iterator[Callable[[], int]]:
    """Count Ctrl-C instead of raising; elsewhere than in the main thread there is none to count."""
    count = 0

    def press(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: count
    finally:
        signal.signal(signal.SIGINT, before)
