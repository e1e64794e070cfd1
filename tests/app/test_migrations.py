"""Tables come from migrations, on SQLite and on PostgreSQL alike."""

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, text
from sqlmodel import SQLModel, col, select

from app.db import MIGRATIONS, head, migrate, reading, transaction
from app.geometry import is_index
from app.ingest import ingest
from app.models import (
    ConnectivityJoin,
    Tower,
    Village,
    VillageConnectivity,
    VillageCount,
    VillageEdition,
)
from app.plan_document import plan_document
from app.planning import create_plan, solve_plan
from app.schemas.plans import PlanRequest
from app.upgrade import JOIN_RULES, prepare
from tests.app.office import KOTIM_IMPORTS
from tests.geodata.test_reach import write_raster

TODAY = date(2026, 11, 22)
BEFORE_THE_JOIN = "7c3f90d2b61e"
LINE = shapely.LineString([(0, 0), (1, 1)]).wkb


def config(engine: Engine) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


def tables_of(engine: Engine) -> set[str]:
    return {name for name in inspect(engine).get_table_names() if not is_index(name, "table")}


def test_the_tables_are_those_of_the_models(empty: Engine):
    migrate(empty)
    migrate(empty)  # a second time does nothing
    with empty.connect() as connection:
        opts = {
            "compare_type": True,
            "include_object": lambda _object, name, kind, *_: not is_index(name, kind),
        }  # fmt: skip
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, SQLModel.metadata) == []
    assert tables_of(empty) == {*SQLModel.metadata.tables, "alembic_version"}


def test_migrations_go_back_and_forth(empty: Engine):
    migrate(empty)
    command.downgrade(config(empty), "base")
    assert tables_of(empty) == {"alembic_version"}
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


def test_a_database_with_rows_is_brought_to_the_newest_tables(empty: Engine):
    """Rows of every released table refer to others; some tables are made anew on the way."""
    command.upgrade(config(empty), "bc2e60bbb484")
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO data_import (id, kind, file_name, sha256, source, accepted,"
                " corrected, refused, totals, findings, created_at)"
                " VALUES (7, 'network', 'a.gpkg', 'x', 'a', 1, 0, 0, '{}', '[]', '2026-11-22')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO network_line (id, import_id, mode, west, south, east, north, geometry)"
                " VALUES (3, 7, 'road', 0, 0, 1, 1, :line)"
            ),
            {"line": LINE},
        )
    migrate(empty)
    with empty.connect() as connection:
        rows = connection.execute(
            text("SELECT l.id, i.file_name FROM network_line l JOIN data_import i ON i.id = 7")
        ).all()
        assert rows == [(3, "a.gpkg")]
        if empty.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_what_was_committed_outlives_a_power_cut(empty: Engine):
    with empty.connect() as connection:
        if empty.dialect.name == "sqlite":
            # 2 is FULL: the log is on the disk before a commit returns (1 is NORMAL: it may not).
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_legs_of_earlier_plans_are_told_from_the_network_by_mode_and_note(empty: Engine):
    command.upgrade(config(empty), "7c3f5d9e1b62")
    legs = [("road", None), ("walk", None), ("river", None), ("sea", "Sampit - Pulau, sea_boat"),
            ("road", "hired motorcycle"), ("river", "Tering - Long Bagun, speedboat")]  # fmt: skip
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO plan (id, regency_code, week, state, created_at, params, inputs,"
                " summary) VALUES (1, '62.02', '2026-W49', 'draft', '2026-11-22', '{}', '{}', '{}')"
            )
        )
        for part, (mode, note) in enumerate(legs):
            connection.execute(
                text(
                    'INSERT INTO leg (plan_id, team, day, "order", part, mode, note, minutes,'
                    " metres, geometry, n_rapids) VALUES"
                    " (1, 'A', '2026-11-30', 1, :part, :mode, :note, 1, 1, :line, 0)"
                ),
                {"part": part, "mode": mode, "note": note, "line": LINE},
            )
    command.upgrade(config(empty), "c41d7be90a35")
    with empty.connect() as connection:
        rows = connection.execute(
            text("SELECT follows_network, is_straight_line FROM leg ORDER BY part")
        ).all()
    assert [bool(follows) for follows, _ in rows] == [True, False, True, False, True, False]
    assert not any(straight for _, straight in rows)


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


VILLAGE = {
    "code": "62.02.01.2001", "name": "Hulu", "kind": "desa", "district_code": "62.02.01",
    "district": "Kota Besi", "regency_code": "62.02", "regency": "Kotim", "lon": 112.05,
    "lat": -2.45, "west": 112.0, "south": -2.5, "east": 112.1, "north": -2.4, "import_id": 1,
}  # fmt: skip


