"""Files of residents are refused, and nothing of them is repeated."""

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.boundaries import read_villages
from geodata.connectivity import read_connectivity
from geodata.counts import read_counts
from geodata.errors import ResidentNumbers, ResidentsFile
from geodata.privacy import cell_name, refuse_residents
from geodata.tables import read_sheets
from geodata.teams import read_teams

NIK = "6202014107990001"  # made up: a woman (day 41), born 1 July 1999


@pytest.mark.parametrize(
    "heading",
    ["NAMA LENGKAP", "Nama Penduduk", "NIK", "nik", "N.I.K", "NO KK", "No. KK", "TEMPAT LAHIR",
     "Tempat/Tgl Lahir", "ALAMAT", "NO_HP", "NIK (Nomor Induk Kependudukan)", "NIK/No. KK",
     "No. Telp/HP", "NAMA ANAK / NIK", "Nama Lengkap Siswa", "NAMA PEMILIH", "Nama Sesuai KTP",
     "Nama Kepala Keluarga (KK)", "NIK Pemohon", "nik_anak", "Tgl Lahir Anak", "Nama Wajib KTP",
     "NAMA PENDUDUK BELUM REKAM", "Nama Lengkap (sesuai akta)"],
)  # fmt: skip
def test_personal_columns(heading):
    with pytest.raises(ResidentsFile) as caught:
        refuse_residents([["NO", heading]], "a.xlsx [Data]")
    assert str(caught.value).startswith("a.xlsx [Data]: B1 holds")


@pytest.mark.parametrize(
    "heading",
    ["NAMA DESA", "NAMA TIM", "NAMA", "NAMA KECAMATAN", "KODE WILAYAH", "JUMLAH KK", "UNIK",
     "MEMILIKI NIK", "PENDUDUK", "tanggal", "NIK GANDA", "NIK TIDAK AKTIF", "NAMA IBU KOTA",
     "NAMA ANAK SUNGAI", "AKTA LAHIR", "KELAHIRAN", "JUMLAH ANAK", "KTP/KIA",
     "BELUM REKAM (NIK AKTIF)"],
)  # fmt: skip
def test_columns_of_villages_and_teams_are_fine(heading):
    rows = [[heading], ["62.02.01.1009"]]
    assert refuse_residents(rows, "a.csv") is None


def test_a_village_called_like_a_heading_is_told_by_its_code():
    """52.05.05.2007 in Kabupaten Dompu is called Nowa; NO. WA heads telephone numbers."""
    assert refuse_residents([["KODE", "DESA"], ["52.05.05.2007", "Nowa"]], "a.csv") is None
    assert refuse_residents([["KODE", "DESA"], [5205052007.0, "NOWA"]], "a.csv") is None
    with pytest.raises(ResidentsFile, match="C1"):
        refuse_residents([["KODE", "DESA", "No. WA"], ["52.05.05.2007", "Nowa", 8]], "a.csv")


@pytest.mark.parametrize(
    "cell",
    [NIK, f"NIK: {NIK}", f"'{NIK}", "6202 0141 0799 0001", "62.02.01.410799.0001", f"{NIK}.0",
     int(NIK), float(NIK), "9202013112990001", "6202/014107/990001", "6202_0141_0799_0001",
     "6202\u200b014107990001", "\uff16\uff12\uff10\uff12014107990001", "6,202,014,107,990,001",
     "6,202014107990001E+15", {"ket": ["x", NIK]}],
    ids=str,
)  # fmt: skip
def test_numbers_shaped_like_a_nik_are_never_repeated(cell):
    with pytest.raises(ResidentNumbers) as caught:
        refuse_residents([["x"], ["y", "z", cell]], "a.csv")
    assert "C2" in str(caught.value)
    assert "0799" not in repr(caught.value)
    assert "0799" not in repr(caught.value.params)


@pytest.mark.parametrize(
    "cell",
    [
        "620201410799000",  # 15 digits
        "62020141079900011",  # 17 digits
        "6202010007990001",  # day 00
        "6202013207990001",  # day 32
        "6202017207990001",  # day 72
        "6202014113990001",  # month 13
        "6202014100990001",  # month 00
        "6202014107990000",  # serial 0000
        "0602014107990001",  # no such province
        "6200014107990001",  # no regency 00
        "112.6202014107990001",  # decimals of a longitude
        "112.021410, -0.799001",  # a longitude and a latitude
        "197001011990031001",  # NIP of an official, 18 digits
        1234.5,
        True,
        None,
    ],
    ids=str,
)
def test_other_numbers_are_fine(cell):
    assert refuse_residents([[cell]], "a.csv") is None


@given(
    st.integers(11, 19), st.integers(1, 99), st.integers(1, 99),
    st.sampled_from([*range(1, 32), *range(41, 72)]), st.integers(1, 12), st.integers(0, 99),
    st.integers(1, 9999),
)  # fmt: skip
def test_every_number_of_that_shape_is_found(province, regency, district, day, month, year, serial):
    number = f"{province}{regency:02}{district:02}{day:02}{month:02}{year:02}{serial:04}"
    for cell in (number, int(number), f"no {number}"):
        with pytest.raises(ResidentNumbers):
            refuse_residents([[cell]], "a.csv")


def test_a_list_of_residents_below_a_table_or_on_a_hidden_sheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["KODE", "DESA", "WAJIB KTP", "SUDAH REKAM"])
    hidden = book.create_sheet("BNBA")
    hidden.sheet_state = "hidden"
    for _ in range(300):
        hidden.append(["", ""])
    hidden.append(["", "NAMA LENGKAP"])
    path = tmp_path / "rekap.xlsx"
    book.save(path)
    with pytest.raises(ResidentsFile, match=r"rekap\.xlsx \[BNBA\]: B301"):
        read_sheets(path)


READERS = {
    "counts": lambda path: read_counts(path),
    "connectivity": lambda path: read_connectivity(path, villages=None),
    "teams": lambda path: read_teams(path, villages=None),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_every_reader_of_tables_refuses_before_anything_else(tmp_path, reader):
    path = tmp_path / "warga.csv"
    path.write_text(f"nomor,desa\n{NIK},Sampit\n", encoding="utf-8")
    with pytest.raises(ResidentNumbers, match="A2"):
        reader(path)


@pytest.mark.parametrize(
    ("properties", "cell"),
    [('"nik": 1', "A1"), (f'"kode": "{NIK}"', "A2")],
    ids=["column", "value"],
)
def test_attribute_tables_of_maps_too(tmp_path, properties, cell):
    path = tmp_path / "warga.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{'
        + properties
        + '},"geometry":{"type":"Point","coordinates":[112,-2]}}]}',
        encoding="utf-8",
    )
    with pytest.raises(ResidentsFile, match=cell):
        read_villages(path)


def test_cells_are_named_as_in_a_spreadsheet():
    names = [cell_name(1, position) for position in (0, 25, 26, 51, 52, 701, 702)]
    assert names == ["A1", "Z1", "AA1", "AZ1", "BA1", "ZZ1", "AAA1"]
