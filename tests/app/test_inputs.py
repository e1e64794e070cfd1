"""Crosswalks and power, from a file to what a plan is made with."""

import csv
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.current import current_connectivity
from app.db import reading
from app.ingest import ingest
from app.models import CodeMapping, PowerReport, SignalReport, Village, VillageCount
from app.week import load_week
from geodata.errors import BadCodes, GeodataError
from routing import ServiceMode
from tests.app.planned import ask

COLUMNS = ("wajib_ktp", "sudah_rekam", "belum_rekam")


@pytest.fixture
def bps_counts(shared_data: Path, kotim: Path, tmp_path: Path) -> tuple[Path, dict[str, tuple]]:
    """Kotim's counts under BPS codes and names, and the answer by Kemendagri code."""
    reference = shared_data / "reference" / "crosswalk_kemendagri_bps2020_pilots.csv"
    with reference.open(encoding="utf-8") as file:
        bps = {row["village_code"]: row for row in csv.DictReader(file) if row["bps_code"]}
    with (kotim / "rekap_perekaman_desa_kunci.csv").open(encoding="utf-8") as file:
        key = {row["kode"]: row for row in csv.DictReader(file) if row["kode"] in bps}
    path = tmp_path / "rekap_bps.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("kode", "kecamatan", "desa", *COLUMNS))
        for code, row in key.items():
            names = (row["kecamatan"], row["desa"])
            writer.writerow((bps[code]["bps_code"], *names, *(row[c] for c in COLUMNS)))
    return path, {code: tuple(int(row[c]) for c in COLUMNS) for code, row in key.items()}


def test_a_map_under_bps_codes_needs_a_crosswalk_and_then_is_exact(
    engine: Engine, shared_data: Path, tmp_path: Path
):
    """The villages of Kotim as BPS drew them in 2020, against the crosswalk read another way."""
    reference = shared_data / "reference"
    drawn = gpd.read_file(reference / "villages_bps_hdx2020_pilots.gpkg")
    path = tmp_path / "desa_bps.gpkg"
    drawn[drawn["bps_code"].str.startswith("6202")].to_file(path, layer="desa", engine="pyogrio")
    with pytest.raises(BadCodes):
        ingest(engine, "villages", path)
    list_of_codes = reference / "crosswalk_kemendagri_bps2020_pilots.csv"
    ingest(engine, "crosswalk", list_of_codes)
    outcome = ingest(engine, "villages", path)
    with list_of_codes.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["bps_code"].startswith("6202")]
    answer = {row["village_code"]: (row["name"], row["district"], row["regency"]) for row in rows}
    with reading(engine) as session:
        stored = session.exec(select(Village)).all()
    assert {v.code: (v.name, v.district, v.regency) for v in stored} == answer
    assert (outcome.accepted, outcome.corrected, outcome.refused) == (185, 185, 0)
    (scheme,) = [found for found in outcome.findings if found.code == "code-scheme"]
    assert scheme.params["scheme"] == "BPS"


def test_a_crosswalk_does_not_touch_a_map_under_kemendagri_codes(
    engine: Engine, kotim: Path, shared_data: Path
):
    ingest(
        engine, "crosswalk", shared_data / "reference" / "crosswalk_kemendagri_bps2020_pilots.csv"
    )
    outcome = ingest(engine, "villages", kotim / "batas_desa.gpkg")
    assert (outcome.accepted, outcome.corrected) == (185, 0)


def test_counts_under_bps_codes_need_a_crosswalk_and_then_are_exact(
    engine: Engine, kotim: Path, shared_data: Path, bps_counts: tuple[Path, dict[str, tuple]]
):
    path, answer = bps_counts
    ingest(engine, "villages", kotim / "batas_desa.gpkg")
    with pytest.raises(GeodataError):
        ingest(engine, "counts", path, as_of=date(2024, 6, 30))
    reference = shared_data / "reference" / "crosswalk_kemendagri_bps2020_pilots.csv"
    crosswalk = ingest(engine, "crosswalk", reference)
    ingest(engine, "crosswalk", reference)  # the same file once more changes nothing
    outcome = ingest(engine, "counts", path, as_of=date(2024, 6, 30))
    with reading(engine) as session:
        rows = session.exec(select(VillageCount)).all()
        stored = session.exec(select(CodeMapping)).all()
    assert {r.village_code: tuple(getattr(r, c) for c in COLUMNS) for r in rows} == answer
    assert outcome.accepted == len(answer)
    assert outcome.corrected == len(answer)  # each code was replaced
    assert len(stored) == 2 * crosswalk.accepted


def test_a_satellite_kit_is_of_no_use_without_power(kotim_engine: Engine, tmp_path: Path):
    """domain.md 3: power matters as much as signal; the newest word on it counts."""
    code = "62.02.01.2004"  # Hanjalipan
    first = tmp_path / "listrik_lama.csv"
    first.write_text(
        f"kode,desa,sinyal_telepon,listrik,tahun\n{code},Hanjalipan,tidak ada,ya,2023\n",
        encoding="utf-8",
    )
    newer = tmp_path / "listrik.csv"
    newer.write_text(
        f"kode,desa,sinyal_telepon,listrik,tahun\n{code},Hanjalipan,tidak ada,tidak,2025\n",
        encoding="utf-8",
    )
    plan_id = ask(kotim_engine)
    for path, power, mode in (
        (first, "yes", None),
        (newer, "no", ServiceMode.NO_SERVICE),
    ):
        ingest(kotim_engine, "connectivity", path)
        with reading(kotim_engine) as session:
            assert current_connectivity(session, "62.02")[code].power == power
            week = load_week(session, plan_id)
        node = [village.code for village in week.villages].index(code)
        if mode is not None:
            assert week.service(node, 0, with_kit=True) is mode
            assert sum(week.expected(node, 0, 360, with_kit=True).values()) == 0
    with reading(kotim_engine) as session:
        assert len(session.exec(select(PowerReport)).all()) == 2


def test_a_list_of_power_alone_is_stored(kotim_engine: Engine, tmp_path: Path):
    with reading(kotim_engine) as session:
        before = len(session.exec(select(SignalReport)).all())
    path = tmp_path / "pln.csv"
    path.write_text(
        "kode,desa,listrik,tahun\n62.02.01.2005,Simpur,ya,2025\n62.02.01.2006,Pamalian,tidak,2025\n",
        encoding="utf-8",
    )
    outcome = ingest(kotim_engine, "connectivity", path)
    assert (outcome.accepted, outcome.refused) == (2, 0)
    with reading(kotim_engine) as session:
        assert len(session.exec(select(SignalReport)).all()) == before
        power = current_connectivity(session, "62.02")
    told = [power[code].power for code in ("62.02.01.2005", "62.02.01.2006", "62.02.01.2004")]
    assert told == ["yes", "no", "unknown"]
