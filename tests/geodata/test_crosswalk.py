"""Crosswalks: the two reference files, our own plain form, and lines that cannot be trusted."""

from datetime import date

import pytest

from geodata.crosswalk import read_crosswalk
from geodata.errors import BadCodes, DoubledColumn, EmptyFile, MissingColumn
from tests.geodata.pilot_codes import pairs, reference


def write(tmp_path, *lines, name="padanan.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def letters(names):
    """Spell names without case, spaces and punctuation: another way than the product's."""
    return names.str.lower().str.replace(r"[^a-z0-9]", "", regex=True)


def test_pilot_crosswalk_is_read_line_by_line(shared_data):
    found = read_crosswalk(shared_data / "reference" / "crosswalk_kemendagri_bps2020_pilots.csv")
    expected = pairs(shared_data)
    assert found.kind == "bps"
    assert found.frame["old_code"].tolist() == expected["bps_code"].tolist()
    assert found.frame["new_code"].tolist() == expected["village_code"].tolist()
    assert found.frame["old_name"].tolist() == [
        " ".join(name.split()) for name in expected["bps_name"]
    ]
    assert found.frame["row"].tolist() == list(range(2, len(expected) + 2))


def test_renamed_villages_of_the_pilots_are_reported(shared_data):
    found = read_crosswalk(shared_data / "reference" / "crosswalk_kemendagri_bps2020_pilots.csv")
    known = pairs(shared_data)
    respelled = letters(known["name"]) != letters(known["bps_name"])
    reported = {finding.village_code for finding in found.findings}
    assert {finding.code for finding in found.findings} == {"village-renamed"}
    assert found.n_renamed == len(reported) == len(found.findings)
    # Numerals and "Sei" may be one name in two spellings; every other difference is a new name.
    assert reported <= set(known.loc[respelled, "village_code"])
    is_one_name = letters(known["name"]).str.contains(r"\d|i$|sei|sungai|satu|dua|tiga|empat")
    assert set(known.loc[respelled & ~is_one_name, "village_code"]) <= reported


def test_pilot_changes_are_read_with_years_as_old_and_new(shared_data):
    found = read_crosswalk(shared_data / "reference" / "code_changes_2020_2025_pilots.csv")
    expected = reference(shared_data, "code_changes_2020_2025_pilots.csv")
    assert found.kind == "changes"
    assert found.frame["old_code"].tolist() == expected["code_2020"].tolist()
    assert [code or "" for code in found.frame["new_code"]] == expected["code_2025"].tolist()
    assert found.frame["old_district"].tolist() == expected["district_2020"].tolist()
    assert found.findings == ()


def test_years_tell_old_from_new_whichever_column_comes_first(tmp_path):
    path = write(tmp_path, "code_2031,code_2027", "62.02.01.2002,62.02.01.2001")
    (row,) = read_crosswalk(path).frame.to_dict("records")
    assert (row["old_code"], row["new_code"]) == ("62.02.01.2001", "62.02.01.2002")


def test_our_own_form_of_changes(tmp_path):
    path = write(
        tmp_path,
        "kode_lama,kode_baru,berlaku_sejak,keterangan",
        "6503152022,65.03.20.2001,2020-07-01,Perda 1/2020",
        "65.03.15.2023,,2021,dihapus",
        "65.03.15.2024,65.03.20.2003,entah,",
        "65.03.15.2024,65.03.20.2003,,",
    )
    found = read_crosswalk(path)
    columns = ["old_code", "new_code", "valid_from", "note", "row"]
    assert found.frame[columns].to_numpy().tolist() == [
        ["65.03.15.2022", "65.03.20.2001", date(2020, 7, 1), "Perda 1/2020", 2],
        ["65.03.15.2023", None, date(2021, 12, 31), "dihapus", 3],
        ["65.03.15.2024", "65.03.20.2003", None, "", 4],
    ]
    assert [(f.code, f.severity, f.row) for f in found.findings] == [
        ("date-unreadable", "warning", 4), ("row-duplicate", "warning", 5),
    ]  # fmt: skip
    assert found.findings[0].value == "entah"


def test_our_own_form_of_bps_codes(tmp_path):
    path = write(
        tmp_path,
        "kode_bps,nama_bps,kode_kemendagri,desa",
        "62.02.110.011,Kota Besi Ulu,62.02.01.1009,Kota Besi Hulu",
        "6202110012,Kota Besi Hilir,62.02.01.1010,KOTA  BESI HILIR",
    )
    found = read_crosswalk(path)
    assert found.frame["old_code"].tolist() == ["6202110011", "6202110012"]
    (renamed,) = found.findings
    assert (renamed.row, renamed.village_code, renamed.value, renamed.params["name"]) == (
        2, "62.02.01.1009", "Kota Besi Ulu", "Kota Besi Hulu",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        (["kode_lama,keterangan", "62.02.01.2001,a"], MissingColumn, "kode_baru"),
        (["kode_bps,nama_bps", "6202110011,a"], MissingColumn, "kode_kemendagri"),
        (["kode,desa", "62.02.01.2001,a"], MissingColumn, "kode_bps"),
        (["kode_lama,kode_baru"], EmptyFile, "no row"),
        (["kode_lama,kode_baru,code_new", "62.02.01.2001,a,b"], DoubledColumn, "new_code"),
        (["kode_lama,kode_baru", "62.02.01.2001,62.1"], BadCodes, "2: '62.1'"),
        (["kode_lama,kode_baru", "6.202E+09,62.02.01.2001"], BadCodes, r"2: '6\.202E\+09'"),
        (["kode_bps,kode_kemendagri", "6202110011,62.02.110.011"], BadCodes, "110.011"),
        (["kode_bps,kode_kemendagri", "62.02.01.2001,62.02.01.2001"], BadCodes, "62.02.01.2001"),
        (["kode_bps,kode_kemendagri", "6202110000,62.02.01.2001"], BadCodes, "6202110000"),
        (["kode_bps,kode_kemendagri", ",62.02.01.2001"], BadCodes, "2: ''"),
    ],
)
def test_a_crosswalk_with_one_wrong_line_is_refused(tmp_path, lines, error, words):
    with pytest.raises(error, match=words):
        read_crosswalk(write(tmp_path, *lines))
