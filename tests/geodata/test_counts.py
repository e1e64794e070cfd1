"""Counts: the pilots' answer keys and published sums, and dirty sheets made by hand."""

import csv
import pickle
from datetime import date

import openpyxl
import pandas as pd
import pytest

from geodata.columns import COUNT_COLUMNS
from geodata.counts import read_counts
from geodata.errors import (
    BadCodes,
    ContradictingAsOf,
    DoubledColumn,
    DuplicateCodes,
    EmptyFile,
    MissingAsOf,
    MissingColumn,
)
from geodata.findings import summarise
from geodata.names import normalise

DAY = date(2024, 6, 30)
HEAD = "kode,kecamatan,desa,wajib_ktp,sudah_rekam,belum_rekam"


def sheet(tmp_path, *lines, name="rekap.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def workbook(tmp_path, sheets, name="rekap.xlsx"):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    path = tmp_path / name
    book.save(path)
    return path


def found(result, code):
    return [finding for finding in result.findings if finding.code == code]


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_kotim_equals_its_answer_key_in_every_village(kotim):
    result = read_counts(kotim / "rekap_perekaman_desa.xlsx")
    key = {row["kode"]: row for row in rows_of(kotim / "rekap_perekaman_desa_kunci.csv")}
    assert len(key) == len(result.frame) == 185
    for village in result.frame.to_dict("records"):
        expected = key[village["code"]]
        assert [village[c] for c in COUNT_COLUMNS] == [int(expected[c]) for c in COUNT_COLUMNS]
        assert normalise(village["name"]) == normalise(expected["desa"])
        assert normalise(village["district"]) == normalise(expected["kecamatan"])
    assert result.as_of == date(2023, 6, 30)
    assert (result.accepted, result.refused) == (185, 0)


def test_kotim_sums_are_the_published_ones(kotim):
    result = read_counts(kotim / "rekap_perekaman_desa.xlsx")
    published = {"wajib_ktp": 308_309, "sudah_rekam": 300_110, "belum_rekam": 8_199}
    others = {"not_recorded": 8_199, "people_to_look_for": 8_273}
    assert published | others == {name: result.totals[name] for name in published | others}
    assert len(found(result, "recorded-exceeds-wajib")) == 9
    # No printed sum, difference or percentage of this workbook is wrong.
    assert {line["code"] for line in summarise(result.findings)} == {
        "code-undotted", "number-rewritten", "recorded-exceeds-wajib",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "n_villages", "wajib", "recorded"),
    [
        ("kaltara/rekap_perekaman_desa.csv", 482, 530_130, 523_815),
        ("kaltim/rekap_perekaman_desa.xlsx", 1_038, 2_878_769, 2_868_568),
    ],
)
def test_the_provinces_give_the_published_sums(shared_data, path, n_villages, wajib, recorded):
    result = read_counts(shared_data / "pilot" / path, as_of=DAY)
    assert (result.accepted, result.corrected, result.refused) == (n_villages, 0, 0)
    assert (result.totals["wajib_ktp"], result.totals["sudah_rekam"]) == (wajib, recorded)
    assert result.totals["not_recorded"] == wajib - recorded
    assert result.as_of == DAY
    assert result.frame["code"].is_unique


def test_the_provinces_print_no_date(shared_data):
    with pytest.raises(MissingAsOf):
        read_counts(shared_data / "pilot" / "kaltim" / "rekap_perekaman_desa.xlsx")


def test_an_import_survives_a_process_boundary(tmp_path):
    result = read_counts(sheet(tmp_path, HEAD, "62.02.01.1009,A,B,10,8,2"), as_of=DAY)
    again = pickle.loads(pickle.dumps(result))  # noqa: S301
    pd.testing.assert_frame_equal(again.frame, result.frame)
    assert (again.totals, again.findings) == (result.totals, result.findings)


