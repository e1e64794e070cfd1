"""Counts in BPS codes, earlier codes and spoilt ones, through the reader of counts."""

import csv
from datetime import date

import openpyxl
import pandas as pd
import pytest

from geodata.columns import COUNT_COLUMNS
from geodata.counts import read_counts
from geodata.crosswalk import read_crosswalk
from geodata.errors import BadCodes, CrosswalkNeeded, DuplicateCodes
from geodata.findings import summarise
from tests.geodata.pilot_codes import VILLAGES, crosswalk, pairs, pilot_villages, witnesses

DAY = date(2024, 6, 30)


@pytest.fixture(scope="module")
def lists(shared_data):
    """Villages and crosswalks of the pilots, as a program would read them."""
    folder = shared_data / "reference"
    return (
        pilot_villages(shared_data),
        read_crosswalk(folder / "crosswalk_kemendagri_bps2020_pilots.csv"),
        read_crosswalk(folder / "code_changes_2020_2025_pilots.csv"),
    )


def answer(shared_data, pack):
    """Read a pilot's counts without the product: village code to its eight numbers."""
    folder = shared_data / "pilot" / pack
    if pack == "kaltim":
        book = openpyxl.load_workbook(folder / "rekap_perekaman_desa.xlsx", read_only=True)
        lines = []
        for page in book.worksheets:
            head, *body = page.iter_rows(values_only=True)
            lines += [dict(zip(head, cells, strict=True)) for cells in body if cells[0]]
        return lines
    name = "rekap_perekaman_desa_kunci.csv" if pack == "kotim" else "rekap_perekaman_desa.csv"
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("pack", "n_mapped"), [("kotim", 185), ("kaltara", 477), ("kaltim", 1018)]
)  # fmt: skip
def test_pilot_counts_in_bps_codes_come_back_to_the_answer(
    shared_data, tmp_path, lists, pack, n_mapped
):
    villages, bps, changes = lists
    of_bps = dict(pairs(shared_data)[["village_code", "bps_code"]].to_numpy())
    lines = [line for line in answer(shared_data, pack) if line["kode"] in of_bps]
    path = tmp_path / "rekap.csv"
    frame = pd.DataFrame(lines)
    frame.assign(kode=frame["kode"].map(of_bps)).to_csv(path, index=False)
    result = read_counts(path, as_of=DAY, villages=villages, crosswalk=bps, changes=changes)
    assert (len(lines), result.accepted, result.refused) == (n_mapped, n_mapped, 0)
    assert result.frame["code"].tolist() == [line["kode"] for line in lines]
    for column in COUNT_COLUMNS:
        assert result.frame[column].tolist() == [int(line[column]) for line in lines]


def test_the_dirty_workbook_of_kotim_is_read_alike_with_villages_known(kotim, lists):
    villages, bps, changes = lists
    path = kotim / "rekap_perekaman_desa.xlsx"
    alone = read_counts(path)
    known = read_counts(path, villages=villages, crosswalk=bps, changes=changes)
    pd.testing.assert_frame_equal(known.frame, alone.frame)
    assert witnesses(known.findings) == ("Kemendagri", 185, 0, 0)
    plain = [f for f in summarise(known.findings) if f["code"] != "code-scheme"]
    assert plain == summarise(alone.findings)


def test_counts_in_bps_codes_without_a_crosswalk_are_refused(shared_data, tmp_path):
    known = pairs(shared_data).iloc[:3]
    lines = [f"{row.bps_code},{row.name_},1,1" for row in known.rename(
        columns={"name": "name_"}).itertuples()]  # fmt: skip
    path = tmp_path / "rekap.csv"
    path.write_text("\n".join(["kode,desa,wajib_ktp,sudah_rekam", *lines]), encoding="utf-8")
    with pytest.raises(CrosswalkNeeded, match=r"rekap\.csv"):
        read_counts(path, as_of=DAY, villages=pilot_villages(shared_data))


def test_counts_set_aside_for_their_code_still_take_part_in_the_sums(tmp_path):
    path = tmp_path / "rekap.csv"
    lines = [
        "kode,kecamatan,desa,wajib_ktp,sudah_rekam",
        "62.10.01.2001,Sepang,Tampang,100,90",
        "6.21E+09,,Sepang Kota,50,40",
        ",,JUMLAH,150,130",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = read_counts(path, as_of=DAY, villages=VILLAGES)
    assert result.frame["code"].tolist() == ["62.10.01.2001"]
    assert (result.accepted, result.refused) == (1, 1)
    assert [(f.code, f.row, f.value) for f in result.findings if f.severity != "info"] == [
        ("code-digits-lost", 3, "6.21E+09")
    ]
    with pytest.raises(BadCodes, match=r"6\.21E\+09"):
        read_counts(path, as_of=DAY)


def test_two_old_codes_that_became_one_village_are_not_added_up_in_silence(tmp_path):
    changes = crosswalk(
        "changes",
        ("62.10.02.2001", "Hulu", "62.10.01.2001", "Tampang"),
        ("62.10.02.2002", "Hilir", "62.10.01.2001", "Tampang"),
    )
    path = tmp_path / "rekap.csv"
    lines = ["kode,desa,wajib_ktp,sudah_rekam", "62.10.02.2001,Hulu,1,1", "62.10.02.2002,Hilir,1,1"]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DuplicateCodes, match=r"62\.10\.01\.2001 \(2, 3\)"):
        read_counts(path, as_of=DAY, villages=VILLAGES, changes=changes)
