"""Sheets: formats, limits, encodings, delimiters, headers."""

import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from geodata import tables
from geodata.errors import (
    DoubledColumn,
    EmptyFile,
    FileTooLarge,
    MissingColumn,
    MissingFile,
    TooManyColumns,
    TooManyRows,
    UnreadableSource,
    UnsupportedFormat,
)
from geodata.tables import read_records, read_sheets, text_of

COLUMNS = {"code": ("kode",), "name": ("desa", "nama desa")}


def write(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


def cells(path):
    (sheet,) = read_sheets(path)
    return sheet.rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_text_files(tmp_path, delimiter, encoding):
    rows = [["kode", "desa", "%"], ["1", "Ñama", "x"], ["2", "Pa' Raye", "y"]]
    content = "\r\n".join(delimiter.join(row) for row in rows)
    assert cells(write(tmp_path / "a.csv", content, encoding)) == rows


def test_a_decimal_comma_does_not_hide_the_semicolon(tmp_path):
    content = "kode;persen;desa\n1;97,34;A\n2;98,10;B\n"
    assert cells(write(tmp_path / "a.csv", content))[1] == ["1", "97,34", "A"]


def test_a_title_without_delimiters_does_not_hide_the_comma(tmp_path):
    content = 'REKAP; SEMESTER I\n\nkode,desa,"a;b"\n1,A,"x\ny"\n2,B,z\n'
    rows = cells(write(tmp_path / "a.csv", content))
    assert rows[2:4] == [["kode", "desa", "a;b"], ["1", "A", "x\ny"]]


def test_workbooks_keep_the_row_numbers_of_the_spreadsheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Satu"
    book.active["C4"] = "isi"
    book.create_sheet("Dua")["A1"] = 5
    path = tmp_path / "a.xlsx"
    book.save(path)
    first, second = read_sheets(path)
    assert (first.name, len(first.rows), first.rows[3][2]) == ("Satu", 4, "isi")
    assert (second.name, second.rows) == ("Dua", [[5.0]])


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.xlsx", b"PK\x03\x04 no archive", UnreadableSource),
        ("a.xls", b"not a workbook", UnreadableSource),
        ("a.ods", b"", UnreadableSource),
        ("a.csv", b"PK\x03\x04 a workbook", UnreadableSource),
        ("a.csv", b"kode\0desa", UnreadableSource),
        ("a.csv", b"", EmptyFile),
        ("a.csv", b" \n;;\n", EmptyFile),
        ("a.pdf", b"%PDF", UnsupportedFormat),
    ],
)
def test_what_is_no_table(tmp_path, name, content, error):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=name):
        read_sheets(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(MissingFile):
        read_sheets(tmp_path / "tidak-ada.csv")


def test_the_limit_of_bytes(tmp_path, monkeypatch):
    path = write(tmp_path / "a.csv", "kode\n12345\n")
    monkeypatch.setattr(tables, "MAX_BYTES", 11)
    assert len(cells(path)) == 2
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(FileTooLarge, match="11 bytes, the limit is 10"):
        read_sheets(path)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_limits_of_rows_and_columns(tmp_path, monkeypatch, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        write(path, "a,b\nc,d\ne,f\n")
    else:
        book = openpyxl.Workbook()
        for row in ("ab", "cd", "ef"):
            book.active.append(list(row))
        book.save(path)
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    monkeypatch.setattr(tables, "MAX_COLUMNS", 2)
    assert cells(path) == [["a", "b"], ["c", "d"], ["e", "f"]]
    monkeypatch.setattr(tables, "MAX_COLUMNS", 1)
    with pytest.raises(TooManyColumns):
        read_sheets(path)
    monkeypatch.setattr(tables, "MAX_COLUMNS", 2)
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    with pytest.raises(TooManyRows):
        read_sheets(path)


def test_a_workbook_that_unpacks_to_too_much(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "0" * 5000)
    monkeypatch.setattr(tables, "MAX_UNPACKED_BYTES", 4999)
    with pytest.raises(FileTooLarge, match="5000 bytes, the limit is 4999"):
        read_sheets(path)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" a\u00a0 b\n", "a b"),
        (2024.0, "2024"),
        (2.5, "2.5"),
        (7, "7"),
        (datetime(2024, 6, 30), "2024-06-30"),  # noqa: DTZ001 (as spreadsheets store days)
        (date(2024, 6, 30), "2024-06-30"),
        (time(7, 30), "07:30:00"),
    ],
)
def test_cells_as_text(cell, text):
    assert text_of(cell) == text