DIRTY = [
    ["REKAPITULASI PEREKAMAN PER DESA"],
    ["SEMESTER II TAHUN 2022"],
    [],
    ["NO", "KODE WILAYAH", "KECAMATAN", "DESA / KELURAHAN", "KTP-EL", None, None, None,
     "ANAK 0-17 TAHUN", None, "IKD"],
    [None, None, None, None, "WAJIB KTP", "SUDAH REKAM", "BELUM REKAM", "%", "JUMLAH",
     "MEMILIKI KIA", "AKTIF"],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7=5-6)", "(8)", "(9)", "(10)", "(11)"],
    [1, "6202011009", "KOTA BESI", "HULU ", "2.878", "2.800", 78, "97,29", 1000, "-", 5],
    [2, 6202011010.0, None, "HILIR", 100, 110, -10, "110,00", None, 20, "\u00a06 "],
    [None, "JUMLAH KOTA BESI", None, None, 2978, 2910, 68, None, 1000, 20, 11],
    [3, "62.02.02.2004", "CEMPAGA", "PATAI", 50, 50, 0, "100,00", 10, 1, 0],
    [None, None, "JUMLAH", None, "50", "50", 0, None, 10, 1, 0],
    [None, None, None, "JUMLAH TOTAL", "3.028", "2.960", 68, None, 1010, 21, 11],
    [],
    ["Sumber: rekap kantor 2022"],
    [None, None, None, None, None, "Sampit, 5 Januari 2023", None],
    [None, None, None, None, None, "NIP. 19700101 199003 1 001"],
]  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_dirty_sheet(tmp_path, kind):
    if kind == "xlsx":
        path = workbook(tmp_path, {"REKAP": DIRTY})
    else:
        path = tmp_path / "rekap.csv"
        with path.open("w", encoding="latin-1", newline="") as file:
            csv.writer(file, delimiter=";").writerows(DIRTY)
    result = read_counts(path)
    assert result.as_of == date(2022, 12, 31)
    frame = result.frame.set_index("code")
    assert frame.index.tolist() == ["62.02.01.1009", "62.02.01.1010", "62.02.02.2004"]
    assert frame["name"].tolist() == ["HULU", "HILIR", "PATAI"]
    assert frame["district"].tolist() == ["KOTA BESI", "KOTA BESI", "CEMPAGA"]
    assert frame["row"].tolist() == [7, 8, 10]
    assert frame["wajib_ktp"].tolist() == [2878, 100, 50]
    assert frame["sudah_rekam"].tolist() == [2800, 110, 50]
    assert frame["belum_rekam"].tolist() == [78, -10, 0]
    assert frame["anak_0_17"].tolist() == [1000, pd.NA, 10]
    assert frame["memiliki_kia"].tolist() == [0, 20, 1]
    assert frame["ikd_aktif"].tolist() == [5, 6, 0]
    assert frame["usia_16_17"].isna().all()
    # Rows 7 (code, 2.878) and 8 (code) were corrected; every printed sum agrees.
    assert (result.accepted, result.corrected, result.refused) == (3, 2, 0)
    assert (result.totals["not_recorded"], result.totals["people_to_look_for"]) == (68, 78)
    assert {line["code"]: line["rows"] for line in summarise(result.findings)} == {
        "code-undotted": [7],
        "code-from-number": [8],
        "number-rewritten": [7],
        "recorded-exceeds-wajib": [8],
        "column-missing": [],
    }


def test_sums_that_do_not_add_up_name_the_column(tmp_path):
    path = sheet(
        tmp_path, HEAD,
        "62.02.01.1009,Kota Besi,A,10,12,-2",
        "62.02.01.1010,,B,20,15,5",
        "JUMLAH KEC. KOTA BESI,,,30,28,3",
        "JUMLAH SELURUHNYA,,,30,27,entah",
    )  # fmt: skip
    result = read_counts(path, as_of=DAY)
    mismatches = [
        (f.row, f.column, f.value, f.params["computed"]) for f in found(result, "total-mismatch")
    ]
    # The signed sum is -2 + 5 = 3, and not 0 + 5.
    assert mismatches == [(4, "sudah_rekam", "28", "27"), (5, "belum_rekam", "entah", "3")]


def test_a_bare_total_closes_the_district_and_then_the_sheet(tmp_path):
    lines = (
        "62.02.01.1009,,A,10,8,2",
        "JUMLAH,,,10,8,2",
        "62.02.02.1009,,B,20,15,5",
        "JUMLAH,,,20,15,5",
        "JUMLAH,,,30,23,7",
    )
    result = read_counts(sheet(tmp_path, HEAD, *lines), as_of=DAY)
    assert found(result, "total-mismatch") == []
    wrong = (*lines[:-1], "JUMLAH,,,31,23,7")
    result = read_counts(sheet(tmp_path, HEAD, *wrong), as_of=DAY)
    (mismatch,) = found(result, "total-mismatch")
    assert (mismatch.row, mismatch.column, mismatch.value) == (6, "wajib_ktp", "31")
    assert mismatch.params["computed"] == "30"


