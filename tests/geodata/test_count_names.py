"""Counts of villages that are named and not numbered."""

from datetime import date

import pandas as pd
import pytest

from geodata.counts import read_counts
from geodata.errors import DuplicateCodes, MissingColumn
from tests.geodata.test_counts import sheet

DAY = date(2024, 6, 30)
HEAD = "KECAMATAN,DESA,WAJIB KTP,SUDAH REKAM"
NUNUKAN, GUNUNG_MAS = "Kabupaten Nunukan", "Kabupaten Gunung Mas"
VILLAGES = pd.DataFrame(
    [
        ("65.03.04.2001", "Pa' Padi", "Krayan", NUNUKAN),
        ("65.03.04.2002", "Pa\u2019 Kebuan", "Krayan", NUNUKAN),
        ("65.03.04.2003", "Long Bawan II", "Krayan", NUNUKAN),
        ("65.03.04.2004", "Tanjung Karya", "Krayan", NUNUKAN),
        ("65.03.05.2001", "Sungai Nyamuk", "Sebatik Timur", NUNUKAN),
        ("65.03.05.2002", "Tanjung Karya", "Sebatik Timur", NUNUKAN),
        ("65.03.05.2003", "Bukit Aru Indah", "Sebatik Timur", NUNUKAN),
        ("65.03.06.2001", "Tanjung Harapan", "Sembakung", NUNUKAN),
        # Far away, so that a name of this regency that stands in no district of the file's is not
        # taken from here.
        ("62.10.01.2001", "Tumbang Manya", "Sepang", GUNUNG_MAS),
    ],
    columns=["code", "name", "district", "regency"],
)


def told(result):
    return [(f.code, f.severity, f.row) for f in result.findings if f.code != "column-missing"]


def read(tmp_path, *lines):
    return read_counts(sheet(tmp_path, *lines), as_of=DAY, villages=VILLAGES)


def test_a_sheet_of_names_alone(tmp_path):
    result = read(
        tmp_path, HEAD,
        "KRAYAN,PA\u2019 PADI,100,90",  # 2: curly where the map has a typewriter's
        ",Pa Kebuan,50,40",  # 3: none at all, and the district printed once
        ",LONG BAWAN 2,30,20",  # 4: Roman on the map
        ",Tanjung Karya,10,9",  # 5: the one of Krayan
        ",JUMLAH,190,159",  # 6: 100 + 50 + 30 + 10; 90 + 40 + 20 + 9
        "KEC. SEBATIK TIMUR,Sei Nyamuk,80,70",  # 7
        "Sebatik Timur,TANJUNG KARYA,20,10",  # 8: the one of Sebatik Timur
        "Sebatik Timur,Tanjung Harapan,5,5",  # 9: of Sembakung
        "Sebatik Timur,Bukit Aru Inda,7,6",  # 10: a letter is missing
        "Sebatik Timur,Tumbang Manya,3,3",  # 11: of another regency
        "Lainnya,Tanjung Karya,1,1",  # 12: Krayan or Sebatik Timur
        ",JUMLAH TOTAL,306,254",  # 13: 190 + 80 + 20 + 5 + 7 + 3 + 1; 159 + 70 + 10 + 5 + 6 + 3 + 1
    )  # fmt: skip
    assert told(result) == [
        ("name-elsewhere", "warning", 9),
        ("name-unmatched", "refused", 10),
        ("name-unmatched", "refused", 11),
        ("name-ambiguous", "refused", 12),
        ("matched-by-name", "info", None),
    ]
    elsewhere, misspelt, away, twice, count = (
        f for f in result.findings if f.code != "column-missing"
    )
    assert elsewhere.village_code == "65.03.06.2001"
    assert elsewhere.params == {"district": "Sembakung", "printed": "Sebatik Timur"}
    # 2 * 12 / (13 + 12) letters in common, spaces left out.
    assert misspelt.params["candidates"] == "65.03.05.2003 Bukit Aru Indah (Sebatik Timur) 96.0 %"
    assert away.params == {"area": "Sebatik Timur", "candidates": "-"}
    assert twice.params["candidates"] == (
        "65.03.04.2004 Tanjung Karya (Krayan); 65.03.05.2002 Tanjung Karya (Sebatik Timur)"
    )
    assert count.value == "7"
    assert (result.accepted, result.corrected, result.refused) == (7, 0, 3)
    counted = result.frame.set_index("code")["wajib_ktp"].to_dict()
    assert counted == {
        "65.03.04.2001": 100, "65.03.04.2002": 50, "65.03.04.2003": 30, "65.03.04.2004": 10,
        "65.03.05.2001": 80, "65.03.05.2002": 20, "65.03.06.2001": 5,
    }  # fmt: skip
    assert result.frame["district"].tolist()[:4] == ["KRAYAN"] * 4