def test_a_list_below_titles_and_above_blank_rows(tmp_path):
    path = write(tmp_path / "a.csv", "DAFTAR 2024,,\n,,\nNo,Nama Desa,KODE\n1,A,x\n,,\n3,,y\n")
    records = read_records(path, columns=COLUMNS, required=("code",))
    assert (records.columns, records.titles) == ({"code", "name"}, "DAFTAR 2024")
    assert [(r.row, r.text("code"), r.text("name")) for r in records.rows] == [
        (4, "x", "A"),
        (6, "y", ""),
    ]


def test_sheets_of_one_list_are_read_together(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Satu"
    for sheet, code in ((book.active, "x"), (book.create_sheet("Dua"), "y")):
        sheet.append(["KODE"])
        sheet.append([code])
    book.create_sheet("Kosong")
    book.save(tmp_path / "a.xlsx")
    records = read_records(tmp_path / "a.xlsx", columns=COLUMNS, required=("code",))
    assert [(r.row, r.text("code")) for r in records.rows] == [("Satu!2", "x"), ("Dua!2", "y")]


def test_a_missing_column_names_what_is_there_and_what_would_do(tmp_path):
    path = write(tmp_path / "a.csv", "desa,lain\nA,1\n")
    with pytest.raises(MissingColumn) as caught:
        read_records(path, columns=COLUMNS, required=("code",))
    assert str(caught.value) == (
        "a.csv has no column 'code'; it has: desa, lain. Head it with one of: code, kode."
    )


def test_two_columns_for_one_thing(tmp_path):
    path = write(tmp_path / "a.csv", "kode,desa,nama desa\n1,A,B\n")
    with pytest.raises(DoubledColumn, match="desa, nama desa"):
        read_records(path, columns=COLUMNS, required=("code",))


def test_a_header_alone_is_no_list(tmp_path):
    with pytest.raises(EmptyFile):
        read_records(write(tmp_path / "a.csv", "kode\n"), columns=COLUMNS, required=("code",))


def test_open_document_sheets(tmp_path):
    """The least that an office suite writes: a text, a number, a repeated empty cell."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="2878"/>'
    gap = '<table:table-cell table:number-columns-repeated="2"/>'
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {namespaces}><office:body>'
        '<office:spreadsheet><table:table table:name="Rekap">'
        f"<table:table-row>{cell.format('kode')}{gap}{number}</table:table-row>"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        archive.writestr("content.xml", content)
    (sheet,) = read_sheets(path)
    assert (sheet.name, sheet.rows) == ("Rekap", [["kode", "", "", 2878.0]])


@pytest.mark.parametrize(
    ("cell", "error"), [("XFD2", TooManyColumns), ("B1048576", TooManyRows), ("SF2", None)]
)
def test_one_stray_cell_far_away(tmp_path, cell, error):
    """Unguarded, XFD1048576 asks for 550 GB and ends the process. Column SF is the 500th."""
    book = openpyxl.Workbook()
    book.active["A1"] = "kode"
    book.active[cell] = "x"
    path = tmp_path / "a.xlsx"
    book.save(path)
    if error is None:
        assert len(cells(path)[1]) == 500
    else:
        with pytest.raises(error):
            read_sheets(path)


def test_a_cell_name_across_two_blocks_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_BLOCK", 7)
    book = openpyxl.Workbook()
    book.active["AB3"] = "x"
    path = tmp_path / "a.xlsx"
    book.save(path)
    with zipfile.ZipFile(path) as archive, archive.open("xl/worksheets/sheet1.xml") as content:
        assert tables._extent(content) == (3, 28)
