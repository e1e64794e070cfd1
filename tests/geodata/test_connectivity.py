"""Lists of signal, power and towers."""

import csv
import gzip
from collections import Counter
from datetime import date

import pandas as pd
import pytest

from geodata.connectivity import read_connectivity
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
def test_pilot_signal_by_code(shared_data, villages_of, pack):
    folder = shared_data / "pilot" / pack
    villages = villages_of(pack).frame
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
def test_pilot_blank_spots_by_name(shared_data, villages_of, pack, unmatched):
    """The names were looked up by hand in the code list: each is spelled otherwise there."""
    folder = shared_data / "pilot" / pack
    villages = villages_of(pack).frame
    result = read_connectivity(folder / "blankspot.csv", villages=villages)
    printed = rows_of(folder / "blankspot.csv")
    refused = [found for found in result.findings if found.severity == "refused"]
    assert Counter(found.value for found in refused) == unmatched
    assert {found.code for found in refused} == {"name-unmatched"}
    assert {f.code for f in result.findings} <= {"name-unmatched", "name-elsewhere"}
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
def test_pilot_towers(shared_data, villages_of, pack):
    folder = shared_data / "pilot" / pack
    villages = villages_of(pack).frame
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
        ("62.02.01.2001,,,,2024", "value-missing", ""),
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
    assert [(f.code, f.row) for f in result.findings] == [
        ("code-scheme", None), ("code-undotted", 2), ("name-differs", 3),
    ]  # fmt: skip
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
        ("tower-codes-undecided", "warning", None), (code, "refused", 3),
    ]  # fmt: skip
    assert result.frame[["site_id", "lon", "lat", "code"]].to_numpy().tolist() == [
        ["A", 112.9, -2.5, None]
    ]


def test_another_state_or_day_of_a_tower_is_no_repeat(tmp_path):
    path = write(
        tmp_path, "site_id,lon,lat,status,tanggal",
        "A,112.9,-2.5,on air,2020", "A,112.9,-2.5,mati,2024", "A,112.9,-2.5,mati,2024",
    )  # fmt: skip
    result = read_connectivity(path, villages=VILLAGES)
    assert result.frame["state"].tolist() == ["on_air", "off"]
    assert [(f.code, f.row, f.params) for f in result.findings] == [
        ("row-duplicate", 4, {"first_row": 3})
    ]


def test_a_row_of_a_day_to_come_is_set_aside(tmp_path):
    path = write(
        tmp_path, "kode,sinyal,tanggal", "62.02.01.2001,kuat,2099-01-01", "62.02.02.2001,kuat,2024"
    )
    result = read_connectivity(path, villages=VILLAGES)
    assert [(f.code, f.severity, f.row) for f in result.findings] == [
        ("date-to-come", "refused", 2)
    ]
    assert result.frame["observed_on"].tolist() == [date(2024, 12, 31)]


def test_every_row_has_an_id_a_definition_and_a_confidence(tmp_path):
    path = write(
        tmp_path, "kode,sinyal,tanggal",
        "62.02.01.2001,kuat,2024", "62.02.01.2001,blank_spot,2024", "62.02.01.2001,lemah,unknown",
    )  # fmt: skip
    frame = read_connectivity(path, villages=VILLAGES).frame
    assert frame[["id", "definition", "confidence"]].to_numpy().tolist() == [
        ["sinyal.csv:2", "phone_signal", "high"],
        ["sinyal.csv:3", "blank_spot", "medium"],
        ["sinyal.csv:4", "phone_signal", "low"],
    ]


def test_a_list_may_state_definition_and_confidence(tmp_path):
    path = write(
        tmp_path, "kode,sinyal,tahun,definisi,keyakinan",
        "62.02.01.2001,kuat,2024,di kantor desa,Rendah", "62.02.01.2001,lemah,2024,,entah",
    )  # fmt: skip
    result = read_connectivity(path, villages=VILLAGES)
    assert result.frame[["definition", "confidence"]].to_numpy().tolist() == [
        ["di kantor desa", "low"], ["phone_signal", "high"],
    ]  # fmt: skip
    assert [(f.code, f.severity, f.row, f.value) for f in result.findings] == [
        ("word-unknown", "warning", 3, "entah")
    ]


