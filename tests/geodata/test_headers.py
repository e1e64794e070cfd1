"""What an office taught about its headings goes before the dictionary; the layout is told whole."""

from datetime import date

import pytest

from geodata.columns import COUNT_COLUMNS
from geodata.counts import read_counts
from geodata.errors import DoubledColumn, MissingColumn, MissingSum
from geodata.headers import MEANINGS, key_of
from tests.geodata.test_counts import sheet, workbook

DAY = date(2024, 6, 30)


def learned(**meanings):
    return {key_of(text.replace("_", " ")): meaning for text, meaning in meanings.items()}


def counts(path, **meanings):
    return read_counts(path, as_of=DAY, headings=learned(**meanings))


def headings(result, at=0):
    return {h.letters: (h.text, h.column, h.learned) for h in result.layout[at].headings}


def test_an_unknown_heading_is_read_once_it_was_taught(tmp_path):
    path = sheet(
        tmp_path, "kode,desa,wajib_ktp,sudah_rekam,Jml Adm Kecil", "62.02.01.1009,B,10,8,4"
    )
    untold = counts(path)
    assert [f.value for f in untold.findings if f.code == "column-ignored"] == ["Jml Adm Kecil"]
    assert "usia_16_17" not in untold.totals
    told = counts(path, jml_adm_kecil="usia_16_17")
    assert told.totals["usia_16_17"] == 4
    assert headings(told)["E"] == ("Jml Adm Kecil", "usia_16_17", True)
    assert headings(told)["C"] == ("wajib_ktp", "wajib_ktp", False)


def test_what_was_taught_goes_before_the_dictionary(tmp_path):
    """The office has two columns of wajib KTP, the old one of them of another year."""
    lines = ("kode,desa,wajib ktp,WKTP,sudah rekam", "62.02.01.1009,B,10,99,8")
    path = sheet(tmp_path, *lines)
    with pytest.raises(DoubledColumn, match="wajib ktp, WKTP"):
        counts(path)
    result = counts(path, wktp="ignore")
    assert result.totals["wajib_ktp"] == 10
    assert headings(result)["D"] == ("WKTP", None, True)
    assert [f for f in result.findings if f.code == "column-ignored"] == []


def test_a_heading_with_those_above_it_goes_before_the_heading_alone(tmp_path):
    rows = [
        ["KODE", "DESA", "WAJIB KTP", "TAHAP 1", None, "TAHAP 2", None],
        [None, None, None, "CEK", "LAIN", "CEK", "LAIN"],
        ["62.02.01.1009", "B", 10, 1, 2, 8, 4],
    ]
    path = workbook(tmp_path, {"a": rows})
    result = counts(path, cek="ignore", tahap_2_cek="sudah_rekam")
    assert result.totals["sudah_rekam"] == 8
    assert headings(result)["D"] == ("TAHAP 1 CEK", None, True)


def test_the_layout_names_titles_header_and_sheets(tmp_path):
    rows = [
        ["REKAP"],
        [],
        ["KODE", "DESA", "KTP-EL", None, "CATATAN"],
        [None, None, "WAJIB KTP", "SUDAH REKAM", None],
        ["62.02.01.1009", "B", 10, 8, None],
    ]
    result = counts(workbook(tmp_path, {"Data": rows, "Petunjuk": [["Isi dengan benar"]]}))
    data, notes = (layout.to_dict() for layout in result.layout)
    assert (data["sheet"], data["titles"], data["header"], data["first_row"]) == (
        "Data", [1], [3, 4], 5
    )  # fmt: skip
    assert [(h["letters"], h["text"], h["column"]) for h in data["headings"]] == [
        ("A", "KODE", "code"), ("B", "DESA", "name"), ("C", "KTP-EL WAJIB KTP", "wajib_ktp"),
        ("D", "KTP-EL SUDAH REKAM", "sudah_rekam"), ("E", "CATATAN", None),
    ]  # fmt: skip
    assert notes == {
        "sheet": "Petunjuk", "titles": [], "header": [], "first_row": None, "headings": []
    }  # fmt: skip


