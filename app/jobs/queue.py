"""The queue of offices with PostgreSQL (procrastinate): who does which job, and when.

The row of a job says what is true of it: its state, its result, and by its lease who may store. The
queue only carries its number to a worker, soon and once. A worker that died is noticed by its
heartbeat; what it had goes to another, which waits until the lease has run out. A job that the
queue has lost, because a database was restored or moved, is queued again.
"""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job as QueuedJob
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from sqlalchemy import Connection, Engine, text

from app.db import now, transaction
from app.errors import JobNotFound
from app.jobs import lease, uploads
from app.jobs.attempt import Attempt
from app.jobs.keeping import RENEW_S
from app.jobs.process import Nursery
from app.jobs.queue_tables import SEARCH_PATH, use_queue
from app.models import FINAL, Job, JobKind
from app.settings import Settings

log = logging.getLogger(__name__)

TASK = "job"
ANYWHERE = "anywhere"
# The package's own 10 s and 30 s leave a job of a dead worker alone for half a minute. Stale before
# a lease runs out: a living worker that is only slow keeps its job by its lease.
HEARTBEAT_S = 1.0
STALE_S = 5.0
RESCUE_S = 1.0
POLL_S = 1.0
_RESCUER = 0x6A656D70  # any number, the same on every worker: one of them rescues at a time


def enqueue(connection: Connection, job: Job) -> None:
    """Tell the queue of a job, in the transaction of ``connection``."""
    queued = QueuedJob(
        queue=queue_of(job), task_name=TASK, lock=None, queueing_lock=None,
        priority=job.priority, task_kwargs={"job_id": job.id},
    )  # fmt: skip
    use_queue(connection)
    raw = connection.connection.driver_connection
    JobManager(SyncPsycopgConnector()).defer_job(queued, connection=raw)


def queue_of(job: Job) -> str:
    """Name the queue of a job: that of the folder its file lies in, or that of all workers."""
    place = job.args.get("place")
    return f"files-{place}" if place else ANYWHERE