def test_a_grand_total_on_the_last_sheet_may_be_that_of_the_file(tmp_path):
    head = HEAD.split(",")
    one = [head, ["62.02.01.1009", "X", "A", 10, 8, 2], ["JUMLAH", None, None, 10, 8, 2]]
    two = [head, ["62.03.01.1009", "Y", "B", 20, 15, 5], ["JUMLAH TOTAL", None, None, 30, 23, 7]]
    result = read_counts(workbook(tmp_path, {"Satu": one, "Dua": two}), as_of=DAY)
    assert found(result, "total-mismatch") == []
    assert result.frame["row"].tolist() == ["Satu!2", "Dua!2"]


@pytest.mark.parametrize(
    ("cell", "code", "params"),
    [
        ("2.5", "count-not-whole", {"as_decimal": "2,5", "as_thousands": "2500"}),
        ("dua", "count-not-number", {}),
        ("-1", "count-negative", {"limit": 1_000_000}),
        ("1000001", "count-too-large", {"limit": 1_000_000}),
    ],
)
def test_a_bad_count_sets_its_row_aside_and_keeps_the_rest(tmp_path, cell, code, params):
    path = sheet(tmp_path, HEAD, f"62.02.01.1009,K,A,{cell},1,", "62.02.01.1010,K,B,3,1,2")
    result = read_counts(path, as_of=DAY)
    (finding,) = [f for f in result.findings if f.severity == "refused"]
    assert (finding.code, finding.row, finding.column) == (code, 2, "wajib_ktp")
    assert (finding.village_code, finding.value) == ("62.02.01.1009", cell)
    assert finding.params == params
    assert (result.accepted, result.refused) == (1, 1)
    assert result.frame["code"].tolist() == ["62.02.01.1010"]


def test_the_largest_count_and_the_least_difference_are_kept(tmp_path):
    path = sheet(tmp_path, HEAD, "62.02.01.1009,K,A,1000000,0,", "62.02.01.1010,K,B,0,1000000,")
    result = read_counts(path, as_of=DAY)
    assert result.frame["belum_rekam"].tolist() == [1_000_000, -1_000_000]
    assert result.refused == 0


def test_a_fraction_in_a_number_cell_is_refused_too(tmp_path):
    rows = [HEAD.split(","), ["62.02.01.1009", "K", "A", 2.878, 1, None]]
    result = read_counts(workbook(tmp_path, {"S": rows}), as_of=DAY)
    (finding,) = [f for f in result.findings if f.severity == "refused"]
    assert finding.params == {"as_decimal": "2,878", "as_thousands": "2878"}


def test_printed_differences_are_recomputed_and_reported(tmp_path):
    path = sheet(
        tmp_path, HEAD,
        "62.02.01.1009,K,A,10,8,3",
        "62.02.01.1010,K,B,10,,4",
        "62.02.01.1011,K,C,,8,5",
        "62.02.01.1012,K,D,10,8,",
    )  # fmt: skip
    result = read_counts(path, as_of=DAY)
    # Where one part is missing the printed number is kept, and the part stays missing.
    assert result.frame["belum_rekam"].tolist() == [2, 4, 5, 2]
    assert result.frame["sudah_rekam"].tolist() == [8, pd.NA, 8, 8]
    (differs,) = found(result, "not-recorded-differs")
    assert (differs.row, differs.value, differs.params["computed"]) == (2, "3", 2)
    missing = [(f.row, f.column) for f in found(result, "count-missing")]
    assert missing == [(3, "sudah_rekam"), (4, "wajib_ktp")]


@pytest.mark.parametrize(
    ("printed", "differs"),
    [
        ("97,34", False),  # 300110 of 308309 is 97.34065...
        ("97,39", False),
        ("97,40", True),
        ("97,30", False),
        ("97,29", True),
        ("0,9734", False),
        ("0,96", True),
        ("", False),
        ("-", False),
    ],
)
def test_percentages_are_recomputed(tmp_path, printed, differs):
    head = "kode;desa;wajib_ktp;sudah_rekam;%"
    path = sheet(tmp_path, head, f"62.02.01.1009;A;308309;300110;{printed}")
    result = read_counts(path, as_of=DAY)
    assert [f.params["computed"] for f in found(result, "percentage-differs")] == (
        ["97.34"] if differs else []
    )


