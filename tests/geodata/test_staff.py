"""Lists of staff: read by this kind only, and no finding repeats a name or a NIP."""

from datetime import date
from pathlib import Path

import pytest

from geodata.errors import ResidentNumbers, StaffFile
from geodata.staff import StaffImport, read_staff
from geodata.tables import read_sheets

HEAD = "nama,nip,pangkat,peran,tim,cuti"
NIP = "198503122010011004"
SITI = f"Siti,{NIP},III/b,operator,A,2026-12-01 - 2026-12-05; 24/12/2026"


def staff(folder: Path, *rows: str) -> StaffImport:
    path = folder / "pegawai.csv"
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    return read_staff(path, teams=frozenset({"A", "B"}))


def test_a_person_with_leave(tmp_path: Path):
    found = staff(tmp_path, SITI, "Budi,19900101 201501 1 002,,sopir,B,")
    assert (found.accepted, found.refused, found.findings) == (2, 0, ())
    siti, budi = found.people
    assert (siti.name, siti.nip, siti.rank, siti.role, siti.team) == (
        "Siti", NIP, "III/b", "operator", "A"
    )  # fmt: skip
    assert siti.leave == (
        (date(2026, 12, 1), date(2026, 12, 5)),
        (date(2026, 12, 24), date(2026, 12, 24)),
    )
    assert (budi.nip, budi.role, budi.leave) == ("199001012015011002", "driver", ())
    assert found.totals == {"people": 2, "operators": 1, "leaves": 2}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (SITI.replace("Siti", ""), "value-missing"),
        (SITI.replace(NIP, ""), "value-missing"),
        (SITI.replace(NIP, NIP[:-1]), "nip-unreadable"),
        (SITI.replace(NIP, "198513122010011004"), "nip-unreadable"),  # month 13
        (SITI.replace(NIP, "198503322010011004"), "nip-unreadable"),  # day 32
        (SITI.replace(NIP, "198503122010013004"), "nip-unreadable"),  # neither 1 nor 2
        (SITI.replace("operator", "juru masak"), "word-unknown"),
        (SITI.replace(",A,", ",C,"), "team-unknown"),
        (SITI.replace(",A,", ",,"), "value-missing"),
        (SITI.replace("2026-12-05", "2026-11-30"), "leave-unreadable"),
        (SITI.replace("2026-12-05", "2027-12-02"), "leave-unreadable"),  # 367 days
        (SITI.replace("2026-12-05", "besok"), "leave-unreadable"),
    ],
)
def test_a_row_with_a_fault_is_set_aside_and_names_nobody(tmp_path: Path, row: str, code: str):
    found = staff(tmp_path, row, "Budi,199001012015011002,,sopir,B,")
    assert [finding.code for finding in found.findings] == [code]
    assert (found.accepted, found.refused) == (1, 1)
    assert "Siti" not in str(found.findings)
    assert "19850" not in str(found.findings)


def test_the_longest_leave(tmp_path: Path):
    assert staff(tmp_path, SITI.replace("2026-12-05", "2027-12-01")).accepted == 1  # 366 days


def test_one_person_stands_once(tmp_path: Path):
    found = staff(tmp_path, SITI, SITI.replace("Siti", "Sari"))
    assert [finding.code for finding in found.findings] == ["staff-twice"]
    assert NIP not in str(found.findings)


def test_no_other_kind_reads_a_list_of_staff(tmp_path: Path):
    path = tmp_path / "pegawai.csv"
    path.write_text(f"{HEAD}\n{SITI}\n", encoding="utf-8")
    with pytest.raises(StaffFile, match="B1"):
        read_sheets(path)


def test_a_signature_below_a_table_is_no_list_of_staff(tmp_path: Path):
    path = tmp_path / "rekap.csv"
    path.write_text(f"kode,wajib ktp\n62.02.01.1009,5\n,NIP. {NIP}\n", encoding="utf-8")
    assert len(read_sheets(path)[0].rows) == 3


def test_a_list_with_a_nik_is_refused_as_ever(tmp_path: Path):
    with pytest.raises(ResidentNumbers):
        staff(tmp_path, SITI.replace(NIP, "6202011203850004"))
