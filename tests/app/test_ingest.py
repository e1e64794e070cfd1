"""Files become rows whole or not at all; what is newer counts, and what is replaced is known."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, func, select

from app.current import current_counts
from app.db import connect, migrate, reading
from app.errors import AsOfInFuture, NothingAccepted, NoVillagesYet
from app.ingest import ImportOutcome, ingest
from app.models import DataImport, Link, NetworkLine, Team, Village, VillageCount
from geodata.errors import EmptyFile, ResidentsFile, UnknownCodes
from tests.app.office import Office

HULU, HILIR = "62.02.01.1009", "62.02.01.1010"  # Kota Besi Hulu and Hilir
COUNTS = "kode,desa,wajib_ktp,sudah_rekam"
TEAMS = (
    "tim,kabupaten,pangkalan,lon,lat,moda,alat_rekam,petugas,kit_satelit,jam_mulai,jam_selesai,"
    "boleh_bermalam"
)
LINKS = "dari,dari_lon,dari_lat,ke,ke_lon,ke_lat,moda,menit,menit_balik,hari"


@pytest.fixture(scope="module")
def villages_database(kotim: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 185 villages of Kotim, and one of another regency."""
    path = tmp_path_factory.mktemp("ingest") / "villages.sqlite"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    ingest(engine, "villages", kotim / "batas_desa.gpkg")
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO village (code, name, kind, district_code, district, regency_code, regency,"
            " lon, lat, west, south, east, north, import_id) VALUES ('62.03.01.1001', 'Selat',"
            " 'kelurahan', '62.03.01', 'Selat', '62.03', 'Kabupaten Kapuas', 114.4, -3.0, 114.4,"
            " -3.0, 114.4, -3.0, 1)"
        )
        connection.commit()
    return path


