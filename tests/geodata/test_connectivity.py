"""Signal lists, towers, and which report of a village holds."""

import csv
from collections import Counter
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.boundaries import read_villages
from geodata.connectivity import newest, read_connectivity
from geodata.errors import BadCodes, EmptyFile, MissingColumn

VILLAGES = pd.DataFrame(
    [
        ("62.02.01.2001", "Suka Maju", "Kota Besi", "Kabupaten Kotim"),
        ("62.02.02.2001", "Suka Maju", "Cempaga", "Kabupaten Kotim"),
        ("62.02.02.2002", "Patai", "Cempaga", "Kabupaten Kotim"),
    ],
    columns=["code", "name", "district", "regency"],
)


def write(tmp_path, *lines, name="sinyal.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PACKS = pytest.mark.parametrize("pack", ["kotim", "kaltara", "kaltim"])


@PACKS
def test_pilot_signal_by_code(shared_data, pack):
    folder = shared_data / "pilot" / pack
    villages = read_villages(folder / "batas_desa.gpkg").frame
    result = read_connectivity(folder / "sinyal_desa.csv", villages=villages)
    words = Counter(row["sinyal_telepon"] for row in rows_of(folder / "sinyal_desa.csv"))
    assert result.totals == {
        "none": words["tidak ada"],
        "weak": words["lemah"],
        "strong": words["kuat"],
        "very_strong": words["sangat kuat"],
    }
    assert (result.kind, result.accepted, result.findings) == ("status", len(villages), ())
    assert set(result.frame["observed_on"]) == {date(2024, 12, 31)}
    assert set(result.frame["source"]) == {"sinyal_desa.csv"}


@pytest.mark.parametrize(
    ("pack", "unmatched"),
    [
        ("kotim", {"Sei Ubar Mandiri": 2, "Tumbang Bajenei": 2, "Mirah": 2, "Tumbang Hanya": 1,
                   "Tumbang Mijam": 1}),
        ("kaltara", {"Long Lejoh": 1}),
        ("kaltim", {"Tanjung Mangkalihat": 1, "Sallo Cella": 1, "Wonosari Rimba Ayu": 1,
                    "Muara Tuboq": 1, "Muara Nilik": 1, "Sumber Mulia": 1, "Suka Muria": 1,
                    "Purnasari": 1}),
    ],
)  # fmt: skip
def test_pilot_blank_spots_by_name(shared_data, pack, unmatched):
    """The names were looked up by hand in the code list: each is spelled otherwise there."""
    folder = shared_data / "pilot" / pack
    villages = read_villages(folder / "batas_desa.gpkg").frame
    result = read_connectivity(folder / "blankspot.csv", villages=villages)
    printed = rows_of(folder / "blankspot.csv")
    assert Counter(f.value for f in result.findings) == unmatched
    assert {f.code for f in result.findings} == {"name-unmatched"}
    assert (result.accepted, result.refused) == (
        len(printed) - sum(unmatched.values()), sum(unmatched.values()),
    )  # fmt: skip
    names = villages.set_index("code")["name"]
    for row in result.frame.to_dict("records"):
        line = printed[row["row"] - 2]
        assert line["desa"][-2:].lower() == names[row["code"]][-2:].lower()
        assert (row["source"], row["status"]) == (line["sumber"], line["status"])
        is_partial = line["status"] in ("blank_spot_partial", "partial", "very_limited")
        assert row["signal"] == ("weak" if is_partial else "none")
        assert (row["observed_on"] is None) == (line["tanggal"] == "unknown")


@PACKS
def test_pilot_towers(shared_data, pack):
    folder = shared_data / "pilot" / pack
    villages = read_villages(folder / "batas_desa.gpkg").frame
    result = read_connectivity(folder / "menara_bts.csv", villages=villages)
    printed = rows_of(folder / "menara_bts.csv")
    assert (result.kind, result.findings) == ("tower", ())
    assert result.totals == {"towers": len(printed)}
    columns = ["site_id", "lon", "lat", "status", "code"]
    expected = [
        [r["site_id"], float(r["lon"]), float(r["lat"]), r["status"], r["village_code"]]
        for r in printed
    ]
    assert result.frame[columns].to_numpy().tolist() == expected


@pytest.mark.parametrize(
    ("word", "signal"),
    [
        ("tidak ada", "none"), ("LEMAH", "weak"), ("Kuat ", "strong"),
        ("Sangat  Kuat", "very_strong"),
        ("blank_spot", "none"), ("blank_spot_internet", "none"), ("no_bts", "none"),
        ("no_signal", "none"), ("tanpa internet", "none"), ("Tidak ada sinyal", "none"),
        ("blank_spot_partial", "weak"), ("partial", "weak"), ("very_limited", "weak"),
        ("sinyal lemah", "weak"),
    ],
)  # fmt: skip
def test_words(tmp_path, word, signal):
    path = write(tmp_path, "kode,sinyal", f"62.02.01.2001,{word}")
    frame = read_connectivity(path, villages=VILLAGES).frame
    assert frame["signal"].tolist() == [signal]
    assert frame["status"].tolist() == [" ".join(word.split())]


@pytest.mark.parametrize(
    ("line", "code", "value"),
    [
        ("62.02.01.2001,,,lumayan,2024", "word-unknown", "lumayan"),
        ("62.02.01.2001,,,,2024", "word-unknown", ""),
        ("62.02.01.2001,,,kuat,kemarin", "date-unreadable", "kemarin"),
        (",,,kuat,2024", "value-missing", ""),
        (",Cempaga,Entah,kuat,2024", "name-unmatched", "Entah"),
        (",,Suka Maju,kuat,2024", "name-ambiguous", "Suka Maju"),
    ],
)
def test_one_bad_row_is_set_aside(tmp_path, line, code, value):
    path = write(tmp_path, "kode,kecamatan,desa,sinyal,tahun", line, ",Cempaga,Sukamaju,kuat,2024")
    result = read_connectivity(path, villages=VILLAGES)
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.row, finding.value) == (
        code, "refused", 2, value,
    )  # fmt: skip
    assert (result.accepted, result.refused) == (1, 1)
    assert result.frame["code"].tolist() == ["62.02.02.2001"]