@pytest.mark.parametrize(
    ("line", "signal", "definition", "printed"),
    [
        ("kuat,4G,ya", "strong", "phone_signal", "kuat, 4G, 4G ya"),
        ("sangat kuat,4G/LTE,", "very_strong", "phone_signal", "sangat kuat, 4G/LTE"),
        ("sangat kuat,3G,", "weak", "internet", "sangat kuat, 3G"),
        ("kuat,2.5G/E/GPRS,", "weak", "internet", "kuat, 2.5G/E/GPRS"),
        ("kuat,tidak ada sinyal internet,", "none", "internet",
         "kuat, tidak ada sinyal internet"),
        ("tidak ada,4G,ya", "none", "phone_signal", "tidak ada, 4G, 4G ya"),
        ("kuat,,tidak", "weak", "has_4g", "kuat, 4G tidak"),
        (",,ya", "strong", "has_4g", "4G ya"),
        (",,2", "weak", "has_4g", "4G 2"),
        (",4G,", "strong", "internet", "4G"),
        ("no_bts,,", "none", "tower_site", "no_bts"),
        ("Starlink aktif,,", "strong", "programme", "Starlink aktif"),
        ("non 4G,,", "weak", "has_4g", "non 4G"),
        ("lemah,4G,ya", "weak", "phone_signal", "lemah, 4G, 4G ya"),
    ],
)  # fmt: skip
def test_recording_needs_the_internet_and_not_the_telephone(
    tmp_path, line, signal, definition, printed
):
    path = write(tmp_path, "kode,sinyal,sinyal_internet,4g", f"62.02.01.2001,{line}")
    (row,) = read_connectivity(path, villages=VILLAGES).frame.to_dict("records")
    assert (row["signal"], row["definition"], row["status"]) == (signal, definition, printed)


@pytest.mark.parametrize(("column", "value"), [("internet", "cepat"), ("has_4g", "mungkin")])
def test_an_unknown_kind_of_internet_is_set_aside(tmp_path, column, value):
    internet, has_4g = (value, "") if column == "internet" else ("", value)
    path = write(
        tmp_path, "kode,sinyal,sinyal_internet,4g",
        f"62.02.01.2001,kuat,{internet},{has_4g}", "62.02.01.2001,kuat,,",
    )  # fmt: skip
    result = read_connectivity(path, villages=VILLAGES)
    assert [(f.code, f.row, f.column, f.value) for f in result.findings] == [
        ("word-unknown", 2, column, value)
    ]
    assert result.accepted == 1


def test_the_census_is_read_by_name_and_each_village_once(shared_data):
    """BPS 3579010001 is Oro-oro Ombo, Kemendagri 35.79.01.2006: its digits must not be used."""
    with gzip.open(
        shared_data / "reference" / "codes_indonesia_kepmendagri_2430_2025.csv.gz", "rt"
    ) as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    batu = [code for code in names if code.startswith("35.79.") and len(code) == 13]
    villages = pd.DataFrame({
        "code": batu, "name": [names[code] for code in batu],
        "district": [names[code[:8]] for code in batu], "regency": names["35.79"],
    })  # fmt: skip
    path = shared_data / "reference" / "podes2024_kota_batu_sample.csv"
    result = read_connectivity(path, villages=villages, as_of=date(2024, 12, 31))
    printed = rows_of(path)
    answers = {row["NAMA_DESA"]: row["R1005C"] for row in printed}
    assert (len(printed), len(answers)) == (638, 24)
    assert Counter(answers.values()) == {"1": 16, "2": 8}
    assert result.totals == {"none": 0, "weak": 0, "strong": 8, "very_strong": 16}
    assert [(f.code, f.value) for f in result.findings] == [("rows-repeated", "614")]
    by_code = result.frame.set_index("code")
    assert sorted(by_code.index) == sorted(batu)
    assert by_code.loc["35.79.01.2006", "signal"] == "very_strong"
    assert by_code.loc["35.79.01.2006", "status"] == f"R1005C {answers['ORO-ORO OMBO']}, R1005D 1"
    assert set(by_code["definition"]) == {"phone_signal"}
    assert set(by_code["confidence"]) == {"high"}


def test_answers_of_the_census(tmp_path):
    """Question 1005 c counts 1 sangat kuat to 4 tidak ada; d: 1 4G, 2 3G, 3 2.5G, 4 tidak ada."""
    path = write(
        tmp_path, "IDDESA,NAMA_KAB,NAMA_KEC,NAMA_DESA,R501A1,R1005C,R1005D",
        "6202010001,KOTIM,KOTA BESI,SUKA MAJU,312,1,1",
        "6202020001,KOTIM,CEMPAGA,SUKA MAJU,0,3,1",
        "6202020002,KOTIM,CEMPAGA,PATAI,,2,4",
        "6202020002,KOTIM,CEMPAGA,PATAI,lima,4,1",
        "6202020002,KOTIM,CEMPAGA,PATAI,1,5,1",
    )  # fmt: skip
    result = read_connectivity(path, villages=VILLAGES)
    assert result.frame[["code", "signal"]].to_numpy().tolist() == [
        ["62.02.01.2001", "very_strong"], ["62.02.02.2001", "weak"], ["62.02.02.2002", "none"],
        ["62.02.02.2002", "none"],
    ]  # fmt: skip
    assert result.power[["code", "power", "status"]].to_numpy().tolist() == [
        ["62.02.01.2001", "yes", "R501A1 312"], ["62.02.02.2001", "no", "R501A1 0"],
    ]  # fmt: skip
    assert [(f.code, f.severity, f.row, f.value) for f in result.findings] == [
        ("number-unreadable", "warning", 5, "lima"), ("word-unknown", "refused", 6, "5"),
    ]  # fmt: skip


