"""What an account of one regency can import, and what a limited session can write."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Engine,
    column,
    delete,
    extract,
    func,
    insert,
    or_,
    table,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from app import areas
from app.access_errors import OutsideArea
from app.areas import (
    CONDITIONS,
    SHARED,
    WHOLE_COUNTRY,
    CannotNarrow,
    area_of,
    everywhere,
    holds,
    inside,
    is_area,
    limit,
)
from app.db import reading, transaction
from app.errors import NoVillagesYet
from app.ingest import ingest
from app.models import (
    CodeMapping,
    DataImport,
    ParamChange,
    Plan,
    Staff,
    StaffLeave,
    Team,
    Village,
    VillageConnectivity,
    VillageCount,
)
from app.params import set_params
from app.viewing import View, set_view
from geodata.errors import GeodataError
from tests.app.planned import TEAM_HEADER

pytestmark = pytest.mark.usefixtures("seeded")
COUNTS = "kode,desa,wajib_ktp,sudah_rekam"
DAY = date(2024, 1, 1)


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def kept(engine: Engine) -> dict[int, int | None]:
    """Give each import and what superseded it."""
    with reading(engine) as session:
        rows = session.exec(select(DataImport.id, DataImport.superseded_by)).all()
    return {number or 0: by for number, by in rows}


@pytest.mark.parametrize(
    ("area", "code", "expected"),
    [
        ("", "65.01.01.2001", True), ("65", "65.01.01.2001", True), ("65.01", "65.01", True),
        ("65.01", "65.01.01.2001", True), ("65.0", "65.01", False), ("65.01", "65", False),
        ("65.01", "65.010", False), ("65.01", "", False), ("6_.01", "65.01", False),
    ],
)  # fmt: skip
def test_what_lies_in_an_area_is_the_same_in_python_and_in_sql(
    engine: Engine, area: str, code: str, expected: bool
):
    assert holds(area, code) is expected
    with transaction(engine) as session:
        session.add(Plan(id=77, regency_code=code, week="2026-W49", params={}))
        session.flush()
        query = select(Plan.id).where(Plan.id == 77).where(inside(Plan.regency_code, area))
        assert (session.exec(query).first() == 77) is expected


@pytest.mark.parametrize("text", ["", "62", "62.02"])
def test_areas(text: str):
    assert is_area(text)


def limited(engine: Engine, area: str = "62.02") -> Session:
    session = Session(engine)
    limit(session, area)
    return session


def test_a_limit_holds_for_every_shape_of_query(engine: Engine):
    with limited(engine) as session:
        assert session.get(Village, "65.01.01.2001") is None
        assert session.exec(select(func.count()).select_from(Village)).one() == 4
        assert session.exec(select(func.max(col(Village.code)))).one() == "62.02.02.2002"
        joined = select(VillageCount.village_code).join(Village)
        assert "65.01.01.2001" not in session.exec(joined).all()
        inner = select(Village.code).where(col(Village.code).in_(select(Village.code)))
        assert len(session.exec(inner).all()) == 4
        assert session.execute(update(Team).values(base="x")).rowcount == 3  # type: ignore[attr-defined]


ELSEWHERE = "65.01.01.2001"
_OTHER = aliased(Village)
_SUBQUERY = select(Village.code, Village.name).subquery()
_CTE = select(Village.code).cte("codes")
SHAPES: dict[str, Any] = {
    "columns": select(Village.code),
    "alias": select(_OTHER.code),
    "row of an alias": select(_OTHER),
    "column of a subquery": select(_SUBQUERY.c.code),
    "column of an alias of a subquery": select(_SUBQUERY.alias("again").c.code),
    "column of a common table": select(_CTE.c.code),
    "union": union_all(select(Village.code), select(_OTHER.code)),
    "subquery of a union": select(union_all(select(Village.code)).subquery().c.code),
    "from a statement": select(Village).from_statement(select(Village)),
    "scalar": select(select(func.max(col(Village.code))).scalar_subquery()),
    "of an expression": select(func.coalesce(col(Village.code), "")),
}


@pytest.mark.parametrize("name", SHAPES)
def test_nothing_of_elsewhere_comes_out_of_any_shape_of_query(engine: Engine, name: str):
    with reading(engine) as session:
        assert ELSEWHERE in _codes(session, SHAPES[name])
    with limited(engine) as session:
        codes = _codes(session, SHAPES[name])
    assert codes
    assert ELSEWHERE not in codes


_PLAIN = SQLModel.metadata.tables["village"]
_FAR = col(Village.code) == ELSEWHERE
PLAIN: dict[str, Any] = {
    "window": select(func.row_number().over(order_by=col(Village.code))),
    "sum over": select(func.max(col(Village.code)).over()),
    "filter": select(func.count().filter(_FAR)),
    "or": select(or_(_FAR, _FAR)),
    "extract": select(extract("year", col(Village.code))),
    "table": select(_PLAIN.c.code),
    "alias of a table": select(_PLAIN.alias("other").c.code),
    "joined tables": select(text("1")).select_from(
        _PLAIN.join(SQLModel.metadata.tables["team"], true())
    ),
    "subquery": select(Team.name).where(
        select(func.max(col(Village.code)).over()).scalar_subquery() == ELSEWHERE
    ),
    "common table": select(select(_PLAIN.c.code).cte().c.code),
    "light table": select(column("code")).select_from(table("village")),
    "text": text("SELECT code FROM village"),
    "written": update(_PLAIN).values(name="x"),
    "deleted": delete(_PLAIN),
    "inserted": insert(_PLAIN).values(code=ELSEWHERE),
}
"""What SQLAlchemy does not take for a statement about classes."""


@pytest.mark.parametrize("name", PLAIN)
def test_what_cannot_be_narrowed_is_not_run(engine: Engine, name: str):
    with limited(engine) as session, pytest.raises(CannotNarrow, match="village"):
        session.execute(PLAIN[name])


def test_texts_that_ask_of_no_table_are_run(engine: Engine):
    with limited(engine) as session:
        assert session.execute(text("SELECT 7")).scalar() == 7


def _codes(session: Session, query: Any) -> set[str]:
    return {getattr(one, "code", one) for one in session.execute(query).scalars()}


def test_what_is_elsewhere_counts_for_no_other_table(engine: Engine):
    """A team's phone sees leave of its own staff: a condition that asks of two other tables."""
    with transaction(engine) as session:
        first = session.exec(select(Team).where(Team.regency_code == "62.02")).first()
        assert first is not None
        session.add_all(Team(**{**first.model_dump(), "name": name}) for name in "XY")
        session.flush()
        session.add_all(
            Staff(nip=18 * name, name=name, rank="III/a", role="operator", team=name, import_id=4)
            for name in "XY"
        )
        session.flush()
        session.add_all(StaffLeave(nip=18 * name, starts=DAY, ends=DAY) for name in "XY")
    query = select(StaffLeave.nip)
    with limited(engine) as session:
        assert set(session.exec(query)) == {18 * "X", 18 * "Y"}
        set_view(session, View(team="X"))
        assert set(session.exec(query)) == {18 * "X"}
    with limited(engine, "65.01") as session:
        assert set(session.exec(query)) == set()