@pytest.fixture
def engine(villages_database: Path, tmp_path: Path) -> Iterator[Engine]:
    copy = tmp_path / "villages.sqlite"
    with (
        closing(sqlite3.connect(villages_database)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    engine = connect(f"sqlite:///{copy}")
    yield engine
    engine.dispose()


def text_file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def roads(
    folder: Path, name: str, *, west: float, south: float = -2.0, kind: str = "highway"
) -> Path:
    """Two lines that fill a box of one degree from its south-west corner."""
    path = folder / name
    corners = [(west, south), (west + 1, south + 1), (west + 1, south)]
    lines = [shapely.LineString(corners[:2]), shapely.LineString(corners[1:])]
    words = {"highway": "primary", "waterway": "river"}
    gpd.GeoDataFrame({kind: [words[kind]] * 2}, geometry=lines, crs=4326).to_file(
        path, layer="jalan", engine="pyogrio"
    )
    return path


def team(name: str, regency: str = "Kabupaten Kotawaringin Timur", base: str = "Sampit") -> str:
    return f"{name},{regency},{base},112.96,-2.52,mobil,1,5,0,07:30,16:00,ya"


def n_rows(engine: Engine, *tables: type) -> list[int]:
    with reading(engine) as session:
        return [session.exec(select(func.count()).select_from(t)).one() for t in tables]


def replaced(engine: Engine, *outcomes: ImportOutcome) -> list[int | None]:
    """By which import each import was replaced."""
    with reading(engine) as session:
        rows = [session.get(DataImport, outcome.import_id) for outcome in outcomes]
        return [row.superseded_by for row in rows if row is not None]


# -- whole or not at all -------------------------------------------------------------------------


def test_an_error_in_the_middle_of_storing_leaves_nothing(tmp_path: Path, kotim: Path):
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite'}")
    migrate(engine)
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON village WHEN NEW.code = '62.02.09.2006'"
            " BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    with pytest.raises(DatabaseError, match="no room"):
        ingest(engine, "villages", kotim / "batas_desa.gpkg")
    assert n_rows(engine, Village, DataImport) == [0, 0]
    engine.dispose()


def test_a_dry_run_says_the_same_and_stores_nothing(engine: Engine, kotim: Path):
    before = n_rows(engine, DataImport, VillageCount)
    path = kotim / "rekap_perekaman_desa.xlsx"
    dry = ingest(engine, "counts", path, dry_run=True)
    assert (dry.import_id, dry.dry_run) == (None, True)
    assert n_rows(engine, DataImport, VillageCount) == before
    wet = ingest(engine, "counts", path)
    assert n_rows(engine, DataImport, VillageCount) == [before[0] + 1, 185]
    same = ("accepted", "corrected", "refused", "totals", "findings", "as_of", "source")
    assert all(getattr(dry, name) == getattr(wet, name) for name in same)


def test_a_row_that_fails_alone_is_set_aside(engine: Engine, tmp_path: Path):
    path = text_file(
        tmp_path, "counts.csv", COUNTS,
        f"{HULU},Kota Besi Hulu,100,90", f"{HILIR},Kota Besi Hilir,seratus,90",
    )  # fmt: skip
    outcome = ingest(engine, "counts", path, as_of=date(2024, 1, 1))
    assert (outcome.accepted, outcome.refused) == (1, 1)
    (found,) = [f for f in outcome.findings if f.severity == "refused"]
    assert (found.code, found.row, found.value) == ("count-not-number", 3, "seratus")
    with reading(engine) as session:
        kept = session.exec(select(VillageCount)).one()
        assert (kept.village_code, kept.wajib_ktp, kept.belum_rekam) == (HULU, 100, 10)
        row = session.get(DataImport, outcome.import_id)
        assert row is not None
        assert [f["code"] for f in row.findings if f["severity"] == "refused"] == [found.code]


@pytest.mark.parametrize("kind", ["counts", "connectivity", "teams"])
def test_a_file_that_names_villages_waits_for_them(kind: str, tmp_path: Path, kotim: Path):
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite'}")
    migrate(engine)
    with pytest.raises(NoVillagesYet, match=r"tim\.csv.*import villages first"):
        ingest(engine, kind, kotim / "tim.csv")
    engine.dispose()


# -- codes and dates -----------------------------------------------------------------------------


def test_codes_of_other_places_are_set_aside_up_to_half_of_a_file(engine: Engine, tmp_path: Path):
    known, unknown = f"{HULU},Kota Besi Hulu,100,90", "62.02.99.2001,Entah,50,40"
    other = "62.02.99.2002,Entah Juga,50,40"
    half = text_file(tmp_path, "half.csv", COUNTS, known, unknown)
    outcome = ingest(engine, "counts", half, as_of=date(2024, 1, 1))
    assert (outcome.accepted, outcome.refused) == (1, 1)
    assert outcome.totals["wajib_ktp"] == 100  # what was set aside is in no total
    assert "village-unknown" in {f.code for f in outcome.findings}
    more = text_file(tmp_path, "more.csv", COUNTS, known, unknown, other)
    before = n_rows(engine, DataImport, VillageCount)
    with pytest.raises(UnknownCodes, match=r"more\.csv: 2 code.*62\.02\.99\.2001"):
        ingest(engine, "counts", more, as_of=date(2024, 1, 1))
    assert n_rows(engine, DataImport, VillageCount) == before


def test_counts_of_a_day_to_come_are_refused(engine: Engine, tmp_path: Path):
    """A day of grace covers an office east of the server."""
    row = f"{HULU},Kota Besi Hulu,100,90"
    path = text_file(tmp_path, "counts.csv", COUNTS, row)
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 (the clock that ingest reads)
    assert ingest(engine, "counts", path, as_of=tomorrow).as_of == tomorrow
    after = tomorrow + timedelta(days=1)
    with pytest.raises(AsOfInFuture, match=after.isoformat()):
        ingest(engine, "counts", path, as_of=after)


def test_a_day_to_come_in_the_title_is_refused_too(engine: Engine, tmp_path: Path):
    row = f"{HULU},Kota Besi Hulu,100,90"
    year = date.today().year + 1  # noqa: DTZ011 (as above)
    titled = text_file(tmp_path, "t.csv", f"REKAP SEMESTER II TAHUN {year}", COUNTS, row)
    with pytest.raises(AsOfInFuture, match=f"{year}-12-31"):
        ingest(engine, "counts", titled)
    past = text_file(tmp_path, "p.csv", "REKAP SEMESTER II TAHUN 2023", COUNTS, row)
    assert ingest(engine, "counts", past).as_of == date(2023, 12, 31)


def test_the_newest_counts_win_whatever_came_last(engine: Engine, tmp_path: Path):
    new = text_file(tmp_path, "new.csv", COUNTS, f"{HULU},Kota Besi Hulu,200,150")
    rows = (f"{HULU},Kota Besi Hulu,100,90", f"{HILIR},Kota Besi Hilir,80,70")
    old = text_file(tmp_path, "old.csv", COUNTS, *rows)
    ingest(engine, "counts", new, as_of=date(2024, 6, 30))
    ingest(engine, "counts", old, as_of=date(2023, 6, 30))
    with reading(engine) as session:
        counts = current_counts(session, "62.02")
    assert {code: row.wajib_ktp for code, row in counts.items()} == {HULU: 200, HILIR: 80}
    corrected = text_file(tmp_path, "x.csv", COUNTS, f"{HULU},Kota Besi Hulu,201,150")
    ingest(engine, "counts", corrected, as_of=date(2024, 6, 30))  # of one day, the last one read
    with reading(engine) as session:
        assert current_counts(session, "62.02")[HULU].wajib_ktp == 201


def test_a_later_file_without_a_column_leaves_the_number_of_an_earlier_one(
    engine: Engine, tmp_path: Path
):
    """Recording comes every month, children once a semester: 30 of them have a KIA."""
    full = f"{COUNTS},anak 0-17,memiliki kia,usia 16-17"
    first = text_file(tmp_path, "a.csv", full, f"{HULU},Kota Besi Hulu,100,90,40,30,6")
    then = text_file(tmp_path, "b.csv", f"{COUNTS},usia 16-17", f"{HULU},Kota Besi Hulu,110,95,7")
    one = ingest(engine, "counts", first, as_of=date(2023, 6, 30))
    two = ingest(engine, "counts", then, as_of=date(2024, 6, 30))
    assert [f for f in one.findings if f.code == "count-kept"] == []
    (kept,) = (f for f in two.findings if f.code == "count-kept")
    assert kept.column == "anak_0_17, memiliki_kia"
    assert kept.params == {"n_villages": 1, "day": "2023-06-30"}
    with reading(engine) as session:
        count = current_counts(session, "62.02")[HULU]
    assert (count.wajib_ktp, count.sudah_rekam, count.belum_rekam) == (110, 95, 15)
    assert (count.anak_0_17, count.memiliki_kia, count.usia_16_17) == (40, 30, 7)
    assert (count.as_of, count.import_ids) == (date(2024, 6, 30), {one.import_id, two.import_id})
    assert count.days == {
        **dict.fromkeys(
            ("wajib_ktp", "sudah_rekam", "belum_rekam", "usia_16_17"), date(2024, 6, 30)
        ),
        **dict.fromkeys(("anak_0_17", "memiliki_kia"), date(2023, 6, 30)),
    }


# -- what a file replaces ------------------------------------------------------------------------


def test_the_same_file_once_more_replaces_itself(engine: Engine, tmp_path: Path):
    path = text_file(tmp_path, "counts.csv", COUNTS, f"{HULU},Kota Besi Hulu,100,90")
    first = ingest(engine, "counts", path, as_of=date(2023, 6, 30))
    second = ingest(engine, "counts", path, as_of=date(2022, 6, 30))  # the date was wrong
    assert replaced(engine, first, second) == [second.import_id, None]
    with reading(engine) as session:
        assert current_counts(session)[HULU].as_of == date(2022, 6, 30)


@pytest.mark.parametrize(("shift", "is_edition"), [(0.0, True), (0.33, True), (0.34, False)])
def test_a_newer_network_replaces_one_of_the_same_area(
    engine: Engine, tmp_path: Path, shift: float, is_edition: bool
):
    """Boxes of one degree, ``s`` apart, share (1 - s) / (1 + s): a half at s = 1/3."""
    old = ingest(engine, "network", roads(tmp_path, "old.gpkg", west=112.0))
    neighbour = ingest(engine, "network", roads(tmp_path, "neighbour.gpkg", west=114.0))
    new = ingest(engine, "network", roads(tmp_path, "new.gpkg", west=112.0 + shift))
    by = new.import_id if is_edition else None
    assert replaced(engine, old, neighbour, new) == [by, None, None]
    assert n_rows(engine, NetworkLine) == [6]  # replaced lines stay, marked


def test_rivers_do_not_replace_roads(engine: Engine, tmp_path: Path):
    road = ingest(engine, "network", roads(tmp_path, "jalan.gpkg", west=112.0))
    river = ingest(engine, "network", roads(tmp_path, "sungai.gpkg", west=112.0, kind="waterway"))
    assert replaced(engine, road, river) == [None, None]
    newer = ingest(engine, "network", roads(tmp_path, "baru.gpkg", west=112.0, south=-2.01))
    assert replaced(engine, road, river, newer) == [newer.import_id, None, None]


def test_planes_do_not_replace_boats(engine: Engine, tmp_path: Path):
    ends = "Sampit,112.95,-2.53,Samuda,112.98,-2.90"
    boat, plane = f"{ends},speedboat,60,60,1234567", f"{ends},plane,20,20,135"
    boats = ingest(engine, "links", text_file(tmp_path, "kapal.csv", LINKS, boat))
    planes = ingest(engine, "links", text_file(tmp_path, "pesawat.csv", LINKS, plane))
    assert replaced(engine, boats, planes) == [None, None]
    both = ingest(engine, "links", text_file(tmp_path, "semua.csv", LINKS, boat, plane))
    assert replaced(engine, boats, planes, both) == [both.import_id, both.import_id, None]
    assert n_rows(engine, Link) == [4]


def names_of(engine: Engine) -> dict[str, tuple[str, str]]:
    with reading(engine) as session:
        rows = session.exec(select(Team).order_by(col(Team.name)))
        return {row.name: (row.regency_code, row.base) for row in rows}


def teams(engine: Engine, folder: Path, rows: Sequence[str]) -> ImportOutcome:
    return ingest(engine, "teams", text_file(folder, "tim.csv", TEAMS, *rows))


def test_a_team_list_is_the_whole_list_of_its_regencies(engine: Engine, tmp_path: Path):
    kapuas = "Kabupaten Kapuas"
    teams(engine, tmp_path, [team("A"), team("B"), team("K", kapuas)])
    teams(engine, tmp_path, [team("B", base="Samuda"), team("C")])
    assert names_of(engine) == {
        "B": ("62.02", "Samuda"), "C": ("62.02", "Sampit"), "K": ("62.03", "Sampit")
    }  # fmt: skip


def test_a_team_is_not_taken_from_another_regency(engine: Engine, tmp_path: Path):
    kapuas = "Kabupaten Kapuas"
    teams(engine, tmp_path, [team("Tim 1"), team("Tim 2")])
    outcome = teams(engine, tmp_path, [team("Tim 1", kapuas), team("Tim 9", kapuas)])
    assert (outcome.accepted, outcome.refused) == (1, 1)
    (found,) = outcome.findings
    assert (found.code, found.row, found.value) == ("team-elsewhere", 2, "Tim 1")
    assert found.params == {"regency_code": "62.02"}
    assert outcome.totals["teams"] == 1
    there = {name: regency for name, (regency, _) in names_of(engine).items()}
    assert there == {"Tim 1": "62.02", "Tim 2": "62.02", "Tim 9": "62.03"}
    # A list of both regencies may move it: that file says where every team is.
    teams(engine, tmp_path, [team("Tim 1", kapuas), team("Tim 2")])
    there = {name: regency for name, (regency, _) in names_of(engine).items()}
    assert there == {"Tim 1": "62.03", "Tim 2": "62.02"}


def test_a_team_whose_row_is_set_aside_stays_as_it_was(engine: Engine, tmp_path: Path):
    """One typing error must not cost a crew its week."""
    teams(engine, tmp_path, [team("A"), team("B"), team("C")])
    typo = team("B").replace("07:30", "7h30")
    assert typo != team("B")
    outcome = teams(engine, tmp_path, [team("A"), typo])
    assert (outcome.accepted, outcome.refused) == (1, 1)
    assert set(names_of(engine)) == {"A", "B"}  # C is named no more and is gone


def test_a_team_list_without_a_row_removes_nobody(engine: Engine, tmp_path: Path):
    teams(engine, tmp_path, [team("A")])
    with pytest.raises(EmptyFile, match=r"tim\.csv"):
        teams(engine, tmp_path, [])
    with pytest.raises(NothingAccepted, match=r"none of the 1 rows of tim\.csv .* 2, becak"):
        teams(engine, tmp_path, [team("A").replace("mobil", "becak")])
    assert names_of(engine) == {"A": ("62.02", "Sampit")}


# -- residents -----------------------------------------------------------------------------------


def test_a_file_of_residents_is_refused_and_nothing_of_it_remains(
    villages_database: Path, tmp_path: Path
):
    """Neither the screen, the answer for machines nor the database repeats a value of it."""
    office = Office(tmp_path / "office")
    office.data_dir.mkdir()
    stored = office.data_dir / "jemput-bola.sqlite"
    stored.write_bytes(villages_database.read_bytes())
    secrets = ("6202014507990003", "Siti Rahmawati Contoh", "1999-07-05")
    path = text_file(
        tmp_path, "warga.csv", "kode,desa,nik,nama,tanggal_lahir,wajib_ktp,sudah_rekam",
        f"{HULU},Kota Besi Hulu,{','.join(secrets)},1,0",
    )  # fmt: skip
    ask = ("import", "counts", path, "--as-of", "2024-01-01")
    said = [office.run(*ask, lang=lang) for lang in ("id", "en")]
    said.append(office.run(*ask, "--json"))
    kept = b"".join(file.read_bytes() for file in office.data_dir.iterdir())
    for outcome in said:
        assert outcome.code == 1
        assert "warga.csv" in outcome.stderr
        assert not any(s in outcome.stdout + outcome.stderr for s in secrets)
    assert not any(secret.encode() in kept for secret in secrets)
    assert b"warga.csv" not in kept
    engine = connect(f"sqlite:///{stored}")
    with pytest.raises(ResidentsFile):
        ingest(engine, "counts", path, as_of=date(2024, 1, 1), dry_run=True)
    assert n_rows(engine, VillageCount) == [0]
    engine.dispose()


def test_a_count_that_moved_since_the_last_import_is_told(engine: Engine, tmp_path: Path):
    """Of 1,000 people 301 more in one village and 300 in the other; at first there were none."""
    first = text_file(
        tmp_path,
        "a.csv",
        COUNTS,
        f"{HULU},Kota Besi Hulu,1000,500",
        f"{HILIR},Kota Besi Hilir,1000,500",
    )
    then = text_file(
        tmp_path,
        "b.csv",
        COUNTS,
        f"{HULU},Kota Besi Hulu,1301,500",
        f"{HILIR},Kota Besi Hilir,1300,500",
    )
    before = ingest(engine, "counts", first, as_of=date(2023, 6, 30))
    outcome = ingest(engine, "counts", then, as_of=date(2024, 6, 30))
    assert [f for f in before.findings if f.code == "count-changed"] == []
    moved = [f for f in outcome.findings if f.code == "count-changed"]
    assert [(f.village_code, f.column, f.value, f.params["before"]) for f in moved] == [
        (HULU, "wajib_ktp", "1301", 1000),
        (HULU, "belum_rekam", "801", 500), (HILIR, "belum_rekam", "800", 500),
    ]  # fmt: skip
    assert (outcome.accepted, outcome.refused) == (2, 0)
