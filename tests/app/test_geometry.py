"""Geometry is one column type on both databases, and a box finds the same rows on both."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Engine, Table, inspect, text
from sqlalchemy.types import JSON
from sqlmodel import Session, SQLModel, col, select

from app.db import MIGRATIONS, reading, transaction
from app.geometry import SEARCHED, is_index, meets_box
from app.models import CoverageArea, DataImport, NetworkLine, Village
from app.settings import Settings
from tests.app.databases import Databases

Box = tuple[float, float, float, float]
PLACE = ("desa", "62.02.01", "Kota Besi", "62.02", "Kotim")
# Thirds are no binary fractions: the R*Tree rounds them outwards, and the columns decide.
STEP = 1 / 3


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """60 rows of each table on a grid, every third village without an outline."""
    with transaction(engine) as session:
        session.add(
            DataImport(
                id=1, kind="villages", file_name="a", sha256="0" * 64, source="a", accepted=60,
                corrected=0, refused=0,
            )
        )  # fmt: skip
        session.flush()
        for n in range(60):
            add_rows(session, n, 100 + (n % 10) * STEP, -3 + (n // 10) * STEP)
    return engine


def add_rows(session: Session, n: int, west: float, south: float) -> None:
    east, north = west + STEP / 2, south + STEP / 2
    has_outline = n % 3 > 0
    box = (west, south, east, north) if has_outline else (west, south, west, south)
    session.add(
        Village(
            code=f"62.02.01.{2001 + n}", name=f"Desa {n}", import_id=1, lon=west, lat=south,
            geometry=shapely.box(*box) if has_outline else None, **sides(box),
            **dict(zip(("kind", "district_code", "district", "regency_code", "regency"), PLACE,
                       strict=True)),
        )
    )  # fmt: skip
    session.add(
        NetworkLine(
            id=n + 1, import_id=1, mode="road", **sides((west, south, east, north)),
            geometry=shapely.LineString([(west, south), (east, north)]),
        )
    )  # fmt: skip
    session.add(
        CoverageArea(
            id=n + 1, import_id=1, signal="weak", status="lemah", source="a", row=n + 2,
            definition="coverage_area", confidence="medium", **sides((west, south, east, north)),
            geometry=shapely.box(west, south, east, north),
        )
    )  # fmt: skip


def sides(box: Box) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), box, strict=True))


def boxes() -> list[Box]:
    """Boxes between the rows, on their very edges, around all and around none."""
    draw = random.Random(7)  # noqa: S311 (test data)
    found = [(100.0, -3.0, 100.0, -3.0), (0.0, 0.0, 1.0, 1.0), (-180.0, -90.0, 180.0, 90.0)]
    for _ in range(20):
        west, south = 100 + draw.randrange(20) * STEP / 2, -3 + draw.randrange(12) * STEP / 2
        found.append((west, south, west + draw.choice((0, STEP)), south + draw.choice((0, STEP))))
    return found


def assert_boxes_find_what_touches(engine: Engine) -> None:
    with reading(engine) as session:
        for table in (Village, NetworkLine, CoverageArea):
            everything = session.exec(select(table)).all()
            key = SEARCHED[table.__tablename__]
            for west, south, east, north in boxes():
                touching = {
                    getattr(row, key) for row in everything
                    if row.west <= east and row.east >= west
                    and row.south <= north and row.north >= south
                }  # fmt: skip
                query = select(col(getattr(table, key)))
                found = session.exec(query.where(meets_box(table, west, south, east, north))).all()
                assert len(found) == len(set(found))
                assert set(found) == touching


def test_a_box_finds_what_touches_it_after_any_change(filled: Engine):
    assert_boxes_find_what_touches(filled)
    with transaction(filled) as session:
        for n in range(0, 60, 7):
            code = f"62.02.01.{2001 + n}"
            session.delete(session.get_one(Village, code))
            line = session.get_one(NetworkLine, n + 1)
            line.west, line.east = line.west + 1, line.east + 1
            line.geometry = shapely.transform(line.geometry, lambda at: at + np.array([1.0, 0.0]))
            session.delete(session.get_one(CoverageArea, n + 1))
    assert_boxes_find_what_touches(filled)


def test_a_search_by_box_asks_the_index(filled: Engine):
    with filled.connect() as connection:
        for table in (Village, NetworkLine, CoverageArea):
            name = table.__tablename__
            query = str(
                select(table).where(meets_box(table, 100.0, -3.0, 100.1, -2.9))
                .compile(connection, compile_kwargs={"literal_binds": True})
            )  # fmt: skip
            if connection.dialect.name == "sqlite":
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
                assert any(f"{name}_box VIRTUAL TABLE INDEX" in str(row) for row in rows), rows
            else:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                rows = connection.exec_driver_sql(f"EXPLAIN {query}").all()
                assert any(f"ix_{name}_geometry" in str(row) for row in rows), rows


def test_a_geometry_comes_back_as_it_was(filled: Engine):
    with_hole = shapely.Polygon(
        [(0, 0), (1, 0), (1, 1), (0, 1)], [[(0.1, 0.1), (0.1, 0.2), (0.2, 0.2)]]
    )
    given = shapely.MultiPolygon([with_hole, shapely.box(112.123456789012, -2.5, 113, -2)])
    with transaction(filled) as session:
        session.get_one(Village, "62.02.01.2001").geometry = given
    with reading(filled) as session:
        found = session.get_one(Village, "62.02.01.2001").geometry
        assert session.get_one(Village, "62.02.01.2004").geometry is None
    assert found.equals_exact(given, 0, normalize=False)
    assert shapely.get_srid(found) == 0


# -- what alembic does to them -------------------------------------------------------------------


@pytest.fixture
def config(engine: Engine, settings: Settings, databases: Databases, tmp_path: Path) -> Config:
    """The migrations, and a folder for one more; nobody gets this database after this test."""
    databases.spoil(settings.url)
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "newline")
    made.set_main_option("version_locations", f"{MIGRATIONS / 'versions'}\n{tmp_path / 'more'}")
    made.attributes["engine"] = engine
    (tmp_path / "more").mkdir()
    return made


REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "ffffffffffff"
down_revision = {head!r}


def upgrade():
    for table in {tables}:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("extra", sa.Boolean(), nullable=False,
                                       server_default=sa.false()))


def downgrade():
    for table in {tables}:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("extra")
"""


