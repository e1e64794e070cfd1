"""The report of an import as a workbook, opened again by another program."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine

from app.db import reading, transaction
from app.errors import ImportNotFound
from app.ingest import ingest
from app.models import DataImport
from app.report import report_xlsx
from tests.app.conftest import AppClient


def opened(engine: Engine, import_id: int, lang: str = "en") -> dict[str, list[list[object]]]:
    """Read the workbook: rows of cell values by sheet."""
    with reading(engine) as session:
        data = report_xlsx(session, import_id, lang)
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book}


def test_the_totals_by_district_are_those_the_office_printed(engine: Engine, kotim: Path):
    """JUMLAH KOTA BESI in the workbook: 13,735 wajib, 13,346 recorded, 389 not; the whole 8,199."""
    ingest(engine, "villages", kotim / "batas_desa.gpkg")
    counts = ingest(engine, "counts", kotim / "rekap_perekaman_desa.xlsx")
    sheets = opened(engine, counts.import_id or 0, "id")
    assert list(sheets) == ["Ringkasan", "Temuan", "Pembetulan", "Jumlah per kecamatan"]
    heads, *rows = sheets["Jumlah per kecamatan"]
    assert heads[3:6] == ["wajib_ktp", "sudah_rekam", "belum_rekam"]
    sums = {row[0]: row[2:6] for row in rows if row[1] == "dari baris yang disimpan"}
    assert sums["Kota Besi"] == [11, 13_735, 13_346, 389]
    assert sums["Semua"] == [185, 308_309, 300_110, 8_199]
    assert len(sums) == 17 + 1
    # Every district and the whole file have a JUMLAH row that says the same.
    assert len({row[1] for row in rows if str(row[1]).startswith("tercetak")}) == 17 + 1
    differences = {cell for row in rows if row[1] == "selisih" for cell in row[3:]}
    assert differences == {0, None}  # None: no such sum is printed
    levels = [row[0] for row in sheets["Temuan"][1:]]
    assert levels.count("Peringatan") == 9  # recorded > wajib
    assert ["Tanggal data", "2023-06-30"] in sheets["Ringkasan"]


def test_what_a_file_said_is_never_run(engine: Engine):
    with transaction(engine) as session:
        session.add(
            DataImport(
                id=7, kind="teams", file_name="=cmd|' /C calc'!A0", sha256="0" * 64,
                source="+1", as_of=date(2026, 1, 1), accepted=0, corrected=0, refused=1,
                totals={"=1+1": 2},
                findings=[{"code": "regency-unknown", "severity": "refused", "row": 2,
                           "village_code": None, "column": "kabupaten", "value": "=1+1",
                           "params": {}}],
            )
        )  # fmt: skip
    with reading(engine) as session:
        book = openpyxl.load_workbook(io.BytesIO(report_xlsx(session, 7, "en")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}  # no formula
    values = {cell.value for cell in cells}
    assert {"'=1+1", "'=cmd|' /C calc'!A0"} <= values
    assert "=1+1" not in values
    assert "+1" in values  # a number as text runs nothing


def test_an_import_that_is_not_there_has_no_report(engine: Engine):
    with reading(engine) as session, pytest.raises(ImportNotFound, match="no import 5"):
        report_xlsx(session, 5, "en")


@pytest.mark.usefixtures("seeded")
def test_the_report_is_downloaded_over_http(client: AppClient):
    answer = client.get("/api/v1/imports/1/report.xlsx")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="impor-1.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[0] == "Ringkasan"
    missing = client.get("/api/v1/imports/999/report.xlsx")
    assert missing.headers["content-type"] == "application/problem+json"
    assert missing.status_code == 404


def test_corrections_and_wrong_sums_are_set_out_cell_by_cell(engine: Engine, tmp_path: Path, kotim):
    """Row 2: 1.234 is 1,234; the file's own sum of 1,300 is 34 less than the 1,334 stored."""
    ingest(engine, "villages", kotim / "batas_desa.gpkg")
    path = tmp_path / "rekap.csv"
    lines = (
        "kode,kecamatan,desa,wajib ktp,sudah rekam",
        "6202011009,Kota Besi,Kota Besi Hulu,1.234,1000",
        "62.02.01.1010,Kota Besi,Kota Besi Hilir,100,90",
        "JUMLAH KOTA BESI,,,1300,1090",
    )
    path.write_text("\n".join(lines))
    outcome = ingest(engine, "counts", path, as_of=date(2024, 6, 30), person="Siti")
    sheets = opened(engine, outcome.import_id or 0)
    assert ["Imported by", "Siti"] in sheets["Summary"]
    heads, *rows = sheets["Corrections"]
    assert heads == ["Row", "Village code", "Column", "Written", "Stored as", "Finding"]
    assert sorted(row[:5] for row in rows) == [
        [2, "62.02.01.1009", "code", "6202011009", "62.02.01.1009"],
        [2, "62.02.01.1009", "wajib_ktp", "1.234", "1234"],
    ]
    _, *sums = sheets["Totals by district"]
    assert [row[:5] for row in sums] == [
        ["Kota Besi", "of the rows stored", 2, 1334, 1090],
        ["Kota Besi", "as printed (row 4)", None, 1300, 1090],
        ["Kota Besi", "difference", None, 34, 0],
        ["All", "of the rows stored", 2, 1334, 1090],
        ["All", "as printed (row 4)", None, 1300, 1090],
        ["All", "difference", None, 34, 0],
    ]
    # Not recorded is 1,334 - 1,090; the file has no column of the other five, which is not 0.
    assert sums[0][5:] == [244, None, None, None, None, None]
