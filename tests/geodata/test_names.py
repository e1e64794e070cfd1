"""Names: what counts as the same, and what is left to a person."""

import csv
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.names import find_regencies, match_villages, normalise


@pytest.mark.parametrize(
    ("printed", "known"),
    [
        ("Rawasari", "Rawa Sari"),
        ("Kotabesi", "KOTA BESI"),
        ("Ba' Liku", "Ba Liku"),
        ("Ba\u2019 Liku", "Ba\u02bc Liku"),
        ("Biduk - Biduk", "Biduk-Biduk"),
        ("Sei Ubar", "Sungai Ubar"),
        ("S. Ubar", "Sungai Ubar"),
        ("Seï Ubar", "sui ubar"),
        ("Mara II", "Mara 2"),
        ("Mara dua", "Mara-2"),
        ("Mara02", "Mara II"),
        ("Kota Bangun IX", "Kota Bangun 9"),
        ("Kota Bangun XIV", "Kota Bangun 14"),
        (" Long\u00a0Apari ", "Long Apari"),
    ],
)
def test_the_same_name(printed, known):
    assert normalise(printed) == normalise(known)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mara I", "Mara II"),
        ("Mara", "Mara I"),
        ("Dua Mara", "II Mara"),
        ("Tumbang Bajenei", "Tumbang Bajanei"),
        ("Mirah", "Merah"),
        ("Long Lejoh", "Long Lejuh"),
        ("Ilir Mahakam", "Ulu Mahakam"),
    ],
)
def test_other_names_stay_other(one, other):
    assert normalise(one) != normalise(other)


@given(st.text("abcdefghij klmnoprstuwy", min_size=1, max_size=20))
def test_case_and_white_space_never_matter(name):
    spaced = "\u00a0 ".join(name.split(" "))
    assert normalise(name.upper()) == normalise(f"  {spaced} ")


@given(st.integers(1, 39))
def test_roman_numerals_at_the_end(number):
    tens, ones = divmod(number, 10)
    roman = "X" * tens + ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][ones]
    assert normalise(f"Kota Bangun {roman}") == normalise(f"Kota Bangun {number}")


@pytest.mark.parametrize("pack", ["kotim", "kaltara", "kaltim"])
def test_no_two_villages_of_a_pilot_district_become_one(villages_of, pack):
    villages = villages_of(pack).frame
    keys = sorted(zip(villages["district_code"], villages["name"].map(normalise), strict=True))
    assert all(one != other for one, other in pairwise(keys))


VILLAGES = pd.DataFrame(
    [
        ("62.02.01.2001", "Suka Maju", "Kota Besi", "Kabupaten Kotim"),
        ("62.02.01.2002", "Sungai Dua", "Kota Besi", "Kabupaten Kotim"),
        ("62.02.02.2001", "Suka Maju", "Cempaga", "Kabupaten Kotim"),
        ("62.02.02.2002", "Lubuk Bunter", "Cempaga", "Kabupaten Kotim"),
        ("62.02.02.2003", "Kembar", "Cempaga", "Kabupaten Kotim"),
        ("62.02.02.2004", "KEMBAR", "Cempaga", "Kabupaten Kotim"),
        ("62.71.01.1001", "Lubuk Bunter", "Kota Besi", "Kota Kotim"),
        ("63.02.01.2001", "Jauh", "Lain", "Kabupaten Kotabaru"),
    ],
    columns=["code", "name", "district", "regency"],
)

MAJU = "62.02.01.2001 Suka Maju (Kota Besi); 62.02.02.2001 Suka Maju (Cempaga)"


@pytest.mark.parametrize(
    ("name", "district", "regency", "code"),
    [
        ("Sukamaju", "Kotabesi", "Kab. Kotim", "62.02.01.2001"),
        ("Suka Maju", "CEMPAGA", "KABUPATEN KOTIM", "62.02.02.2001"),
        ("Sei II", None, "Kabupaten Kotim", "62.02.01.2002"),
        ("Lubuk Bunter", None, "Kota Kotim", "62.71.01.1001"),
        ("Lubuk Bunter", "Cempaga", None, "62.02.02.2002"),
        ("Jauh", None, None, "63.02.01.2001"),
        ("Jauh", None, "Kota Baru", "63.02.01.2001"),
    ],
)
def test_a_name_is_found(name, district, regency, code):
    row = pd.DataFrame([{"name": name, "district": district, "regency": regency}])
    codes, findings = match_villages(row, VILLAGES)
    assert (codes.tolist(), findings) == ([code], ())


