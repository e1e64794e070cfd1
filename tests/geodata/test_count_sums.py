"""Sums of counts: those of the import, and those that a file prints beside codes of areas."""

from datetime import date

import pandas as pd
import pytest

from geodata.counts import read_counts
from geodata.totals import totals_by_district
from tests.geodata.test_counts import sheet

DAY = date(2024, 6, 30)


def test_a_column_that_says_nothing_has_no_sum(tmp_path):
    """No column of children at all, one of IKD that is empty, and one that is empty in Cempaga."""
    path = sheet(
        tmp_path, "kode,kecamatan,desa,wajib_ktp,sudah_rekam,ikd_aktif,belum_akta",
        "62.02.01.1009,Kota Besi,A,10,8,,-",
        "62.02.02.1009,Cempaga,B,20,15,,",
    )  # fmt: skip
    result = read_counts(path, as_of=DAY)
    known = {"wajib_ktp": 30, "sudah_rekam": 23, "belum_rekam": 7, "belum_akta": 0}
    assert result.totals == known | {"not_recorded": 7, "people_to_look_for": 7}
    frame = result.frame.assign(regency="Kotawaringin Timur")
    one, other, everything = (d["stored"] for d in totals_by_district(frame, []))
    assert one == {"wajib_ktp": 10, "sudah_rekam": 8, "belum_rekam": 2, "belum_akta": 0}
    assert other == {"wajib_ktp": 20, "sudah_rekam": 15, "belum_rekam": 5}
    assert everything == known


def test_without_the_recorded_nobody_is_said_to_be_left(tmp_path):
    path = sheet(tmp_path, "kode,desa,wajib_ktp,sudah_rekam", "62.02.01.1009,A,10,")
    assert read_counts(path, as_of=DAY).totals == {"wajib_ktp": 10}


VILLAGES = pd.DataFrame(
    [
        ("62.02.01.1009", "Hulu", "Kota Besi", "Kabupaten Kotawaringin Timur"),
        ("62.02.01.1010", "Hilir", "Kota Besi", "Kabupaten Kotawaringin Timur"),
        ("62.02.02.2004", "Patai", "Cempaga", "Kabupaten Kotawaringin Timur"),
    ],
    columns=["code", "name", "district", "regency"],
)
ABOVE = (
    "kode,desa,wajib_ktp,sudah_rekam",
    "62.02,KAB. KOTAWARINGIN TIMUR,35,23",  # 2: 10 + 20 + 5 and 8 + 11 + 4
    "62.02.01,KECAMATAN KOTA BESI,30,19",  # 3: 10 + 20 and 8 + 11
    "62.02.01.1009,Hulu,10,8",
    "62.02.01.1010,Hilir,20,11",
    "620202,Cempaga,5,4",  # 6
    "62.02.02.2004,Patai,5,4",
)


@pytest.mark.parametrize("villages", [None, VILLAGES], ids=["alone", "known"])
@pytest.mark.parametrize("order", [1, -1], ids=["above", "below"])
def test_sums_beside_codes_of_areas_are_verified_wherever_they_stand(tmp_path, order, villages):
    lines = (ABOVE[0], *ABOVE[1:][::order])
    result = read_counts(sheet(tmp_path, *lines), as_of=DAY, villages=villages)
    assert (result.accepted, result.refused) == (3, 0)
    assert {f.code for f in result.findings} == {"column-missing"}
    scopes = {total.scopes for total in result.printed_totals}
    assert scopes == {("", "62.02"), ("62.02.01",), ("62.02.02",)}


def test_a_wrong_sum_beside_the_code_of_an_area_is_told(tmp_path):
    path = sheet(tmp_path, *(line.replace("BESI,30", "BESI,31") for line in ABOVE))
    result = read_counts(path, as_of=DAY, villages=VILLAGES)
    (finding,) = [f for f in result.findings if f.code == "total-mismatch"]
    assert (finding.row, finding.column, finding.value) == (3, "wajib_ktp", "31")
    assert finding.params["computed"] == "30"


def test_a_village_whose_code_was_cut_short_is_no_sum(tmp_path):
    path = sheet(tmp_path, *ABOVE, "62.02.02,Jemaras,7,7")
    result = read_counts(path, as_of=DAY, villages=VILLAGES)
    assert [(f.code, f.row) for f in result.findings if f.severity == "refused"] == [
        ("code-unreadable", 8)
    ]
