"""What a file said is not run by the spreadsheet that opens what we wrote."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cells import safe_cell


@pytest.mark.parametrize(
    "text",
    ["=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1",
     "-1+cmd|'x'!A0", "+6281-234"],
)  # fmt: skip
def test_text_that_would_run_is_put_behind_an_apostrophe(text: str):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", ["Pa' Padi", "1=1", " =1", "", "-", "-5", "+62", "-1.234,5", -5, -0.5, 0, None, True]
)
def test_all_else_stays_as_it_is(value: object):
    assert safe_cell(value) is value


@given(st.text())
def test_no_cell_of_a_csv_begins_with_what_runs(text: str):
    """Read back as a spreadsheet reads it; a signed number alone may stand."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow([safe_cell(text)])
    line.seek(0)
    cell = next(csv.reader(line), [""])[0]
    is_number = set(cell) <= set("+-0123456789., ")
    assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