@pytest.mark.parametrize(
    ("name", "district", "regency", "finding", "candidates"),
    [
        ("Suka Maju", None, "Kabupaten Kotim", "name-ambiguous", MAJU),
        ("Suka Maju", "Lain", "Kabupaten Kotim", "name-ambiguous", MAJU),
        ("Kembar", "Cempaga", "Kabupaten Kotim", "name-ambiguous",
         "62.02.02.2003 Kembar (Cempaga); 62.02.02.2004 KEMBAR (Cempaga)"),
        ("Lubuk Bunter", None, None, "name-ambiguous",
         "62.02.02.2002 Lubuk Bunter (Cempaga); 62.71.01.1001 Lubuk Bunter (Kota Besi)"),
        ("Lubuk Buntir", "Cempaga", "Kabupaten Kotim", "name-unmatched",
         "62.02.02.2002 Lubuk Bunter (Cempaga) 90.9 %"),
        ("Jauh", None, "Kabupaten Kotim", "name-unmatched", "-"),
        ("Jauh", None, "Kabupaten Entah", "name-unmatched", "-"),
    ],
)  # fmt: skip
def test_anything_else_is_for_a_person(name, district, regency, finding, candidates):
    row = pd.DataFrame([{"name": name, "district": district, "regency": regency, "row": 12}])
    codes, findings = match_villages(row, VILLAGES)
    assert codes.isna().all()
    (found,) = findings
    assert (found.code, found.row, found.value) == (finding, 12, name)
    assert found.params["candidates"] == candidates


@pytest.mark.parametrize("district", ["Cempaga", "Tidak Dikenal"])
def test_a_village_of_another_district_than_the_printed_one_is_told(district):
    row = {"name": "Sei II", "district": district, "regency": "Kabupaten Kotim", "row": 7}
    codes, (found,) = match_villages(pd.DataFrame([row]), VILLAGES)
    assert codes.tolist() == ["62.02.01.2002"]
    assert (found.code, found.severity, found.row) == ("name-elsewhere", "warning", 7)
    assert (found.village_code, found.params) == (
        "62.02.01.2002", {"district": "Kota Besi", "printed": district},
    )  # fmt: skip


def test_the_likest_village_of_kotim_is_the_wrong_one_and_is_never_taken(villages_of):
    """11 of 12 letters each agree: 2 x 11 / 24 = 91.7 %."""
    villages = villages_of("kotim").frame
    row = {"name": "Tumbang Hanya", "district": "Antang Kalang"}
    codes, (found,) = match_villages(pd.DataFrame([row]), villages)
    assert codes.isna().all()
    first, runner_up, *_ = found.params["candidates"].split("; ")
    assert first == "62.02.10.2021 Tumbang Manya (Antang Kalang) 91.7 %"
    assert float(runner_up.split()[-2]) < 91.7


def test_codes_come_back_on_the_index_of_the_rows():
    rows = pd.DataFrame({"name": ["Jauh", "Entah", "Sungai Dua"]}, index=[30, 10, 20])
    codes, findings = match_villages(rows, VILLAGES)
    assert codes.index.tolist() == [30, 10, 20]
    assert codes[30] == "63.02.01.2001"
    assert codes[20] == "62.02.01.2002"
    assert [found.row for found in findings] == [10]


def test_regencies_by_kind():
    assert find_regencies("Kab. Kotim", VILLAGES) == ["62.02"]
    assert find_regencies("KOTA KOTIM", VILLAGES) == ["62.71"]
    assert find_regencies("Kotim", VILLAGES) == ["62.02", "62.71"]
    assert find_regencies("Kota Baru", VILLAGES) == ["63.02"]
    assert find_regencies("Bogor", VILLAGES) == []


@pytest.mark.parametrize(
    ("pack", "n_rows", "n_found"), [("kotim", 100, 92), ("kaltara", 8, 7), ("kaltim", 89, 81)]
)
def test_the_pilots_lists_equal_the_curated_matches(
    shared_data, villages_of, pack, n_rows, n_found
):
    """The curated list marks a match exact, exact in another district, fuzzy or weak."""
    villages = villages_of(pack).frame
    with (shared_data / "pilot" / pack / "blankspot.csv").open(encoding="utf-8") as file:
        rows = pd.DataFrame(csv.DictReader(file))
    rows = rows.rename(columns={"desa": "name", "kecamatan": "district", "kabupaten": "regency"})
    reference = shared_data / "reference" / "blankspot_news_lists_2017_2025.csv"
    with reference.open(encoding="utf-8") as file:
        curated = {
            (row["source_url"], row["regency"], row["district_as_printed"], row["name_as_printed"]):
            (row["village_code"] if row["match"].startswith("exact") else None, row["match"])
            for row in csv.DictReader(file)
        }  # fmt: skip
    keys = zip(rows["sumber"], rows["regency"], rows["district"], rows["name"], strict=True)
    expected, matches = zip(*(curated[key] for key in keys), strict=True)
    codes, findings = match_villages(rows, villages)
    assert [code if isinstance(code, str) else None for code in codes] == [*expected]
    elsewhere = [found for found in findings if found.code == "name-elsewhere"]
    assert len(elsewhere) == matches.count("exact_other_district")
    assert (len(rows), int(codes.notna().sum())) == (n_rows, n_found)
    assert len(findings) - len(elsewhere) == n_rows - n_found