class Later(Exception):
    """A job that cannot be done now: somebody holds it, or it was put back."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class _TryLater(BaseRetryStrategy):
    """Deliver again what was raised as ``Later``; the job's own row counts its attempts.

    Anything else is a fault on the way, such as a database that is away.
    """

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision:  # noqa: ARG002 (the package's signature)
        """Tell when."""
        at = exception.at if isinstance(exception, Later) else now() + timedelta(seconds=RENEW_S)
        return RetryDecision(retry_at=at)


class QueueRunner:
    """Takes jobs from the queue, each into a child process, until it is stopped.

    Parameters
    ----------
    n_jobs
        How many jobs run at a time.
    only_files
        Take only imports of files that lie in this machine's data folder.
    eager
        Load all that a job needs before taking any; see ``Nursery``.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        *,
        n_jobs: int = 1,
        only_files: bool = False,
        eager: bool = True,
    ) -> None:
        self._engine, self._n_jobs, self._eager = engine, n_jobs, eager
        self._only_files = only_files
        self._nursery = Nursery(settings, eager=eager)
        mine = f"files-{uploads.place_of(settings.data_dir)}"
        self._queues = [mine] if only_files else [ANYWHERE, mine]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue")

    def start(self) -> None:
        """Begin to take jobs; what another left undone is prepared for at once."""
        kinds = set(lease.unfinished_kinds(self._engine))
        self._nursery.expect(kinds & {JobKind.IMPORT} if self._only_files else kinds)
        self._thread.start()

    def stop(self) -> None:
        """End the children, put their jobs back, and wait until that is done."""
        self._stop.set()
        self._thread.join()
        self._nursery.close()

    def _run(self) -> None:
        # It tells with a trace of every delivery that is put off; the rows tell what happened.
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        if self._eager:
            self._nursery.wait_until_ready(self._stop)
        while not self._stop.is_set():
            try:
                asyncio.run(self._take_jobs())
            except Exception:  # the thread must live: jobs would wait for ever
                log.exception("the queue is not reachable, trying again")
                self._stop.wait(RENEW_S)

    async def _take_jobs(self) -> None:
        """Work with one connection to the queue, until stopped or until it breaks."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._n_jobs + 3, "queue"))
        address = self._engine.url.set(drivername="postgresql")
        connector = PsycopgConnector(
            conninfo=address.render_as_string(hide_password=False),
            kwargs={"options": f"-c search_path={SEARCH_PATH}"},
            min_size=1, max_size=4, timeout=10.0,
        )  # fmt: skip
        app = App(connector=connector)
        app.task(name=TASK, pass_context=True, retry=_TryLater())(self._work)
        async with app.open_async():
            rescuing = asyncio.create_task(self._keep_rescuing(app))
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=self._queues, concurrency=self._n_jobs, delete_jobs="always",
                    install_signal_handlers=False, update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=STALE_S, fetch_job_polling_interval=POLL_S,
                )
            )  # fmt: skip
            try:
                while not (working.done() or self._stop.is_set()):
                    await asyncio.wait([working], timeout=0.2)
            finally:
                rescuing.cancel()
                working.cancel()
                await asyncio.gather(rescuing, working, return_exceptions=True)
        if not working.cancelled() and (fault := working.exception()):
            raise fault

    def _work(self, context: JobContext, job_id: int) -> None:
        """Try a job that the queue delivered.

        Raises
        ------
        Later
            When it has not ended: somebody else holds it, or it was put back.
        """
        if self._stop.is_set():
            raise Later(now())
        job = lease.claim(self._engine, lease.new_owner(), job_id)
        if job is not None:
            Attempt(
                self._engine, self._nursery, job, quits=self._stop.is_set,
                presses=lambda: int(context.should_abort()),
            ).run()  # fmt: skip
        try:
            left = lease.read(self._engine, job_id)
        except JobNotFound:  # deleted with its plan
            return
        if left.state not in FINAL:
            raise Later(left.lease_until or now())

    async def _keep_rescuing(self, app: App) -> None:
        while True:
            try:
                await self._rescue(app)
            except Exception:  # the database is away: jobs are rescued when it is back
                log.warning("could not look for lost jobs", exc_info=True)
            await asyncio.sleep(RESCUE_S)

    async def _rescue(self, app: App) -> None:
        """Deliver again what dead workers had and what the queue lost; close what is hopeless."""
        for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALE_S):
            log.warning("job of a dead worker", extra=stalled.task_kwargs)
            await asyncio.to_thread(self._redeliver, stalled.id)
        await asyncio.to_thread(requeue_lost, self._engine)
        await asyncio.to_thread(lease.close_abandoned, self._engine)

    def _redeliver(self, queued_id: int | None) -> None:
        """Put a stalled delivery back, unless another worker just did."""
        with transaction(self._engine) as session:
            use_queue(session.connection())
            session.execute(
                text(
                    "UPDATE procrastinate_jobs SET status = 'todo', abort_requested = false,"
                    " worker_id = NULL, attempts = attempts + 1 WHERE id = :id"
                    " AND status = 'doing'"
                ),
                {"id": queued_id},
            )


def requeue_lost(engine: Engine) -> int:
    """Queue jobs that are to be done, or whose lease ran out, and that the queue does not have.

    Gives how many there were.
    """
    with transaction(engine) as session:
        if not session.scalar(text(f"SELECT pg_try_advisory_xact_lock({_RESCUER})")):
            return 0
        use_queue(session.connection())
        lost = session.scalars(
            text(
                "SELECT id FROM job WHERE (state = 'todo' OR state = 'doing' AND lease_until <"
                " now()) AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs q"
                " WHERE q.status IN ('todo', 'doing') AND (q.args->>'job_id')::int = job.id)"
            )
        ).all()
        for job_id in lost:
            job = lease.find(session, job_id)
            log.warning("job was not queued", extra={"job_id": job_id})
            enqueue(session.connection(), job)
    return len(lost)
