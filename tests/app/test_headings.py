"""Headings are taught with an import or beside one, remembered for an office, and forgotten."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from app.db import reading
from app.errors import BadOption, RegencyNotFound, UnknownOption
from app.headings import heading_rows
from app.ingest import ingest
from app.models import DataImport
from tests.app.conftest import AppClient, slug

API = "/api/v1/headings"
pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """A sheet whose heading for the recorded nobody knows."""
    path = tmp_path / "rekap.csv"
    lines = (
        "Keadaan 30 Juni 2024",
        "kode,desa,wajib ktp,Tercatat",
        "62.02.01.2001,Desa 62.02.01.2001,100,90",
    )
    path.write_text("\n".join(lines))
    return path


def taught(engine: Engine) -> list[tuple[object, ...]]:
    with reading(engine) as session:
        return [
            (row["heading"], row["meaning"], row["regency_code"], row["person"])
            for row in heading_rows(session)
        ]


def test_a_heading_taught_with_an_import_is_remembered_for_the_next(engine: Engine, counts: Path):
    said = {"person": "Siti", "headings": {"Tercatat": "sudah_rekam"}}
    outcome = ingest(engine, "counts", counts, **said)
    assert outcome.totals["sudah_rekam"] == 90
    assert taught(engine) == [("Tercatat", "sudah_rekam", None, "Siti")]
    again = ingest(engine, "counts", counts)
    assert again.totals["sudah_rekam"] == 90
    (read,) = [h for h in again.details["sheets"][0]["headings"] if h["text"] == "Tercatat"]
    assert (read["column"], read["learned"]) == ("sudah_rekam", True)
    with reading(engine) as session:  # the import keeps how it was read
        row = session.exec(select(DataImport).order_by(col(DataImport.id).desc())).first()
    assert row is not None
    assert row.details["sheets"] == again.details["sheets"]


def test_a_dry_run_teaches_nothing(engine: Engine, counts: Path):
    outcome = ingest(engine, "counts", counts, headings={"Tercatat": "sudah_rekam"}, dry_run=True)
    assert outcome.details["sheets"][0]["headings"][3]["learned"] is True
    assert taught(engine) == []


def test_what_one_office_taught_holds_for_its_own_files(engine: Engine, counts: Path):
    office = "62.02"
    own = {"headings": {"Tercatat": "sudah_rekam"}, "options": {"regency": office}}
    ingest(engine, "counts", counts, **own)
    assert taught(engine) == [("Tercatat", "sudah_rekam", office, None)]
    assert ingest(engine, "counts", counts, options={"regency": office}).accepted == 1
    with pytest.raises(ValueError, match="no column 'sudah_rekam'"):
        ingest(engine, "counts", counts)
    with pytest.raises(RegencyNotFound, match=r"no village of regency 99\.01 is known"):
        ingest(engine, "counts", counts, options={"regency": "99.01"})


def test_only_counts_can_be_taught(engine: Engine, counts: Path):
    with pytest.raises(UnknownOption, match="map is no option of teams"):
        ingest(engine, "teams", counts, headings={"x": "name"})
    with pytest.raises(BadOption, match="map: 'x=colour' cannot be used"):
        ingest(engine, "counts", counts, headings={"x": "colour"})


def test_headings_are_taught_changed_and_forgotten_over_http(client: AppClient):
    body = {"heading": "Blm Rekam*", "meaning": "belum_rekam", "regency_code": "62.02"}
    made = client.put(API, json=body)
    assert made.status_code == 200
    changed = client.put(API, json={**body, "heading": "BLM REKAM", "meaning": "ignore"}).json()
    items = client.get(API).json()["items"]
    assert [(i["heading"], i["meaning"]) for i in items] == [("BLM REKAM", "ignore")]
    assert slug(client.put(API, json={**body, "meaning": "colour"})) == "bad-option"
    assert slug(client.put(API, json={**body, "heading": "***"})) == "bad-option"
    address = f"{API}/{changed['heading_id']}"
    assert client.delete(address).status_code == 204
    assert slug(client.delete(address)) == "heading-not-found"
    assert client.get(API).json()["items"] == []


def test_a_taught_heading_goes_with_an_upload(client: AppClient):
    answer = client.post(
        "/api/v1/imports/counts",
        files={"file": ("a.csv", b"x")},
        data={"map": ["Tercatat=colour"]},
    )
    assert slug(answer) == "bad-option"
    answer = client.post(
        "/api/v1/imports/counts",
        files={"file": ("a.csv", b"x")},
        data={"map": ["Tercatat=sudah_rekam", "Ket=ignore"], "option": ["regency=62.02"]},
    )
    assert answer.status_code == 202
