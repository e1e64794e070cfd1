"""Lists of home visits: a number by village, and nobody's name."""

from pathlib import Path

import pandas as pd
import pytest

from geodata.errors import ResidentsFile
from geodata.home_visits import HomeVisitsImport, read_home_visits

VILLAGES = pd.DataFrame(
    {
        "code": ["62.02.01.2001", "62.02.01.2002"],
        "name": ["Camba", "Hanjalipan"],
        "district": ["Kota Besi"] * 2,
        "regency": ["Kabupaten Kotawaringin Timur"] * 2,
    }
)


def read(folder: Path, *rows: str, head: str = "kode_desa,kunjungan_rumah") -> HomeVisitsImport:
    path = folder / "rumah.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return read_home_visits(path, villages=VILLAGES)


@pytest.mark.parametrize("number", [0, 1, 1000])
def test_numbers_by_village(tmp_path: Path, number: int):
    found = read(tmp_path, f"62.02.01.2001,{number}", "62.02.01.2002,7")
    assert found.numbers == {"62.02.01.2001": number, "62.02.01.2002": 7}
    assert found.totals == {"villages": 2, "home_visits": number + 7}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("62.02.01.2001,-1", "number-out-of-range"),
        ("62.02.01.2001,1001", "number-out-of-range"),
        ("62.02.01.2001,", "value-missing"),
        ("62.02.01.2001,tiga", "number-unreadable"),
        ("62.02.09.2001,3", "village-unknown"),
        ("62.02.01.2002,3", "row-duplicate"),
    ],
)
def test_a_row_with_a_fault_is_set_aside(tmp_path: Path, row: str, code: str):
    found = read(tmp_path, "62.02.01.2002,7", row)
    assert [finding.code for finding in found.findings] == [code]
    assert (found.accepted, found.refused, found.numbers) == (1, 1, {"62.02.01.2002": 7})


def test_a_village_is_named_by_its_code_or_by_name_and_district(tmp_path: Path):
    head = "kode_desa,desa,kecamatan,kunjungan_rumah"
    rows = ("62.02.01.2001,,,3", ",Hanjalipan,Kec. Kota Besi,4", ",Camba,Kota Besi,5", ",,,6")
    found = read(tmp_path, *rows, head=head)
    assert found.numbers == {"62.02.01.2001": 3, "62.02.01.2002": 4}
    assert [(f.row, f.code) for f in found.findings] == [
        (5, "name-unmatched"),
        (4, "row-duplicate"),
    ]


def test_a_list_of_people_is_refused(tmp_path: Path):
    with pytest.raises(ResidentsFile):
        read(tmp_path, "62.02.01.2001,1,Budi", head="kode_desa,kunjungan_rumah,nama_warga")