def test_altering_a_table_leaves_its_index_in_step(filled: Engine, config: Config, tmp_path: Path):
    """SQLite makes the table anew, and its triggers and the R*Tree's rows would be gone."""
    with filled.connect() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
    source = REVISION.format(head=head, tables=tuple(SEARCHED))
    (tmp_path / "more" / "2026-12-01_extra.py").write_text(source, encoding="utf-8")
    for step in (command.upgrade, command.downgrade):
        step(config, "head" if step is command.upgrade else head)
        if filled.dialect.name == "sqlite":
            triggers = text("SELECT count(*) FROM sqlite_master WHERE name LIKE '%\\_box\\_%'"
                            " ESCAPE '\\' AND type = 'trigger'")  # fmt: skip
            with filled.connect() as connection:
                assert connection.scalar(triggers) == 3 * len(SEARCHED)
        assert_boxes_find_what_touches(filled)
        with transaction(filled) as session:
            session.delete(session.get_one(NetworkLine, 5 if step is command.upgrade else 6))
        assert_boxes_find_what_touches(filled)


def test_alembic_finds_nothing_to_change(engine: Engine, config: Config):
    """It would drop the indexes by box, and PostGIS's own table."""
    command.check(config)
    with engine.connect() as connection:
        names = {name for name in inspect(connection).get_table_names() if is_index(name, "table")}
        assert names


def test_the_log_stays_append_only_and_no_trigger_is_lost(engine: Engine):
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[engine.dialect.name]
    with engine.connect() as connection:
        found = set(connection.scalars(text(query)))
    boxes_kept = {
        f"{table}_box_{event}" for table in SEARCHED for event in ("insert", "update", "delete")
    }
    if engine.dialect.name == "sqlite":
        assert found >= {"audit_entry_no_update", "audit_entry_no_delete"} | boxes_kept
    else:
        assert "audit_entry_append_only" in found


@pytest.fixture
def one_more_table() -> Iterator[None]:
    """A model that no migration knows yet, with a type that PostgreSQL has another name for."""
    from sqlalchemy.dialects.postgresql import JSONB

    table = Table(
        "one_more", SQLModel.metadata,
        Column("code", JSON().with_variant(JSONB(astext_type=None), "postgresql")),
    )  # fmt: skip
    yield
    SQLModel.metadata.remove(table)


@pytest.mark.usefixtures("one_more_table")
def test_a_revision_that_alembic_writes_runs(engine: Engine, config: Config, tmp_path: Path):
    command.revision(
        config, "one more", autogenerate=True, version_path=str(tmp_path / "more")
    )  # fmt: skip
    (written,) = (tmp_path / "more").glob("*.py")
    assert "Text()" in written.read_text(encoding="utf-8")
    command.upgrade(config, "head")
    assert "one_more" in inspect(engine).get_table_names()


REVISIONS = sorted((MIGRATIONS / "versions").glob("*.py"))


@pytest.mark.parametrize("path", REVISIONS, ids=[path.stem[11:] for path in REVISIONS])
def test_no_revision_gives_a_boolean_a_number(path: Path):
    """PostgreSQL refuses the `0` that alembic writes on SQLite; `sa.false()` suits both."""
    source = path.read_text(encoding="utf-8")
    columns = re.findall(r"sa\.Column\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", source)
    booleans = [one for one in columns if "sa.Boolean()" in one]
    assert not [one for one in booleans if re.search(r"server_default=.*['\"][01]['\"]", one)]


def test_a_database_of_bytes_becomes_one_of_geometry_and_back(filled: Engine, config: Config):
    """The rows of a released database are kept, byte for byte, in both directions."""
    query = text("SELECT code, geometry FROM village ORDER BY code")
    with reading(filled) as session:
        given = {row.code: row.geometry for row in session.exec(select(Village))}
    command.downgrade(config, "a90e4f6b2c71")
    with filled.connect() as connection:
        kept = dict(connection.execute(query).all())
    assert {code: None if wkb is None else bytes(wkb) for code, wkb in kept.items()} == {
        code: None if geometry is None else geometry.wkb for code, geometry in given.items()
    }
    assert not [name for name in inspect(filled).get_table_names() if "_box" in name]
    command.upgrade(config, "head")
    assert_boxes_find_what_touches(filled)
    with reading(filled) as session:
        for row in session.exec(select(Village)):
            before = given[row.code]
            assert row.geometry is before is None or row.geometry.wkb == before.wkb