@pytest.mark.parametrize("heading", ["IDDESA", "Kode BPS", "KODE DESA BPS", "kd_bps", "ID Desa"])
def test_a_column_of_bps_codes_is_one_of_codes(tmp_path, heading):
    path = sheet(tmp_path, f"{heading},desa,wajib_ktp,sudah_rekam", "6202011009,B,10,8")
    assert headings(counts(path))["A"] == (heading, "code", False)


def test_bps_codes_beside_kemendagri_codes_are_passed_over(tmp_path):
    path = sheet(
        tmp_path, "KODE BPS,KODE,desa,wajib_ktp,sudah_rekam", "6202010009,62.02.01.1009,B,10,8"
    )
    result = counts(path)
    assert list(result.frame["code"]) == ["62.02.01.1009"]
    assert headings(result)["A"] == ("KODE BPS", None, False)


def test_what_is_ignored_may_be_missed(tmp_path):
    path = sheet(tmp_path, "kode,desa,wajib_ktp,sudah_rekam", "62.02.01.1009,B,10,8")
    with pytest.raises(MissingColumn) as refusal:
        counts(path, wajib_ktp="ignore")
    assert refusal.value.params["column"] == "wajib_ktp"


def test_a_heading_can_be_taught_to_be_any_column():
    assert {*COUNT_COLUMNS, "code", "name", "district", "percentage", "ignore"} == set(MEANINGS)


@pytest.mark.parametrize("cut", [("L", "P", "JML"), ("Lk", "Pr", "L+P"), ("JUMLAH", "L", "P"),
                                 ("Laki-laki", "Perempuan", "Total")], ids=str)  # fmt: skip
@pytest.mark.parametrize("group", [None, "PEREKAMAN"])
def test_men_and_women_are_not_taken_for_everybody(tmp_path, cut, group):
    """250 men and 251 women make 501; the column of the men stands under the heading itself."""
    people = {"L": 250, "P": 251}
    values = [people.get(word[0] if word != "L+P" else "", 501) for word in cut]
    done = [value - 1 for value in values]
    top = [["KODE", "DESA", "WAJIB KTP", None, None, group or "SUDAH REKAM", None, None]]
    if group:
        top.append([None, None, None, None, None, "SUDAH", None, None])
    rows = [*top, [None, None, *cut, *cut], ["62.02.01.1009", "B", *values, *done]]
    result = counts(workbook(tmp_path, {"a": rows}))
    assert (result.totals["wajib_ktp"], result.totals["sudah_rekam"]) == (501, 500)


def test_men_and_women_without_their_sum_are_refused(tmp_path):
    rows = [
        ["KODE", "DESA", "WAJIB KTP", None, "SUDAH REKAM"],
        [None, None, "L", "P", None],
        ["62.02.01.1009", "B", 250, 251, 480],
    ]
    with pytest.raises(MissingSum, match="JUMLAH") as refusal:
        counts(workbook(tmp_path, {"a": rows}))
    assert refusal.value.params["column"] == "wajib_ktp"
    assert refusal.value.params["found"] == "WAJIB KTP L, WAJIB KTP P"


def test_the_recorded_of_men_and_women_without_their_sum_are_refused(tmp_path):
    path = sheet(
        tmp_path, "kode,desa,WAJIB KTP,SUDAH REKAM (LK),SUDAH REKAM (PR)", "62.02.01.1009,B,9,4,4"
    )
    with pytest.raises(MissingSum) as refusal:
        counts(path)
    assert refusal.value.params["column"] == "sudah_rekam"
    assert refusal.value.params["found"] == "SUDAH REKAM (LK), SUDAH REKAM (PR)"


def test_a_letter_in_a_village_row_is_no_heading(tmp_path):
    path = sheet(tmp_path, "kode,desa,wajib_ktp,sudah_rekam,ket", "62.02.01.1009,B,10,8,P")
    assert counts(path).totals["wajib_ktp"] == 10
