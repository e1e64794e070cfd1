"""Tables come from migrations, on SQLite and on PostgreSQL alike."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel, col, select

from app.db import MIGRATIONS, _head, connect, migrate, reading, transaction
from app.ingest import ingest
from app.models import Village, VillageCount
from app.plan_document import plan_document
from app.planning import create_plan, solve_plan
from app.schemas.plans import PlanRequest
from tests.app.office import KOTIM_IMPORTS
from tests.app.postgresql import new_database, server

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    # Not under pytest's own folder, which the server's user may not enter.
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    else:
        url = new_database(request.getfixturevalue("address"), f"test_{abs(hash(tmp_path)):x}")
    engine = connect(url)
    yield engine
    engine.dispose()


def config(engine: Engine) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


def test_the_tables_are_those_of_the_models(empty: Engine):
    migrate(empty)
    migrate(empty)  # a second time does nothing
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert set(inspect(empty).get_table_names()) == {
        *SQLModel.metadata.tables, "alembic_version"
    }  # fmt: skip


def test_migrations_go_back_and_forth(empty: Engine):
    migrate(empty)
    command.downgrade(config(empty), "base")
    assert inspect(empty).get_table_names() == ["alembic_version"]
    migrate(empty)
    assert "village" in inspect(empty).get_table_names()


def test_the_rules_of_the_tables_hold(empty: Engine):
    """A plan cannot have two active jobs, and a job without a lease is not being done."""
    migrate(empty)
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO plan (id, regency_code, week, state, created_at, params, inputs,"
                " summary) VALUES (1, '62.02', '2026-W49', 'draft', '2026-11-22', '{}', '{}', '{}')"
            )
        )
    job = (
        "INSERT INTO job (kind, state, plan_id, args, attempts, cancel_requested, created_at,"
        " lease_until) VALUES ('solve', '{state}', 1, '{{}}', 0, false, '2026-11-22', {lease})"
    )
    statements = {
        "first": (job.format(state="todo", lease="NULL"), True),
        "second active": (job.format(state="todo", lease="NULL"), False),
        "finished beside it": (job.format(state="failed", lease="NULL"), True),
        "doing without lease": (job.format(state="doing", lease="NULL"), False),
        "unknown state": (job.format(state="resting", lease="NULL"), False),
    }
    for name, (statement, is_fine) in statements.items():
        try:
            with empty.begin() as connection:
                connection.execute(text(statement))
        except Exception:
            assert not is_fine, name
        else:
            assert is_fine, name


@pytest.mark.slow
def test_an_office_plans_a_week_on_either_database(empty: Engine, kotim: Path):
    """The same files give the same rows, and a plan that the checker accepts."""
    migrate(empty)
    for kind, name in KOTIM_IMPORTS:
        ingest(empty, kind, kotim / name)
    ingest(empty, "teams", kotim / "tim.csv")  # once more: rows are replaced, not doubled
    with reading(empty) as session:
        rows = session.exec(select(VillageCount)).all()
        assert sum(row.wajib_ktp or 0 for row in rows) == 308_309
        village = session.exec(select(Village).where(col(Village.code) == "62.02.09.2006")).one()
        assert village.geometry.contains(village.geometry.representative_point())
        assert village.geometry.bounds == pytest.approx(
            (village.west, village.south, village.east, village.north)
        )
    with transaction(empty) as session:
        request = PlanRequest(regency="62.02", week="2026-W49", seconds=3)
        plan, _ = create_plan(session, request, today=TODAY)
        plan_id = plan.id or 0
    solve_plan(empty, plan_id, on_progress=lambda _: None, should_stop=lambda: False)
    with reading(empty) as session:
        document = plan_document(session, plan_id, "en")
    assert document["violations"] == []
    assert len({stop["team"] for stop in document["stops"]}) == 5
    assert all(stop["arrive"].endswith("+07:00") for stop in document["stops"])


def test_the_newest_migration_is_the_one_that_alembic_finds():
    script = ScriptDirectory(str(MIGRATIONS))
    assert _head() == script.get_current_head()
