"""Jobs on both databases: PostgreSQL's queue, dead workers, a database that goes away.

The work is fake (``fake_child``), everything around it is real: databases, queue, processes.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from app.access import Caller
from app.access_errors import AccountExists
from app.accounts import add_account
from app.campaigns import resume_campaign
from app.copying import catch_up
from app.corrections import withdraw
from app.db import connect, migrate, now, reading, transaction
from app.errors import CampaignBusy, CorrectionWithdrawn, PlanBusy
from app.jobs import lease, process, queue_tables
from app.jobs.defer import defer
from app.jobs.listing import job_row, newest_jobs
from app.jobs.queue import QueueRunner, requeue_lost
from app.models import Campaign, CountCorrection, Job, JobState, Plan, Role
from app.planning import solve_again
from app.readiness import Told, tell
from app.settings import Settings
from tests.app.conftest import make_settings
from tests.app.databases import PostgresqlDatabases
from tests.app.postgresql import control, server
from tests.app.seed import MONDAY
from tests.app.team_week import PLAN, make_week

pytestmark = pytest.mark.postgresql
ENDLESS = 2000


class Office(NamedTuple):
    """Settings and their engine."""

    settings: Settings
    engine: Engine


@pytest.fixture(scope="module")
def lent() -> Iterator[PostgresqlDatabases]:
    """A server's databases; its folder is not under pytest's, which its user may not enter."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        yield PostgresqlDatabases(address)


@contextmanager
def office_at(url: str, folder: Path) -> Iterator[Office]:
    settings = make_settings(folder, database_url=url)
    engine = connect(settings.url)
    migrate(engine)
    yield Office(settings, engine)
    engine.dispose()


@pytest.fixture(scope="module")
def office(lent: PostgresqlDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One database of the queue for every test that does not break it."""
    with office_at(lent.migrated(), tmp_path_factory.mktemp("queue")) as made:
        yield made


@pytest.fixture(scope="module")
def worker(office: Office) -> Iterator[QueueRunner]:
    """Two jobs at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "MODULE", "tests.app.fake_child")
        runner = QueueRunner(office.engine, office.settings, n_jobs=2, eager=False)
        runner.start()
        yield runner
        runner.stop()


def add_plan(engine: Engine) -> int:
    with transaction(engine) as session:
        plan = Plan(regency_code="62.02", week="2026-W49", params={})
        session.add(plan)
        session.flush()
        return plan.id or 0


def ask(engine: Engine, *, with_plan: bool = False, priority: int = 0, **args: object) -> int:
    plan_id = add_plan(engine) if with_plan else None
    kind = "solve" if with_plan else "import"
    with transaction(engine) as session:
        job = Job(kind=kind, plan_id=plan_id, args=args, priority=priority)
        return defer(session, job).id or 0


def wait_for(engine: Engine, job_id: int, is_there: Callable[[Job], object], seconds: float = 40):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        job = lease.read(engine, job_id)
        if is_there(job):
            return job
        time.sleep(0.02)
    pytest.fail(f"job {job_id} after {seconds} s: {lease.read(engine, job_id)!r}")


def ended(job: Job) -> bool:
    return job.state in lease.FINAL


def n_queued(engine: Engine, job_id: int | None = None) -> int:
    """Count what is queued: all, or what leads to one job."""
    query = "SELECT count(*) FROM procrastinate.procrastinate_jobs"
    with reading(engine) as session:
        if job_id is None:
            return session.scalar(text(query)) or 0
        one = text(f"{query} WHERE (args->>'job_id')::int = :job_id")
        return session.scalar(one, {"job_id": job_id}) or 0


# --- asking ------------------------------------------------------------------------------------


def test_a_job_is_queued_if_and_only_if_its_plan_is_stored(office: Office):
    before = n_queued(office.engine)
    with Session(office.engine) as session:
        session.connection()
        defer(session, Job(kind="import", args={"place": "x"}))
        session.rollback()
    assert n_queued(office.engine) == before
    lease.cancel(office.engine, ask(office.engine, place="x"))
    assert n_queued(office.engine) == before + 1