def test_no_row_leads_to_rows_that_were_not_asked_for():
    """An eager load would ask of tables that the statement itself does not name."""
    mappers = list(SQLModel._sa_registry.mappers)
    assert len(mappers) == len(CONDITIONS) + len(SHARED)
    assert not [mapper for mapper in mappers if mapper.relationships]


def test_no_query_joins_an_alias():
    """There the library would narrow the table itself once more, in place of its alias."""
    sources = Path(areas.__file__).parent.rglob("*.py")
    using = {path.name for path in sources if "aliased(" in path.read_text(encoding="utf-8")}
    assert using == {"areas.py"}  # a subquery of its own conditions


def test_a_limit_is_lifted_and_put_back(engine: Engine):
    with limited(engine) as session:
        with everywhere(session):
            assert session.exec(select(func.count()).select_from(Village)).one() == 5
            assert area_of(session) == WHOLE_COUNTRY
        with pytest.raises(RuntimeError, match="inside"), everywhere(session):
            raise RuntimeError("inside")
        assert area_of(session) == "62.02"


@pytest.mark.parametrize(
    "row",
    [
        Plan(regency_code="65.01", week="2026-W49", params={}),
        ParamChange(name="worth.turnout_cap", value=None, changed_by="x", reason="x"),
    ],
    ids=["elsewhere", "for everybody"],
)
def test_a_limited_session_writes_nothing_elsewhere(engine: Engine, row: SQLModel):
    with limited(engine) as session:
        session.add(row.model_copy())
        with pytest.raises(OutsideArea):
            session.flush()


def test_rows_inserted_in_bulk_are_looked_at_too(engine: Engine):
    row = {"import_id": 4, "village_code": "65.01.01.2001", "as_of": DAY}
    with limited(engine) as session, pytest.raises(OutsideArea, match=r"65\.01"):
        session.execute(insert(VillageCount), [{**row, "village_code": "62.02.01.2001"}, row])


def test_parameters_are_decided_for_the_whole_country(engine: Engine):
    with limited(engine) as session, pytest.raises(OutsideArea):
        set_params(session, {"worth.turnout_first": None}, by="x", reason="x")


# --- files -------------------------------------------------------------------------------------


