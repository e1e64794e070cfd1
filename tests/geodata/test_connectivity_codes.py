"""Lists of signal in BPS codes, earlier codes and spoilt ones, through their reader."""

import pandas as pd
import pytest

from geodata.connectivity import read_connectivity
from geodata.errors import CrosswalkNeeded, MixedCodeSchemes, UndecidedCodeScheme
from tests.geodata.pilot_codes import VILLAGES, crosswalk, pairs, pilot_villages, witnesses

BPS = crosswalk(
    "bps",
    ("6210010001", "Tampang", "62.10.01.2001", "Tampang"),
    ("6210010002", "Sepang", "62.10.01.2002", "Sepang Kota"),
)


def write(tmp_path, *lines):
    path = tmp_path / "sinyal.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("pack", ["kotim", "kaltara", "kaltim"])
def test_pilot_signal_in_bps_codes_comes_back_to_its_villages(shared_data, tmp_path, pack):
    known = pairs(shared_data)
    columns = ["bps_code", "bps_name", "village_code", "name"]
    bps = crosswalk("bps", *known[columns].itertuples(index=False))
    signal = pd.read_csv(shared_data / "pilot" / pack / "sinyal_desa.csv", dtype=str)
    joined = signal.merge(known, left_on="kode", right_on="village_code")
    path = tmp_path / "sinyal.csv"
    joined.assign(kode=joined["bps_code"])[list(signal.columns)].to_csv(path, index=False)
    result = read_connectivity(path, villages=pilot_villages(shared_data), crosswalk=bps)
    assert result.frame["code"].tolist() == joined["village_code"].tolist()
    assert result.frame["status"].tolist() == joined["sinyal_telepon"].tolist()
    assert witnesses(result.findings) == ("BPS", 0, len(joined), 0)
    with pytest.raises(CrosswalkNeeded, match=r"sinyal\.csv"):
        read_connectivity(path, villages=pilot_villages(shared_data))


def test_codes_of_the_census_are_used_with_a_crosswalk_and_names_without(tmp_path):
    lines = ["6210010001,Tampang,1", "6210010001,Tampang,1", "6210010002,Sepang,4",
             "6210100001,Tewah,2"]  # fmt: skip
    path = write(tmp_path, "IDDESA,NAMA_DESA,R1005C", *lines)
    with_crosswalk = read_connectivity(path, villages=VILLAGES, crosswalk=BPS)
    # The crosswalk does not have 6210100001: Tewah is found by its name.
    codes = ["62.10.01.2001", "62.10.01.2002", "62.10.10.2001"]
    assert with_crosswalk.frame["code"].tolist() == codes
    assert (with_crosswalk.accepted, with_crosswalk.refused) == (3, 0)
    (renamed,) = (f for f in with_crosswalk.findings if f.code == "village-renamed")
    assert (renamed.row, renamed.value, renamed.params["name"]) == (4, "Sepang", "Sepang Kota")
    by_name = read_connectivity(path, villages=VILLAGES)
    assert by_name.frame["code"].tolist() == [codes[0], codes[2]]
    assert [(f.code, f.row) for f in by_name.findings] == [
        ("rows-repeated", None), ("name-unmatched", 4),
    ]  # fmt: skip


def test_a_row_whose_code_is_set_aside_is_not_found_by_its_name_instead(tmp_path):
    path = write(
        tmp_path,
        "kode,desa,sinyal",
        "6.21E+09,Tampang,kuat",
        "62.10.01.2002,Sepang Kota,kuat",
        ",Tewah,lemah",
    )
    result = read_connectivity(path, villages=VILLAGES)
    assert result.frame["code"].tolist() == ["62.10.01.2002", "62.10.10.2001"]
    assert [(f.code, f.severity, f.row) for f in result.findings] == [
        ("code-scheme", "info", None), ("code-digits-lost", "refused", 2),
    ]  # fmt: skip
    assert (result.accepted, result.refused) == (2, 1)


def test_earlier_codes_become_those_of_today(tmp_path):
    changes = crosswalk("changes", ("62.10.09.2001", "Tampang", "62.10.01.2001", "Tampang"))
    path = write(tmp_path, "kode,desa,sinyal", "62.10.09.2001,Tampang,kuat")
    result = read_connectivity(path, villages=VILLAGES, changes=changes)
    assert result.frame["code"].tolist() == ["62.10.01.2001"]
    assert [f.code for f in result.findings] == ["code-replaced"]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["6210012001,Tampang", "6210010002,Sepang"], MixedCodeSchemes),
        (["6210012001,", "6210012002,"], UndecidedCodeScheme),
        (["6210012001,Sepang Kota"], UndecidedCodeScheme),
    ],
)
def test_a_list_without_certainty_is_refused(tmp_path, lines, error):
    path = write(tmp_path, "kode,desa,sinyal", *(f"{line},kuat" for line in lines))
    with pytest.raises(error, match=r"sinyal\.csv"):
        read_connectivity(path, villages=VILLAGES, crosswalk=BPS)


TOWERS = "site_id,lon,lat,kode,desa"


def told(path, **options):
    found = read_connectivity(path, villages=VILLAGES, **options)
    findings = [(f.code, f.severity, f.row) for f in found.findings]
    return found.frame["code"].where(found.frame["code"].notna(), None).tolist(), findings


def test_towers_in_bps_codes_are_told_in_the_villages_of_the_crosswalk(tmp_path):
    lines = ["T1,113.9,-1.4,6210010001,Tampang", "T2,113.95,-1.4,6210010002,Sepang"]
    path = write(tmp_path, TOWERS, *lines)
    codes, findings = told(path, crosswalk=BPS)
    assert codes == ["62.10.01.2001", "62.10.01.2002"]
    assert ("code-scheme", "info", None) in findings
    # Without the crosswalk the towers stand all the same, where they are.
    assert told(path) == ([None, None], [("tower-codes-bps", "warning", None)])


def test_a_tower_is_not_refused_for_the_village_it_is_told_in(tmp_path):
    """Whose codes they are is decided for the whole list; one bad code is a warning on its row."""
    mixed = write(tmp_path, TOWERS, "T1,113.9,-1.4,6210012001,", "T2,113.95,-1.4,6210012002,")
    assert told(mixed, crosswalk=BPS) == (
        [None, None], [("tower-codes-undecided", "warning", None)],
    )  # fmt: skip
    spoilt = write(tmp_path, TOWERS, "T1,113.9,-1.4,62.10.01.2001,Tampang",
                   "T2,113.95,-1.4,6.21E+09,")  # fmt: skip
    codes, findings = told(spoilt)
    assert codes == ["62.10.01.2001", None]
    assert ("code-digits-lost", "warning", 3) in findings
    assert {severity for _, severity, _ in findings} <= {"info", "warning"}