def test_the_tables_of_the_queue_are_those_of_the_package(office: Office):
    """A release of the package with new scripts needs a revision that calls ``bring_up``."""
    with office.engine.begin() as connection:
        comment = text("SELECT obj_description('procrastinate.procrastinate_jobs'::regclass)")
        assert connection.scalar(comment) == queue_tables.newest()
        queue_tables.bring_up(connection)  # a second time does nothing
        assert connection.scalar(text("SELECT current_schema()")) == "public"


def test_who_asks_at_the_same_moment_gets_one_job(office: Office):
    """Fifty requests to solve one plan: one job, forty-nine refusals that name it."""
    plan_id = add_plan(office.engine)

    def request(_n: int) -> int | PlanBusy | None:
        try:
            with transaction(office.engine) as session:
                return solve_again(session, plan_id).id
        except PlanBusy as busy:
            return busy

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(request, range(50)))
    refusals = [answer for answer in answers if isinstance(answer, PlanBusy)]
    [made] = [answer for answer in answers if isinstance(answer, int)]
    assert len(refusals) == 49
    assert {busy.params["job_id"] for busy in refusals} == {made}
    assert {busy.params["version"] for busy in refusals} == {0}
    lease.cancel(office.engine, made)


def second_after(engine: Engine, first: Callable[[Session], None], second: Callable[[], object]):
    """Do ``second`` while ``first`` is done but not committed; commit when that waits for it."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with ThreadPoolExecutor(1) as thread:
        with transaction(engine) as session:
            first(session)
            session.flush()
            answer = thread.submit(second)
            ends = time.monotonic() + 40
            while not answer.done() and time.monotonic() < ends:
                with engine.connect() as other:
                    if other.scalar(waiting):
                        break
        return answer.result(40)


def in_transaction(engine: Engine, do: Callable[..., object], *args: object, **values: object):
    with transaction(engine) as session:
        return do(session, *args, **values)


def test_two_no_gos_at_one_moment_make_a_plan_without_both(
    lent: PostgresqlDatabases, tmp_path: Path
):
    caller = Caller(account_id=1, account="siti", role=Role.PLANNER, area="", team=None, via="t")

    def no_go(session: Session, team: str) -> int | None:
        told = Told(team=team, day=MONDAY, verdict="no_go", reason="banjir")
        return tell(session, PLAN, told, caller, today=MONDAY).replan_id

    with office_at(lent.migrated(), tmp_path) as made:
        with transaction(made.engine) as session:
            make_week(session)
            plan = session.get_one(Plan, PLAN)
            plan.state, plan.params = "published", {**plan.params, "announced_on": "2026-11-22"}
            session.flush()
            catch_up(session.connection(), SQLModel.metadata)
        second = second_after(
            made.engine, lambda session: no_go(session, "A"),
            lambda: in_transaction(made.engine, no_go, "B"),
        )  # fmt: skip
        with reading(made.engine) as session:
            absent = session.get_one(Plan, second).params["replan"]["absent"]
    assert [row["team"] for row in absent] == ["A", "B"]


def test_a_job_claimed_while_it_is_cancelled_is_asked_to_stop(office: Office):
    job_id = ask(office.engine, with_plan=True)

    def claim(session: Session) -> None:
        job = session.get_one(Job, job_id)
        job.state, job.lease_owner, job.version = JobState.DOING, "somebody", job.version + 1
        job.lease_until = now() + timedelta(hours=1)

    second_after(office.engine, claim, lambda: lease.cancel(office.engine, job_id))
    job = lease.read(office.engine, job_id)
    assert (job.state, job.cancel_requested, job.version) == ("doing", True, 2)
    lease.finish(office.engine, job_id, "somebody", JobState.CANCELLED)


def test_of_two_who_resume_a_campaign_the_second_is_refused(office: Office):
    with transaction(office.engine) as session:
        campaign = Campaign(
            regency_code="62.02", first_week="2026-W49", last_week="2026-W50", params={}
        )
        session.add(campaign)
        session.flush()
        campaign_id = campaign.id or 0
    with pytest.raises(CampaignBusy):
        second_after(
            office.engine,
            lambda session: resume_campaign(session, campaign_id),
            lambda: in_transaction(office.engine, resume_campaign, campaign_id),
        )
    with reading(office.engine) as session:
        job_id = session.exec(select(Job.id).where(Job.campaign_id == campaign_id)).one()
    lease.cancel(office.engine, job_id or 0)


def test_of_two_who_take_a_correction_back_the_second_is_refused(office: Office):
    with transaction(office.engine) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # no village needed
        row = CountCorrection(
            village_code="62.02.01.2001", column="usia_16_17", kind="correction", value=1,
            day=now().date(), reason="Typing error", person="Sari",
        )  # fmt: skip
        session.add(row)
        session.flush()
        number = row.id or 0
    who = {"reason": "Wrong village", "person": "Budi"}

    def first(session: Session) -> None:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        withdraw(session, number, **who)

    with pytest.raises(CorrectionWithdrawn):
        second_after(
            office.engine, first, lambda: in_transaction(office.engine, withdraw, number, **who)
        )


def test_of_two_who_add_an_account_the_second_is_refused(office: Office):
    with pytest.raises(AccountExists):
        second_after(
            office.engine,
            lambda session: add_account(session, "siti", role="planner"),
            lambda: in_transaction(office.engine, add_account, "siti", role="planner"),
        )


# --- doing -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("worker")
def test_every_job_is_done_once(office: Office):
    jobs = [ask(office.engine, with_plan=True, steps=1) for _ in range(6)]
    done = [wait_for(office.engine, job_id, ended) for job_id in jobs]
    assert [(job.state, job.attempts) for job in done] == [("succeeded", 1)] * 6
    with reading(office.engine) as session:
        plans = session.exec(select(Plan).where(col(Plan.id).in_([j.plan_id for j in done])))
        assert {(plan.value, plan.worth) for plan in plans} == {(1, 1)}


@pytest.mark.usefixtures("worker")
def test_running_job_is_cancelled_within_a_second(office: Office):
    """The best of some, as in ``test_jobs``: a busy machine may be late once."""
    took: list[float] = []
    while not took or (min(took) >= 1 and len(took) < 5):
        job_id = ask(office.engine, with_plan=True, steps=ENDLESS)
        wait_for(office.engine, job_id, lambda job: job.progress)
        asked_at = now()
        lease.cancel(office.engine, job_id)
        job = wait_for(office.engine, job_id, ended)
        took.append((job.finished_at - asked_at).total_seconds())
        assert (job.state, job.error) == ("cancelled", None)
        assert 0 < job.result["steps"] < ENDLESS
    assert min(took) < 1, took


@pytest.mark.usefixtures("worker")
def test_poison_is_set_aside_with_its_reason(office: Office):
    job_id = ask(office.engine, crash="kill")
    job = wait_for(office.engine, job_id, ended)
    assert (job.state, job.attempts) == ("failed", lease.MAX_ATTEMPTS)
    with reading(office.engine) as session:
        [row] = [
            job_row(job, "en")
            for job in newest_jobs(session, JobState.FAILED)
            if job.id == job_id
        ]  # fmt: skip
    assert "SIGKILL" in row["reason"]


@pytest.mark.usefixtures("worker")
def test_a_job_that_the_queue_lost_is_queued_again(office: Office):
    """As after a database was moved: the rows are there, the queue is empty."""
    with transaction(office.engine) as session:
        job = Job(kind="import", args={"steps": 1})
        session.add(job)
        session.flush()
        job_id = job.id or 0
    assert wait_for(office.engine, job_id, ended).state == "succeeded"


def test_a_job_is_not_queued_twice(office: Office):
    job_id = ask(office.engine, place="elsewhere", steps=1)  # of a folder that nobody here has
    assert n_queued(office.engine, job_id) == 1
    assert requeue_lost(office.engine) == 0
    assert n_queued(office.engine, job_id) == 1
    assert lease.read(office.engine, job_id).state == "todo"


@pytest.mark.usefixtures("worker")
def test_a_job_that_a_terminal_holds_is_left_to_it(office: Office):
    with transaction(office.engine) as session:  # held before the queue delivers it
        job = defer(session, Job(kind="import", args={"steps": 1}))
        job_id = job.id or 0
        job.state, job.lease_owner = "doing", "terminal"
        job.lease_until = now() + timedelta(seconds=3)
    wait_for(office.engine, job_id, lambda job: now() > job.lease_until - timedelta(seconds=2))
    assert lease.read(office.engine, job_id).lease_owner == "terminal"
    assert wait_for(office.engine, job_id, ended).state == "succeeded"  # the terminal is gone


def test_urgent_jobs_come_first(office: Office):
    waiting = [ask(office.engine, priority=-1, place="x"), ask(office.engine, place="x")]
    claimed = [lease.claim(office.engine, "a", job_id) for job_id in waiting]
    assert [job.id for job in claimed if job] == waiting
    for job_id in waiting:
        lease.give_back(office.engine, job_id, "a")
    first = lease.claim(office.engine, "b")
    assert first is not None
    assert first.priority == 0
    for job_id in [*waiting, first.id or 0]:
        lease.give_back(office.engine, job_id, "b")
        lease.cancel(office.engine, job_id)


def test_what_must_not_be_done_twice_is_refused_by_the_database(office: Office):
    def once() -> Job:
        return Job(kind="plan_all", args={"place": "x"}, once="plan-all 65 2026-W49")

    with transaction(office.engine) as session:
        defer(session, once())
    with pytest.raises(IntegrityError), transaction(office.engine) as session:
        defer(session, once())


# --- dying -------------------------------------------------------------------------------------


def assert_whole(engine: Engine) -> None:
    """Check that no plan holds the first half of an answer only, and no done job lacks its own."""
    with reading(engine) as session:
        rows = session.exec(select(Job.state, Plan.value, Plan.worth).join(Plan)).all()
    assert all(value == worth for _, value, worth in rows)
    assert all(value is not None for state, value, _ in rows if state == "succeeded")


@pytest.mark.slow
def test_a_database_that_goes_away_and_comes_back_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(process, "MODULE", "tests.app.fake_child")
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder)) as address,
        office_at(PostgresqlDatabases(address).migrated(), tmp_path) as office,
    ):
        runner = QueueRunner(office.engine, office.settings, eager=False)
        runner.start()
        running = ask(office.engine, with_plan=True, steps=40)
        waiting = ask(office.engine, with_plan=True, steps=1)
        wait_for(office.engine, running, lambda job: job.progress)
        control(Path(folder), "restart")
        for job_id in (running, waiting):
            assert wait_for(office.engine, job_id, ended, 60).state == "succeeded"
        runner.stop()
        assert_whole(office.engine)


def test_leases_of_the_queue_are_those_of_the_row(office: Office):
    """A worker that slept through its lease stores nothing, whatever the queue thinks."""
    job_id = ask(office.engine, place="x")
    lease.claim(office.engine, "a", job_id)
    with transaction(office.engine) as session:
        late = now() - timedelta(seconds=1)
        session.execute(update(Job).where(col(Job.id) == job_id).values(lease_until=late))
    assert lease.claim(office.engine, "b", job_id) is not None
    assert not lease.finish(office.engine, job_id, "a", JobState.SUCCEEDED)
    assert lease.finish(office.engine, job_id, "b", JobState.SUCCEEDED)