def test_counts_of_villages_elsewhere_are_set_aside(engine: Engine, tmp_path: Path):
    rows = (
        "62.02.01.2001,Desa 62.02.01.2001,100,95",
        "62.02.01.2002,Desa 62.02.01.2002,200,201",
        "65.01.01.2001,Desa 65.01.01.2001,80,1",
    )
    file = write(tmp_path, "rekap.csv", COUNTS, *rows)
    outcome = ingest(engine, "counts", file, as_of=DAY, area="62.02")
    assert (outcome.accepted, outcome.refused) == (2, 1)
    with reading(engine) as session:
        stored = session.get(DataImport, outcome.import_id)
        assert stored is not None
        assert stored.area == "62.02"
        counted = select(VillageCount.village_code).where(
            VillageCount.import_id == outcome.import_id
        )
        assert set(session.exec(counted)) == {"62.02.01.2001", "62.02.01.2002"}


def test_the_same_file_replaces_nothing_that_was_imported_for_more(engine: Engine, tmp_path: Path):
    rows = (
        "62.02.01.2001,Desa 62.02.01.2001,100,95",
        "65.01.01.2001,Desa 65.01.01.2001,80,1",
        "62.02.02.2001,Desa 62.02.02.2001,50,20",
    )
    file = write(tmp_path, "rekap.csv", COUNTS, *rows)
    national = ingest(engine, "counts", file, as_of=DAY)
    own = ingest(engine, "counts", file, as_of=DAY, area="62.02")
    assert kept(engine)[national.import_id or 0] is None
    again = ingest(engine, "counts", file, as_of=DAY, area="62.02")
    assert kept(engine)[own.import_id or 0] == again.import_id
    province = ingest(engine, "counts", file, as_of=DAY, area="62")
    assert kept(engine)[again.import_id or 0] == province.import_id
    assert kept(engine)[national.import_id or 0] is None
    everything = ingest(engine, "counts", file, as_of=DAY)
    assert kept(engine)[national.import_id or 0] == everything.import_id
    assert kept(engine)[province.import_id or 0] == everything.import_id


def test_villages_elsewhere_are_not_made(engine: Engine, tmp_path: Path):
    heads = "kode_desa,nama_desa,kecamatan,kabupaten,lon,lat"
    place = "Kota Besi,Kabupaten Kotawaringin Timur,112.05,-2.45"
    there = "Kota,Kabupaten Bulungan,116.05,3.55"
    both = (f"62.02.01.2001,Baru,{place}", f"65.01.01.2001,Rebut,{there}")
    with pytest.raises((OutsideArea, GeodataError)):
        ingest(engine, "villages", write(tmp_path, "d.csv", heads, *both), area="62.02")
    with reading(engine) as session:
        names = set(session.exec(select(Village.name)))
    assert not {"Baru", "Rebut"} & names


def team(name: str) -> str:
    place = "Kabupaten Kotawaringin Timur,Sampit,112.05,-2.45"
    return f"{name},{place},mobil,1,5,0,07:30,16:00,ya"


def test_a_team_known_elsewhere_is_not_taken_over(engine: Engine, tmp_path: Path):
    assert ingest(
        engine, "teams", write(tmp_path, "a.csv", TEAM_HEADER, team("D")), area="62.02"
    ).accepted
    file = write(tmp_path, "b.csv", TEAM_HEADER, team("D"), team("Utara"))
    with pytest.raises(OutsideArea, match="Utara"):
        ingest(engine, "teams", file, area="62.02")
    with reading(engine) as session:
        regencies = dict(session.exec(select(Team.name, Team.regency_code)).all())
    assert regencies == {"D": "62.02", "Utara": "65.01"}


def test_lists_of_codes_are_for_the_whole_country(engine: Engine, shared_data: Path):
    file = shared_data / "reference" / "crosswalk_kemendagri_bps2020_pilots.csv"
    with pytest.raises(OutsideArea, match="code_mapping"):
        ingest(engine, "crosswalk", file, area="62.02")
    with reading(engine) as session:
        assert session.exec(select(CodeMapping)).first() is None
    assert ingest(engine, "crosswalk", file).accepted


def test_an_area_without_villages_has_none_yet(engine: Engine, tmp_path: Path):
    file = write(tmp_path, "rekap.csv", COUNTS, "62.02.01.2001,Desa 62.02.01.2001,100,95")
    with pytest.raises(NoVillagesYet):
        ingest(engine, "counts", file, as_of=DAY, area="64")


def test_signal_is_joined_for_the_whole_country_whoever_caused_it(engine: Engine, tmp_path: Path):
    """65.01.01.2001 keeps its very strong signal when 62.02 sends a list of its own."""
    rows = ("kode,desa,sinyal,tahun", "62.02.01.2002,Desa 62.02.01.2002,tidak ada,2025")
    ingest(engine, "connectivity", write(tmp_path, "sinyal.csv", *rows), area="62.02")
    with reading(engine) as session:
        joined = {row.village_code: row.signal for row in session.exec(select(VillageConnectivity))}
    assert joined["65.01.01.2001"] == "very_strong"
    assert joined["62.02.01.2002"] == "none"