def test_a_percentage_of_something_else_is_left_alone(tmp_path):
    head = "kode;desa;wajib_ktp;sudah_rekam;%;anak_0_17;memiliki_kia;%"
    path = sheet(tmp_path, head, "62.02.01.1009;A;100;50;50;200;20;10")
    result = read_counts(path, as_of=DAY)
    assert found(result, "percentage-differs") == []
    assert [f.value for f in found(result, "column-ignored")] == ["%"]


@pytest.mark.parametrize(
    ("lines", "error", "told"),
    [
        (["kecamatan,desa,wajib_ktp,sudah_rekam", "K,A,1,1"], MissingColumn, "'code'"),
        (["kode,wajib_ktp,sudah_rekam", "62.02.01.1009,1,1"], MissingColumn, "'name'"),
        (["kode,desa,sudah_rekam", "62.02.01.1009,A,1"], MissingColumn, "'wajib_ktp'"),
        (["kode,desa,wajib_ktp", "62.02.01.1009,A,1"], MissingColumn, "'sudah_rekam'"),
        (["kode,desa,wajib_ktp,WKTP,sudah_rekam", "62.02.01.1009,A,1,2,1"], DoubledColumn,
         "wajib_ktp, WKTP"),
        ([HEAD, "62.02.01.1009,K,A,1,1,0", "62.1,K,B,1,1,0"], BadCodes, "3: '62.1'"),
        ([HEAD, "62.02.01.1009,K,A,1,1,0", "62.02.O1.1010,K,B,1,1,0"], BadCodes, "62.02.O1.1010"),
        ([HEAD, "6502030001,K,A,1,1,0"], BadCodes, "6502030001"),
        ([HEAD, "62.02.01.1009,K,A,1,1,0", "6202011009,K,A,1,1,0"], DuplicateCodes,
         "62.02.01.1009 (2, 3)"),
        ([HEAD, "Sumber: kantor,,,,,"], EmptyFile, "rekap.csv"),
    ],
    ids=["code", "name", "wajib", "recorded", "doubled", "lost-zero", "letter", "bps", "twice",
         "no-village"],
)  # fmt: skip
def test_the_whole_file_is_refused(tmp_path, lines, error, told):
    with pytest.raises(error) as caught:
        read_counts(sheet(tmp_path, *lines), as_of=DAY)
    assert told in str(caught.value)
    assert str(caught.value).startswith("rekap.csv")


def test_numbers_without_a_code_are_set_aside_and_notes_are_not(tmp_path):
    path = sheet(
        tmp_path, HEAD,
        "KECAMATAN KOTA BESI,,,,,",
        "62.02.01.1009,,A,10,8,2",
        ",,Desa Baru,5,4,1",
        "Catatan: angka 2024,,,,,",
        "kode,kecamatan,desa,wajib_ktp,sudah_rekam,belum_rekam",
        "62.02.01.1010,,B,10,8,2",
    )  # fmt: skip
    result = read_counts(path, as_of=DAY)
    (finding,) = [f for f in result.findings if f.severity == "refused"]
    assert (finding.code, finding.row, finding.params["name"]) == ("code-missing", 4, "Desa Baru")
    assert result.frame["district"].tolist() == ["KOTA BESI", "KOTA BESI"]
    assert (result.accepted, result.refused) == (2, 1)


def test_one_number_beside_a_name_is_no_note(tmp_path):
    """Of a village without a code and with one number alone nothing may get lost in silence."""
    path = sheet(
        tmp_path, HEAD,
        "62.02.01.1009,,A,10,8,2",
        ",,Desa Baru,5,,",
        "O2.02.01.1010,,Desa Lain,5,,",
        ",,,5,,",
    )  # fmt: skip
    villages = pd.DataFrame(
        [["62.02.01.1009", "A", "X", "Y"]], columns=["code", "name", "district", "regency"]
    )
    result = read_counts(path, as_of=DAY, villages=villages)
    refused = [(f.code, f.row) for f in result.findings if f.severity == "refused"]
    assert sorted(refused, key=str) == [("code-unreadable", 4), ("name-unmatched", 3)]
    assert (result.accepted, result.refused) == (1, 2)


