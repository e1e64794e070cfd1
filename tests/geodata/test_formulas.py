"""What a spreadsheet would run is only ever its last result, or text."""

import csv

import pytest
import xlsxwriter

from geodata.tables import read_sheets

FORMULAS = [
    '=WEBSERVICE("http://127.0.0.1:9/x")',
    '=HYPERLINK("http://127.0.0.1:9/x","klik")',
    "=cmd|'/C calc'!A0",
    "=SUM(A1:A2)",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_read_as_the_value_that_was_saved(tmp_path, formula):
    path = tmp_path / "rekap.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["desa", "wajib_ktp"])
        sheet.write(1, 0, "Hulu")
        sheet.write_formula(1, 1, formula, value=120)
    assert read_sheets(path)[0].rows == [["desa", "wajib_ktp"], ["Hulu", 120.0]]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_text_file_stays_text(tmp_path, formula):
    path = tmp_path / "rekap.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["desa", "wajib_ktp"], [formula, 120]])
    assert read_sheets(path)[0].rows[1] == [formula, "120"]