def test_codes_are_repaired_compared_with_names_and_kept_when_unknown(tmp_path):
    path = write(
        tmp_path, "kode,desa,sinyal",
        "6202012001,Suka Maju,kuat",
        "62.02.02.2002,Pulau Lain,kuat",
        "65.02.02.2002,Jauh,kuat",
    )  # fmt: skip
    result = read_connectivity(path, villages=VILLAGES)
    assert result.frame["code"].tolist() == ["62.02.01.2001", "62.02.02.2002", "65.02.02.2002"]
    assert [(f.code, f.row) for f in result.findings] == [("code-undotted", 2), ("name-differs", 3)]
    assert (result.accepted, result.corrected, result.refused) == (3, 1, 0)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["kode,sinyal", "62.1,kuat"], BadCodes),
        (["kode,desa", "62.02.01.2001,A"], MissingColumn),
        (["sinyal,tahun", "kuat,2024"], MissingColumn),
        (["apa,saja", "1,2"], MissingColumn),
        (["kode,sinyal"], EmptyFile),
    ],
)
def test_the_whole_file_is_refused(tmp_path, lines, error):
    with pytest.raises(error, match=r"sinyal\.csv"):
        read_connectivity(write(tmp_path, *lines), villages=VILLAGES)


@pytest.mark.parametrize(
    ("name", "as_of", "days"),
    [
        ("sinyal.csv", None, [date(2023, 3, 31), None, None]),
        ("sinyal_2024-06-30.csv", None, [date(2023, 3, 31), None, date(2024, 6, 30)]),
        ("sinyal_2024-06-30.csv", date(2025, 1, 2), [date(2023, 3, 31), None, date(2025, 1, 2)]),
    ],
)
def test_days_of_rows(tmp_path, name, as_of, days):
    path = write(
        tmp_path, "kode,sinyal,tanggal,sumber",
        "62.02.01.2001,kuat,2023-03,Dinas",
        "62.02.02.2001,kuat,unknown,",
        "62.02.02.2002,kuat,,",
        name=name,
    )  # fmt: skip
    frame = read_connectivity(path, villages=VILLAGES, as_of=as_of, source="Rapat").frame
    assert frame["observed_on"].tolist() == days
    assert frame["source"].tolist() == ["Dinas", "Rapat", "Rapat"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("B,-2.5,112.9,", "coordinates-swapped"),
        ("B,12.9,-2.5,", "coordinates-out-of-range"),
        ("B,utara,-2.5,", "number-unreadable"),
        ("B,,-2.5,", "value-missing"),
        (",112.9,-2.5,", "value-missing"),
        ("A,112.9,-2.5,", "row-duplicate"),
    ],
)
def test_a_bad_tower_is_set_aside(tmp_path, line, code):
    path = write(tmp_path, "site_id,lon,lat,kode", 'A,"112,9",-2.5,62.1', line)
    result = read_connectivity(path, villages=VILLAGES)
    assert result.kind == "tower"
    assert [(f.code, f.severity, f.row) for f in result.findings] == [
        ("code-unreadable", "warning", 2), (code, "refused", 3),
    ]  # fmt: skip
    assert result.frame[["site_id", "lon", "lat", "code"]].to_numpy().tolist() == [
        ["A", 112.9, -2.5, None]
    ]


def reports(*rows):
    return pd.DataFrame(rows, columns=["code", "signal", "observed_on"], dtype=object)


OLD, NEW = date(2021, 3, 5), date(2024, 12, 31)


@pytest.mark.parametrize(
    ("rows", "winner"),
    [
        ([("a", "none", OLD), ("a", "strong", NEW)], 1),
        ([("a", "strong", NEW), ("a", "none", OLD)], 0),
        ([("a", "strong", OLD), ("a", "none", None)], 0),
        ([("a", "strong", NEW), ("a", "none", NEW), ("a", "weak", NEW)], 1),
        ([("a", "none", NEW), ("a", "none", NEW)], 1),
        ([("a", "none", None), ("a", "strong", None)], 0),
    ],
    ids=["newer", "newer-first", "dated", "worse", "later", "undated-worse"],
)
def test_which_report_holds(rows, winner):
    winners, losers = newest(reports(*rows, ("b", "weak", OLD)))
    assert winners.index.tolist() == [winner, len(rows)]
    assert losers.index.tolist() == [n for n in range(len(rows)) if n != winner]


SIGNALS = ["none", "weak", "strong", "very_strong"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(SIGNALS),
            st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4)),
        ),
        max_size=12,
    )
)
def test_no_report_beats_the_one_that_holds(rows):
    winners, losers = newest(reports(*rows))
    assert sorted([*winners.index, *losers.index]) == list(range(len(rows)))
    best = {
        row[0]: n for n, row in zip(winners.index, winners.itertuples(index=False), strict=True)
    }
    assert set(best) == {code for code, _, _ in rows}
    for n, (code, signal, day) in enumerate(rows):
        held_signal, held_day = rows[best[code]][1:]
        assert (day or date.min) <= (held_day or date.min)
        if day == held_day:
            assert SIGNALS.index(held_signal) <= SIGNALS.index(signal)
            assert signal != held_signal or best[code] >= n


def test_an_empty_list_has_no_winner():
    winners, losers = newest(reports())
    assert winners.empty
    assert losers.empty