def test_a_district_is_not_carried_into_another(tmp_path):
    path = sheet(tmp_path, HEAD, "62.02.01.1009,X,A,1,1,0", "62.02.02.1009,,B,1,1,0")
    frame = read_counts(path, as_of=DAY).frame
    assert frame["district"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("sheets", "name", "day"),
    [
        ({"S": ["per 30 Juni 2024"]}, "rekap.xlsx", date(2024, 6, 30)),
        ({"SEMESTER I 2024": []}, "rekap.xlsx", date(2024, 6, 30)),
        ({"S": []}, "rekap_semester_ii_2023.xlsx", date(2023, 12, 31)),
        ({"S": ["SEMESTER I 2024"]}, "rekap_2023-12-31.xlsx", date(2024, 6, 30)),
        ({"S": []}, "rekap.xlsx", None),
    ],
    ids=["title", "sheet", "file", "title-before-file", "nowhere"],
)
def test_where_the_as_of_date_is_found(tmp_path, sheets, name, day):
    rows = [HEAD.split(","), ["62.02.01.1009", "K", "A", 1, 1, 0]]
    path = workbook(tmp_path, {s: [[t] for t in above] + rows for s, above in sheets.items()}, name)
    if day is None:
        with pytest.raises(MissingAsOf, match=r"rekap\.xlsx"):
            read_counts(path)
    else:
        assert read_counts(path).as_of == day
    assert read_counts(path, as_of=DAY).as_of == DAY


def test_sheets_of_different_days_are_refused_unless_the_day_is_given(tmp_path):
    def rows(n, title):
        return [[title], HEAD.split(","), [f"62.02.01.100{n}", "K", "A", 1, 1, 0]]

    sheets = {"A": rows(1, "SEMESTER I 2024"), "B": rows(2, "SEMESTER II 2024")}
    path = workbook(tmp_path, sheets)
    with pytest.raises(ContradictingAsOf, match="2024-06-30, 2024-12-31"):
        read_counts(path)
    assert read_counts(path, as_of=DAY).accepted == 2


def test_a_sheet_without_a_table_is_told(tmp_path):
    rows = [HEAD.split(","), ["62.02.01.1009", "K", "A", 1, 1, 0]]
    path = workbook(tmp_path, {"Petunjuk": [["Isi per desa"]], "Data": rows, "Kosong": []})
    result = read_counts(path, as_of=DAY)
    assert [f.value for f in found(result, "sheet-skipped")] == ["Petunjuk"]
    assert result.accepted == 1


@pytest.mark.parametrize(
    ("top", "low", "column"),
    [
        ("WAJIB KTP-EL", "", "wajib_ktp"),
        ("Jml WKTP", "", "wajib_ktp"),
        ("PEREKAMAN", "SUDAH", "sudah_rekam"),
        ("KTP-EL", "PEREKAMAN", "sudah_rekam"),
        ("PEREKAMAN", "BELUM", "belum_rekam"),
        ("BLM REKAM", "", "belum_rekam"),
        ("PENDUDUK USIA 16-17 TAHUN", "", "usia_16_17"),
        ("USIA 0-17", "JML", "anak_0_17"),
        ("KIA", "MEMILIKI", "memiliki_kia"),
        ("KIA", "SUDAH", "memiliki_kia"),
        ("KTP-EL", "SUDAH", "sudah_rekam"),
        ("KTP-EL", "BELUM", "belum_rekam"),
        ("AKTA LAHIR", "BELUM", "belum_akta"),
        ("IKD", "AKTIVASI", "ikd_aktif"),
        ("IKD", "JUMLAH", "ikd_aktif"),
    ],
)
def test_headings_in_use(tmp_path, top, low, column):
    fixed = {"wajib_ktp": "WAJIB KTP", "sudah_rekam": "SUDAH REKAM"}
    others = [heading for name, heading in fixed.items() if name != column]
    head = ["KODE", "DESA", *others, top]
    second = ["", "", *("" for _ in others), low]
    values = ["62.02.01.1009", "A", *(7 for _ in others), 7]
    result = read_counts(workbook(tmp_path, {"S": [head, second, values]}), as_of=DAY)
    expected = 0 if column == "belum_rekam" else 7
    assert result.frame[column].tolist() == [expected]
    assert found(result, "column-ignored") == []
