"""Lists of letters, and texts that may not tell who a resident is."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from geodata.errors import MissingColumn, ResidentName, ResidentNumbers
from geodata.privacy import refuse_persons
from geodata.requests import RequestImport, read_requests

HEAD = (
    "nomor_surat;tanggal_surat;jenis;kode_desa;desa;kecamatan;program;perkiraan_orang;kontak;wajib"
)
VILLAGES = pd.DataFrame(
    {
        "code": ["62.02.01.2001", "62.02.01.2002", "62.02.02.2001"],
        "name": ["Camba", "Hanjalipan", "Camba"],
        "district": ["Kota Besi", "Kota Besi", "Cempaga"],
        "regency": ["Kabupaten Kotawaringin Timur"] * 3,
    }
)
FINE = "474/1/2026;2026-11-18;desa;62.02.01.2002;;;KTP-el, kia;40;Kantor Desa;ya"


def letters(folder: Path, *rows: str) -> RequestImport:
    path = folder / "surat.csv"
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    return read_requests(path, villages=VILLAGES)


def test_letters_by_code_and_by_name(tmp_path: Path):
    found = letters(tmp_path, FINE, "17/SMA;18/11/2026;sekolah;;CAMBA;Kec. Cempaga;pemula;120;;")
    assert (found.accepted, found.refused) == (2, 0)
    (_, one), (_, other) = found.requests
    assert (one.village_code, one.kind, one.number, one.people, one.is_required) == (
        "62.02.01.2002", "village", "474/1/2026", 40, True,
    )  # fmt: skip
    assert (one.programmes, one.contact) == (("ktp_el", "kia"), "Kantor Desa")
    assert (other.village_code, other.kind, other.programmes) == (
        "62.02.02.2001", "school", ("pemula",),
    )  # fmt: skip
    assert other.letter_date == one.letter_date == date(2026, 11, 18)
    assert found.totals == {"requests": 2, "people": 160}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (FINE.replace("474/1/2026", ""), "value-missing"),
        (FINE.replace("474/1/2026", "9" * 14 + "/" * 87), "text-too-long"),
        (FINE.replace("2026-11-18", ""), "value-missing"),
        (FINE.replace("2026-11-18", "kemarin"), "date-unreadable"),
        (FINE.replace("KTP-el, kia", "paspor"), "word-unknown"),
        (FINE.replace("KTP-el, kia", ""), "value-missing"),
        (FINE.replace(";40;", ";0;"), "number-out-of-range"),
        (FINE.replace(";40;", ";100001;"), "number-out-of-range"),
        (FINE.replace(";40;", ";;"), "value-missing"),
        (FINE.replace(";desa;", ";hotel;"), "word-unknown"),
        (FINE.replace("62.02.01.2002", "62.02.09.2002"), "village-unknown"),
        (FINE.replace("62.02.01.2002;;", ";Entah;"), "name-unmatched"),
        (FINE.replace("Kantor Desa", "Bapak Sutrisno"), "contact-names-person"),
    ],
)
def test_a_row_with_a_fault_is_set_aside(tmp_path: Path, row: str, code: str):
    found = letters(tmp_path, row, FINE.replace("474/1", "474/2"))
    assert [finding.code for finding in found.findings] == [code]
    assert (found.accepted, found.refused) == (1, 1)
    assert "Sutrisno" not in str(found.findings)


@pytest.mark.parametrize("people", [1, 100_000])
def test_the_fewest_and_the_most_people(tmp_path: Path, people: int):
    found = letters(tmp_path, FINE.replace(";40;", f";{people};"))
    assert found.totals["people"] == people


def test_a_letter_counts_once_in_a_file(tmp_path: Path):
    found = letters(tmp_path, FINE, FINE)
    assert [finding.code for finding in found.findings] == ["row-duplicate"]
    assert (found.accepted, found.refused) == (1, 1)


def test_a_file_of_residents_or_without_a_column_is_refused(tmp_path: Path):
    with pytest.raises(ResidentNumbers):
        letters(tmp_path, FINE.replace("Kantor Desa", "6202015203990001"))
    path = tmp_path / "x.csv"
    path.write_text("nomor_surat,tanggal_surat\n1,2026-11-18\n", encoding="utf-8")
    with pytest.raises(MissingColumn):
        read_requests(path, villages=VILLAGES)


@pytest.mark.parametrize(
    "text",
    [
        "a.n. Budi Santoso", "Atas nama Siti", "bapak Sutrisno sakit", "Ibu Aminah", "Sdr. Joko",
        "Alm. Rahmat", "Nama: Yusuf", "Pak Haji Udin", "warga bernama Lina", "Bpk. Anang, RT 3",
        "Bapak Camat dan Bapak Yanto",
    ],
)  # fmt: skip
def test_names_that_a_letter_announces_are_refused(text: str):
    with pytest.raises(ResidentName) as refused:
        refuse_persons({"contact": text}, "request")
    told = str(refused.value)
    assert not any(name in told for name in ("Budi", "Siti", "Sutrisno", "Aminah", "Joko", "Lina"))


@pytest.mark.parametrize(
    "text",
    [
        "", "Kantor Desa Camba, Kasi Pelayanan, 0812-3456-7890", "Bapak Camat Kota Besi",
        "Ibu Kota kabupaten", "Pak Kades", "SMKN 2 Sampit, Wakil Kepala", "ibu hamil 3 orang",
        "474.4/17/DS-KBH/2026", "lansia dan anak", "Anak-anak sekolah",
    ],
)  # fmt: skip
def test_offices_and_functions_may_be_named(text: str):
    refuse_persons({"contact": text}, "request")
    with pytest.raises(ResidentNumbers):
        refuse_persons({"contact": f"{text} 6202015203990001"}, "request")