@pytest.mark.parametrize("heading", ["listrik", "PLN", "listrik_pln"])
def test_a_list_of_power_alone(tmp_path, heading):
    path = write(
        tmp_path, f"kode,{heading},tahun",
        "62.02.01.2001,PLN,2025", "62.02.02.2001,belum,2025", "62.02.02.2002,,2025",
        "62.02.02.2002,tidak diketahui,2025", "62.02.02.2002,kadang,2025",
    )  # fmt: skip
    result = read_connectivity(path, villages=VILLAGES)
    assert (result.kind, len(result.frame)) == ("status", 0)
    columns = ["id", "code", "power", "observed_on", "confidence"]
    assert result.power[columns].to_numpy().tolist() == [
        ["sinyal.csv:2", "62.02.01.2001", "yes", date(2025, 12, 31), "medium"],
        ["sinyal.csv:3", "62.02.02.2001", "no", date(2025, 12, 31), "medium"],
    ]  # fmt: skip
    assert (result.totals["power_yes"], result.totals["power_no"]) == (1, 1)
    assert [(f.code, f.severity, f.row, f.column, f.value) for f in result.findings] == [
        ("value-missing", "refused", 4, "power", ""),
        ("value-missing", "refused", 5, "power", "tidak diketahui"),
        ("word-unknown", "warning", 6, "power", "kadang"),
        ("value-missing", "refused", 6, "power", "kadang"),
    ]


@pytest.mark.parametrize(
    ("word", "state"),
    [("ON AIR", "on_air"), ("aktif", "on_air"), ("OFF", "off"), ("rusak", "off"),
     ("Rencana", "planned"), ("belum on air", "planned"), ("", "unknown"), ("lama", "unknown")],
)  # fmt: skip
def test_states_of_a_tower(tmp_path, word, state):
    path = write(tmp_path, "site_id,lon,lat,status", f"A,112.9,-2.5,{word}")
    result = read_connectivity(path, villages=VILLAGES)
    assert result.frame["state"].tolist() == [state]
    assert [f.code for f in result.findings] == (["word-unknown"] if word == "lama" else [])


def test_towers_without_a_status_column_stand(tmp_path):
    path = write(tmp_path, "site_id,lon,lat", "A,112.9,-2.5")
    assert read_connectivity(path, villages=VILLAGES).frame["state"].tolist() == ["on_air"]


@pytest.mark.parametrize(
    ("radius", "read", "codes"),
    [("10", [10.0], []), ('"7,5"', [7.5], []), ("100", [100.0], []), ("", [None], []),
     ("0", [], ["number-out-of-range"]), ("100.1", [], ["number-out-of-range"]),
     ("jauh", [], ["number-unreadable"])],
)  # fmt: skip
def test_the_radius_of_a_tower(tmp_path, radius, read, codes):
    path = write(tmp_path, "site_id,lon,lat,radius_km", "Z,112.8,-2.5,1", f"A,112.9,-2.5,{radius}")
    result = read_connectivity(path, villages=VILLAGES)
    assert [f.code for f in result.findings] == codes
    radii = result.frame["radius_km"].astype(object).tolist()[1:]
    assert [None if pd.isna(radius_km) else radius_km for radius_km in radii] == read


@pytest.mark.parametrize(
    ("lat", "n_towers", "code"),
    # One degree along a meridian is 110,574 m at the equator: 0.009 is 995 m and 0.0091 1,006 m.
    [("0.009", 1, "row-duplicate"), ("0.0091", 2, "site-id-shared")],
)
def test_one_id_is_one_tower_within_a_kilometre(tmp_path, lat, n_towers, code):
    path = write(tmp_path, "site_id,lon,lat", "A,112.9,0", f"A,112.9,{lat}")
    result = read_connectivity(path, villages=VILLAGES)
    assert len(result.frame) == n_towers
    assert [(f.code, f.row, f.params["first_row"]) for f in result.findings] == [(code, 3, 2)]


def test_the_national_list_shares_42_ids_between_towers_far_apart(shared_data):
    path = shared_data / "reference" / "bakti_bts4g_sites_indonesia.csv"
    result = read_connectivity(path, villages=VILLAGES)
    counted = Counter(row["site_id"] for row in rows_of(path))
    assert sorted(f.value for f in result.findings) == sorted(
        site for site, n in counted.items() if n > 1
    )
    assert {f.code for f in result.findings} == {"site-id-shared"}
    assert (len(result.findings), result.accepted, result.refused) == (42, 4727, 0)
