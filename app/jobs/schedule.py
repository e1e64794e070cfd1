"""Plans of the coming week, asked for by themselves: every Friday, or when the operator says."""

import logging
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.calendar import coming_week, monday_of, zone_of
from app.db import now, reading, transaction
from app.jobs.defer import defer
from app.jobs.plan_all import PRIORITY
from app.models import Job, JobKind
from app.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 20.0
# A server that was off at the hour makes up for it so long, but not once the week has begun.
LATE = timedelta(days=2)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def last_due(every: str, area: str, moment: datetime) -> datetime:
    """Tell when the plans were due last, in the office's time; ``every`` like ``fri 15:00``."""
    day, _, clock = every.partition(" ")
    hour, _, minute = clock.partition(":")
    local = moment.astimezone(ZoneInfo(zone_of(area)))
    due = local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    due -= timedelta(days=(due.weekday() - DAYS.index(day)) % 7)
    return due if due <= local else due - timedelta(days=7)


def ask_if_due(engine: Engine, settings: Settings, moment: datetime | None = None) -> int | None:
    """Defer the job that plans the coming week, when it is due; None when it is not, or is there.

    However many servers and workers look, a week of an area is asked for once.
    """
    if not settings.plan_every:
        return None
    moment = moment or now()
    area = settings.plan_area
    due = last_due(settings.plan_every, area, moment)
    week = coming_week(due.date())
    if moment - due > LATE or moment.astimezone(due.tzinfo).date() >= monday_of(week):
        return None
    once = f"plan-all {area or '-'} {week}"
    with reading(engine) as session:
        if session.exec(select(Job.id).where(Job.once == once)).first() is not None:
            return None
    args = {"area": area, "week": week}
    job = Job(kind=JobKind.PLAN_ALL, area=area, args=args, once=once, priority=PRIORITY)
    try:
        with transaction(engine) as session:
            return defer(session, job).id
    except IntegrityError:  # another server was faster
        return None


class Clock:
    """A thread that looks now and then whether plans are due."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="schedule", daemon=True)

    def start(self) -> None:
        """Begin to look, if anything is ever due."""
        if self._settings.plan_every:
            self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        while not self._stop.is_set():
            try:
                ask_if_due(self._engine, self._settings)
            except Exception:  # the thread must live: no plan would be asked for any more
                log.exception("could not see whether plans are due")
            self._stop.wait(LOOK_S)