def fill_before_the_join(engine: Engine) -> None:
    """Put a village, a report of no signal and two towers on air into the tables of before."""
    tables = MetaData()
    tables.reflect(engine)
    day = date(2024, 6, 30)
    source = {
        "id": 1, "kind": "connectivity", "file_name": "lama.csv", "sha256": "0" * 64, "source": "x",
        "created_at": datetime(2026, 11, 22, tzinfo=UTC), "accepted": 1, "corrected": 0,
        "refused": 0, "totals": {}, "findings": [], "options": {},
    }  # fmt: skip
    report = {
        "import_id": 1, "village_code": VILLAGE["code"], "signal": "none", "status": "mati",
        "observed_on": day, "source": "x", "definition": "phone_signal", "confidence": "high",
        "row": 2,
    }  # fmt: skip
    tower = {
        "import_id": 1, "name": "T", "status": "ON AIR", "state": "on_air", "lon": 112.05,
        "lat": -2.45, "source": "bts",
    }  # fmt: skip
    rows = (
        ("data_import", source),
        ("village", VILLAGE),
        ("signal_report", report),
        ("tower", {**tower, "site_id": "A", "observed_on": None}),
        ("tower", {**tower, "site_id": "B", "observed_on": day}),
    )
    with engine.begin() as connection:
        for name, values in rows:
            connection.execute(tables.tables[name].insert(), values)


def test_a_database_of_before_the_join_is_joined_when_it_is_opened(empty: Engine):
    command.upgrade(config(empty), BEFORE_THE_JOIN)
    fill_before_the_join(empty)
    prepare(empty)
    with reading(empty) as session:
        known = session.get_one(VillageConnectivity, VILLAGE["code"])
        # Both towers promise a signal where the report, newer or more specific, says there is none.
        assert (known.signal, known.kind, known.n_contradictions) == ("none", "report", 2)
        towers = session.exec(select(Tower).order_by(col(Tower.site_id))).all()
        assert [(row.confidence, row.definition, row.row) for row in towers] == [
            ("low", "tower_range", None), ("medium", "tower_range", None),
        ]  # fmt: skip
        made = session.get_one(ConnectivityJoin, 1).joined_at
    prepare(empty)  # a second time does nothing
    with transaction(empty) as session:
        kept = session.get_one(ConnectivityJoin, 1)
        assert kept.joined_at == made
        kept.params = {"rules": JOIN_RULES - 1}
    prepare(empty)
    with reading(empty) as session:
        assert session.get_one(ConnectivityJoin, 1).params["rules"] == JOIN_RULES
    command.downgrade(config(empty), BEFORE_THE_JOIN)
    assert "connectivity_join" not in inspect(empty).get_table_names()


def test_villages_of_before_editions_become_their_first_edition(empty: Engine):
    command.upgrade(config(empty), BEFORE_THE_JOIN)
    fill_before_the_join(empty)
    tables = MetaData()
    tables.reflect(empty)
    drawn = {
        **VILLAGE,
        "code": "62.02.01.2002",
        "geometry": shapely.box(112, -2.5, 112.1, -2.4).wkb,
    }
    with empty.begin() as connection:
        connection.execute(tables.tables["village"].insert(), drawn)
    migrate(empty)
    with reading(empty) as session:
        bare, outlined = session.exec(
            select(VillageEdition).order_by(col(VillageEdition.village_code))
        ).all()
        today = session.exec(select(Village).order_by(col(Village.code))).all()
    assert (bare.village_code, bare.import_id, bare.name) == (VILLAGE["code"], 1, "Hulu")
    assert (bare.lon, bare.lat, bare.geometry) == (112.05, -2.45, None)
    assert outlined.geometry.bounds == (112.0, -2.5, 112.1, -2.4)
    assert [row.outline_import_id for row in today] == [None, 1]
    command.downgrade(config(empty), "e19a6f3d5b08")
    assert "village_edition" not in inspect(empty).get_table_names()
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM village")) == 2


def test_maps_of_coverage_are_kept_on_either_database(empty: Engine, tmp_path: Path):
    prepare(empty)
    outlines = gpd.GeoDataFrame(
        {"kode_desa": ["62.02.01.2001", "62.02.01.2002"], "nama_desa": ["Hulu", "Hilir"]},
        geometry=[shapely.box(112.0, -2.5, 112.1, -2.4), shapely.box(112.1, -2.5, 112.2, -2.4)],
        crs="EPSG:4326",
    )
    outlines.to_file(tmp_path / "desa.gpkg")
    ingest(empty, "villages", tmp_path / "desa.gpkg")
    # One cell of -90 dBm, a strong signal, over the first; a weak area over half of the second.
    cells = Affine(0.1, 0, 112.0, 0, -0.1, -2.4)
    write_raster(tmp_path / "rsrp.tif", np.array([[-90.0]], dtype="float32"), transform=cells)
    area = gpd.GeoDataFrame(
        {"sinyal": ["lemah"]}, geometry=[shapely.box(112.1, -2.5, 112.2, -2.45)], crs="EPSG:4326"
    )
    area.to_file(tmp_path / "cakupan.gpkg")
    for name in ("rsrp.tif", "cakupan.gpkg"):
        ingest(empty, "connectivity", tmp_path / name)
    with reading(empty) as session:
        rows = session.exec(select(VillageConnectivity)).all()
    kept = {row.village_code[-4:]: (row.signal, row.kind) for row in rows}
    assert kept == {"2001": ("strong", "raster"), "2002": ("weak", "area")}
    shares = {row.village_code[-4:]: row.share_covered for row in rows}
    assert shares == {"2001": pytest.approx(1, abs=1e-3), "2002": pytest.approx(0.5, abs=1e-3)}


def test_the_newest_migration_is_the_one_that_alembic_finds():
    script = ScriptDirectory(str(MIGRATIONS))
    assert head() == script.get_current_head()
