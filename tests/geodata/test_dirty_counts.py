"""A corpus of dirty sheets: one small file for each habit of offices, and its exact report.

Each case is the cells of a sheet and what must come of it: the counts by village, how many rows
were accepted, corrected and refused, and every finding that says more than that a column is
missing. The same cells are written as CSV, XLSX, XLS and ODS where the habit does not depend on the
kind of file.
"""

import csv
import zipfile
from datetime import date
from typing import NamedTuple
from xml.sax.saxutils import escape

import openpyxl
import pytest

from geodata.counts import read_counts
from tests.geodata.biff import write_xls

DAY = date(2024, 6, 30)
HULU, HILIR, PATAI = "62.02.01.1009", "62.02.01.1010", "62.02.02.2004"
HEAD = ["KODE", "KECAMATAN", "DESA", "WAJIB KTP", "SUDAH REKAM", "BELUM REKAM"]
MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)
QUIET = {"column-missing"}


class Case(NamedTuple):
    """What an office sends and what must come of it."""

    sheets: dict[str, list[list[object]]]
    counts: dict[str, tuple[int | None, int | None, int | None]]
    tally: tuple[int, int, int]
    findings: list[tuple[object, ...]]


def rows(*lines, head=HEAD):
    return {"REKAP": [head, *map(list, lines)]}


USUAL = (HULU, "Kota Besi", "Hulu", 100, 90, 10)
CASES = {
    "titles above the header": Case(
        {"REKAP": [["DINAS DUKCAPIL"], ["REKAP PEREKAMAN"], [], HEAD, list(USUAL)]},
        {HULU: (100, 90, 10)}, (1, 0, 0), [],
    ),
    "a header of two merged rows": Case(
        {"REKAP": [["KODE", "KECAMATAN", "DESA", "KTP-EL", None, None],
                   [None, None, None, "WAJIB KTP", "SUDAH", "BELUM"], list(USUAL)]},
        {HULU: (100, 90, 10)}, (1, 0, 0), [],
    ),
    "a sheet for each regency and one of notes": Case(
        {"6202": [HEAD, list(USUAL), ["JUMLAH", None, None, 100, 90, 10]],
         "6203": [HEAD, ["62.03.01.2001", "Selat", "Murung", 50, 60, -10]],
         "Petunjuk": [["Isi kolom kuning"]]},
        {HULU: (100, 90, 10), "62.03.01.2001": (50, 60, -10)}, (2, 0, 0),
        [("recorded-exceeds-wajib", "6203!2", None, None),
         ("sheet-skipped", None, None, "Petunjuk")],
    ),
    "a district printed once": Case(
        rows(USUAL, (HILIR, None, "Hilir", 50, 40, 10), (PATAI, "Cempaga", "Patai", 20, 20, 0),
             (None, "JUMLAH KOTA BESI", None, 150, 130, 20)),
        {HULU: (100, 90, 10), HILIR: (50, 40, 10), PATAI: (20, 20, 0)}, (3, 0, 0), [],
    ),
    "a sum that is wrong": Case(
        rows(USUAL, (HILIR, None, "Hilir", 50, 40, 10), ("JUMLAH", None, None, 151, 130, 20)),
        {HULU: (100, 90, 10), HILIR: (50, 40, 10)}, (2, 0, 0),
        [("total-mismatch", 4, "wajib_ktp", "151")],
    ),
    "separators of thousands": Case(
        rows((HULU, "Kota Besi", "Hulu", "2.878.769", "2.800.000", "78.769")), {}, (0, 0, 1),
        # No village is that large; the point is that the number was read.
        [("count-too-large", 2, "wajib_ktp", "2.878.769"),
         ("count-too-large", 2, "sudah_rekam", "2.800.000")],
    ),
    "a dash and a blank": Case(
        rows((HULU, "Kota Besi", "Hulu", "100", "-", None),
             (HILIR, "Kota Besi", "Hilir", "50", None, "7")),
        {HULU: (100, 0, 100), HILIR: (50, None, 7)}, (2, 1, 0),
        [("count-missing", 3, "sudah_rekam", None),
         ("number-rewritten", 2, "sudah_rekam", "-")],
    ),
    "non-breaking spaces": Case(
        rows(("\u00a062.02.01.1009\u00a0", "Kota\u00a0Besi", "Hulu\u00a0", "1\u00a0234",
              "\u00a01.200", 34)),
        {HULU: (1234, 1200, 34)}, (1, 1, 0),
        [("number-rewritten", 2, "sudah_rekam", "1.200"),
         ("number-rewritten", 2, "wajib_ktp", "1 234")],
    ),
    "a number in words": Case(
        rows(USUAL, (HILIR, "Kota Besi", "Hilir", "51.163 ribu", 90, None)),
        {HULU: (100, 90, 10)}, (1, 0, 1), [("count-not-whole", 3, "wajib_ktp", "51.163 ribu")],
    ),
    "a fraction": Case(
        rows(USUAL, (HILIR, "Kota Besi", "Hilir", "2,5", 90, None)),
        {HULU: (100, 90, 10)}, (1, 0, 1), [("count-not-whole", 3, "wajib_ktp", "2,5")],
    ),
    "codes without dots": Case(
        rows(("6202011009", "Kota Besi", "Hulu", 100, 90, 10)),
        {HULU: (100, 90, 10)}, (1, 1, 0), [("code-undotted", 2, "code", "6202011009")],
    ),
    "more recorded than required": Case(
        rows((HULU, "Kota Besi", "Hulu", 90, 100, -10)),
        {HULU: (90, 100, -10)}, (1, 0, 0), [("recorded-exceeds-wajib", 2, None, None)],
    ),
    "percentages as printed and as a fraction, one of them wrong": Case(
        rows((HULU, "Kota Besi", "Hulu", 1000, 973, 27, "97,30"),
             (HILIR, "Kota Besi", "Hilir", 1000, 973, 27, 0.973),
             (PATAI, "Cempaga", "Patai", 1000, 973, 27, "95,5 %"), head=[*HEAD, "%"]),
        dict.fromkeys((HULU, HILIR, PATAI), (1000, 973, 27)), (3, 0, 0),
        [("percentage-differs", 4, "percentage", "95,5 %")],
    ),
    "columns that nobody knows": Case(
        rows((*USUAL, "x"), head=[*HEAD, "STATUS VERIFIKASI"]),
        {HULU: (100, 90, 10)}, (1, 0, 0), [("column-ignored", None, None, "STATUS VERIFIKASI")],
    ),
}  # fmt: skip
# A text file has no sheets.
KINDS = [
    (name, kind)
    for name, case in CASES.items()
    for kind in ("csv", "xlsx", "xls", "ods")
    if kind != "csv" or len(case.sheets) == 1
]


