"""Sums of counts: those of the import, and those that a file prints beside codes of areas."""

from datetime import date

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