def test_a_row_without_a_code_among_others_is_read_by_name(tmp_path):
    result = read(
        tmp_path, "KODE,KECAMATAN,DESA,WAJIB KTP,SUDAH REKAM",
        "65.03.04.2001,Krayan,Pa' Padi,100,90",
        "-,Krayan,Tanjung Karya,10,9",
        ",Krayan,Pa Padi,1,1",
        ",Krayan,,2,2",
    )  # fmt: skip
    assert result.frame["code"].tolist() == ["65.03.04.2001", "65.03.04.2004"]
    assert sorted(told(result)) == [
        ("code-missing", "refused", 5),
        ("matched-by-name", "info", None),
        ("row-duplicate", "refused", 4),
    ]
    (doubled,) = [f for f in result.findings if f.code == "row-duplicate"]
    assert (doubled.village_code, doubled.params) == ("65.03.04.2001", {"first_row": 2})
    (count,) = [f.value for f in result.findings if f.code == "matched-by-name"]
    assert (count, result.accepted, result.refused) == ("1", 2, 2)


def test_a_district_that_stands_above_its_villages_holds_for_their_names(tmp_path):
    result = read(
        tmp_path, "DESA,WAJIB KTP,SUDAH REKAM",
        "KECAMATAN KRAYAN,,", "Tanjung Karya,10,9",
        "KECAMATAN SEBATIK TIMUR,,", "Tanjung Karya,20,10",
    )  # fmt: skip
    assert result.frame["code"].tolist() == ["65.03.04.2004", "65.03.05.2002"]
    assert result.frame["district"].tolist() == ["KRAYAN", "SEBATIK TIMUR"]
    assert result.refused == 0


def test_a_village_named_twice_is_not_added_up_in_silence(tmp_path):
    with pytest.raises(DuplicateCodes, match=r"65\.03\.04\.2001 \(2, 3\)"):
        read(tmp_path, HEAD, "Krayan,Pa' Padi,1,1", "Krayan,Pa Padi,2,2")


def test_neither_code_nor_name_is_refused(tmp_path):
    with pytest.raises(MissingColumn) as refusal:
        read(tmp_path, "KECAMATAN,WAJIB KTP,SUDAH REKAM", "Krayan,10,9")
    assert refusal.value.params["column"] == "code"


CODED = "KODE,KECAMATAN,DESA,WAJIB KTP,SUDAH REKAM"


def test_names_exchanged_between_two_rows_set_both_aside(tmp_path):
    result = read(
        tmp_path, CODED,
        "65.03.04.2001,Krayan,Pa Padi,1,1",
        "65.03.04.2002,Krayan,Long Bawan II,2,2",
        "65.03.04.2003,Krayan,Pa Kebuan,3,3",
        "65.03.05.2003,Krayan,Tanjung Karya,4,4",  # of Krayan, as printed, and of Sebatik Timur
        "65.03.05.2001,Sebatik Timur,Sei Nyamok,5,5",  # nobody is called that
        "65.03.04.2004,Krayan,Tanjung Karya,6,6",
        "65.03.05.2002,Sebatik Timur,Tanjung Karya,7,7",
        "65.03.06.2001,Sembakung,Tanjung Harapan,8,8",
    )  # fmt: skip
    assert result.frame["code"].tolist() == [
        "65.03.04.2001", "65.03.05.2001", "65.03.04.2004", "65.03.05.2002", "65.03.06.2001",
    ]  # fmt: skip
    assert told(result) == [
        ("name-of-another", "refused", 3),
        ("name-of-another", "refused", 4),
        ("name-of-another", "refused", 5),
        ("name-differs", "warning", 6),
    ]
    refused = [f for f in result.findings if f.severity == "refused"]
    assert [(f.village_code, f.value, f.params) for f in refused] == [
        ("65.03.04.2002", "Long Bawan II",
         {"name": "Pa\u2019 Kebuan", "candidates": "65.03.04.2003"}),
        ("65.03.04.2003", "Pa Kebuan", {"name": "Long Bawan II", "candidates": "65.03.04.2002"}),
        ("65.03.05.2003", "Tanjung Karya",
         {"name": "Bukit Aru Indah", "candidates": "65.03.04.2004, 65.03.05.2002"}),
    ]  # fmt: skip
    assert (result.accepted, result.refused) == (5, 3)


def test_a_name_of_a_village_in_a_district_that_nobody_speaks_of_may_stand(tmp_path):
    result = read(
        tmp_path, CODED,
        "65.03.04.2001,Krayan,Pa Padi,1,1",
        "65.03.06.2001,Sembakung,Bukit Aru Indah,6,6",
    )  # fmt: skip
    assert told(result) == [("name-differs", "warning", 3)]
    assert result.accepted == 2


def test_a_wrong_district_beside_a_code_is_told(tmp_path):
    result = read(
        tmp_path, CODED,
        "65.03.04.2001,Sebatik Timur,Pa' Padi,1,1",
        "65.03.04.2002,KEC. KRAYAN,Pa' Kebuan,1,1",
        "65.03.04.2003,,Long Bawan II,1,1",
    )  # fmt: skip
    (finding,) = [f for f in result.findings if f.code != "column-missing"]
    assert (finding.code, finding.severity, finding.row) == ("district-differs", "warning", 2)
    assert (finding.village_code, finding.value) == ("65.03.04.2001", "Sebatik Timur")
    assert (finding.params, result.accepted) == ({"district": "Krayan"}, 3)