def write(folder, kind, sheets):
    path = folder / f"rekap.{kind}"
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows(*sheets.values())
    elif kind == "xls":
        write_xls(path, sheets)
    elif kind == "ods":
        write_ods(path, sheets)
    else:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, lines in sheets.items():
            page = book.create_sheet(title)
            for line in lines:
                page.append(line)
        book.save(path)
    return path


def write_ods(path, sheets):
    """The least that ISO 26300 asks of a spreadsheet."""

    def cell(value):
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, str):
            text = f"<text:p>{escape(value)}</text:p>"
            return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(
            f"<table:table-row>{''.join(map(cell, line)) or cell(None)}</table:table-row>"
            for line in lines
        )
        + "</table:table>"
        for name, lines in sheets.items()
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    names = " ".join(f'xmlns:{name}="{space}{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", content)


@pytest.mark.parametrize(("name", "kind"), KINDS, ids=[f"{kind}: {name}" for name, kind in KINDS])
def test_a_habit_gives_its_exact_report(tmp_path, name, kind):
    case = CASES[name]
    result = read_counts(write(tmp_path, kind, case.sheets), as_of=DAY)
    columns = ("wajib_ktp", "sudah_rekam", "belum_rekam")
    frame = result.frame.set_index("code")[list(columns)].astype(object)
    kept = {code: tuple(row) for code, *row in frame.where(frame.notna(), None).itertuples()}
    assert kept == case.counts
    assert (result.accepted, result.corrected, result.refused) == case.tally
    told = [(f.code, f.row, f.column, f.value) for f in result.findings if f.code not in QUIET]
    assert sorted(told, key=str) == sorted(case.findings, key=str)


def test_both_readings_of_a_number_in_words_are_told(tmp_path):
    case = CASES["a number in words"]
    result = read_counts(write(tmp_path, "csv", case.sheets), as_of=DAY)
    [finding] = [f for f in result.findings if f.severity == "refused"]
    assert finding.params == {"as_decimal": "51163", "as_thousands": "51163000"}
