"""Codes of a whole file: whose they are, what became of them, and what is not certain."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.crosswalk import read_crosswalk
from geodata.errors import (
    BadCodes,
    CrosswalkNeeded,
    MixedCodeSchemes,
    UndecidedCodeScheme,
    WrongCrosswalk,
)
from geodata.findings import summarise
from geodata.resolve import resolve_codes
from tests.geodata.pilot_codes import (
    VILLAGES,
    both_meanings,
    crosswalk,
    pairs,
    pilot_villages,
    reference,
    witnesses,
)


def rows(*lines, columns=("code", "name")):
    return pd.DataFrame(lines, columns=list(columns), dtype=object)


def resolved(frame, *args, **kwargs):
    codes, findings = resolve_codes(frame, *args, **kwargs)
    assert codes.index.equals(frame.index)
    return [None if pd.isna(code) else code for code in codes], findings


def told(findings):
    return [(f.code, f.severity, f.row) for f in findings if f.code != "code-scheme"]


@pytest.fixture(scope="module")
def lists(shared_data):
    """Villages and crosswalks of the pilots, as a program would read them."""
    folder = shared_data / "reference"
    return (
        pilot_villages(shared_data),
        read_crosswalk(folder / "crosswalk_kemendagri_bps2020_pilots.csv"),
        read_crosswalk(folder / "code_changes_2020_2025_pilots.csv"),
    )


# The pilots, whole


@pytest.mark.parametrize("names", ["", "bps_"], ids=["kemendagri names", "bps names"])
def test_pilot_codes_of_bps_become_those_of_kemendagri(shared_data, lists, names):
    known = pairs(shared_data)
    frame = pd.DataFrame({"code": known["bps_code"], "name": known[f"{names}name"]})
    codes, findings = resolved(frame, *lists)
    assert codes == known["village_code"].tolist()
    assert witnesses(findings) == ("BPS", 0, 1680, 0)


def test_pilot_codes_without_dots_stay_those_of_kemendagri(lists):
    villages, bps, changes = lists
    frame = villages.assign(code=villages["code"].str.replace(".", ""))
    codes, findings = resolved(frame, villages, bps, changes)
    assert codes == villages["code"].tolist()
    assert witnesses(findings) == ("Kemendagri", 1705, 0, 0)
    assert {f["code"]: f["count"] for f in summarise(findings)} == {
        "code-scheme": 1, "code-undotted": 1705,
    }  # fmt: skip


def test_codes_with_both_meanings_go_where_their_names_are(shared_data, lists):
    both = both_meanings(shared_data)
    same_regency = both["regency"] == both["regency_of_bps"]
    assert (len(both), same_regency.sum()) == (46, 22)
    as_bps = pd.DataFrame({"code": both["digits"], "name": both["name_of_bps"]})
    as_kemendagri = pd.DataFrame({"code": both["digits"], "name": both["name"]})
    assert resolved(as_bps, *lists)[0] == both["village_code_of_bps"].tolist()
    assert resolved(as_kemendagri, *lists)[0] == both["village_code"].tolist()
    assert witnesses(resolved(as_bps, *lists)[1]) == ("BPS", 0, 46, 0)
    assert witnesses(resolved(as_kemendagri, *lists)[1]) == ("Kemendagri", 46, 0, 0)


def test_each_code_with_both_meanings_is_refused_where_no_name_tells(shared_data, lists):
    both = both_meanings(shared_data)
    villages, bps, _ = lists
    villages = villages[villages["code"].isin(both["village_code"])]
    bps = replace(bps, frame=bps.frame[bps.frame["old_code"].isin(both["digits"])])
    assert (len(villages), len(bps.frame)) == (46, 46)
    for digits in both["digits"]:
        for frame in (rows((digits, "")), rows((digits, "Entah"))):
            with pytest.raises(UndecidedCodeScheme):
                resolve_codes(frame, villages, bps)


@pytest.mark.parametrize("names", ["name", "bps_name"])
def test_no_district_alone_goes_elsewhere(shared_data, lists, names):
    """Few rows are few witnesses: each district's BPS codes, each with its own reading."""
    known = pairs(shared_data)
    regency = known[known["bps_code"].str.startswith(("6402", "6504"))]
    districts = regency.groupby(regency["bps_code"].str[:7])
    assert len(districts) > 25
    for _, group in districts:
        frame = pd.DataFrame({"code": group["bps_code"], "name": group[names]})
        assert resolved(frame, *lists)[0] == group["village_code"].tolist()


def test_one_row_of_the_other_scheme_refuses_the_file_and_is_named(shared_data, lists):
    both = both_meanings(shared_data).iloc[:4]
    frame = pd.DataFrame({"code": both["digits"], "name": both["name"], "row": [2, 3, 4, 5]})
    frame.iloc[2, 1] = both.iloc[2]["name_of_bps"]
    with pytest.raises(MixedCodeSchemes, match=r"rekap\.csv") as caught:
        resolve_codes(frame, *lists, place="rekap.csv")
    assert caught.value.params == {
        "place": "rekap.csv", "kemendagri": 3, "kemendagri_rows": "2, 3, 5",
        "bps": 1, "bps_rows": "4",
    }  # fmt: skip


def test_old_pilot_codes_become_those_of_today(shared_data, lists):
    villages, bps, changes = lists
    known = reference(shared_data, "code_changes_2020_2025_pilots.csv")
    frame = pd.DataFrame({"code": known["code_2020"], "name": known["name_2020"]})
    codes, findings = resolved(frame, villages, bps, changes)
    assert [code or "" for code in codes] == known["code_2025"].tolist()
    gone = [index for index, code in enumerate(known["code_2025"]) if not code]
    assert [f.row for f in findings if f.code == "code-given-up"] == gone
    assert sum(f.code == "code-replaced" for f in findings) == len(known) - len(gone)


def test_codes_of_bps_whose_village_has_another_code_since(shared_data):
    """From BPS 2020 to the code of 2020, and from that to today's."""
    bps = crosswalk("bps", ("6504012001", "Labang", "65.03.15.2029", "Labang"))
    changes = crosswalk("changes", ("65.03.15.2029", "Labang", "65.03.20.2003", "Labang"))
    frame = rows(("6504012001", "Labang"))
    codes, findings = resolved(frame, pilot_villages(shared_data), bps, changes)
    assert codes == ["65.03.20.2003"]
    assert told(findings) == [("code-from-bps", "corrected", 0)]


# Witnesses


def test_district_and_regency_speak_where_village_names_do_not():
    bps = crosswalk("bps", ("6210012001", "Lain", "62.11.05.2001", "Lain"))
    bps.frame[["old_district", "old_regency"]] = ["Kahayan Tengah", "Kabupaten Pulang Pisau"]
    columns = ("code", "name", "district", "regency")
    frame = rows(("6210012001", "", "KAHAYAN TENGAH", ""), columns=columns)
    assert resolved(frame, VILLAGES, bps)[0] == ["62.11.05.2001"]
    frame = rows(("6210012001", "", "", "Gunung Mas"), columns=columns)
    assert resolved(frame, VILLAGES, bps)[0] == ["62.10.01.2001"]
    # Without the other list, agreeing with one says nothing about the other.
    with pytest.raises(UndecidedCodeScheme):
        resolve_codes(frame, VILLAGES)


def test_a_district_known_only_by_its_code_is_no_witness():
    bps = crosswalk("bps", ("6210012001", "Lain", "62.11.05.2001", "Lain"))
    bps.frame["old_district"] = "Sepang"
    frame = rows(("6210012001", "", "Sepang"), columns=("code", "name", "district"))
    assert resolved(frame, VILLAGES.assign(district="Entah"), bps)[0] == ["62.11.05.2001"]
    with pytest.raises(UndecidedCodeScheme):
        resolve_codes(frame, VILLAGES.assign(district="62.10.01"), bps)


def test_a_name_that_fits_both_lists_is_silent():
    bps = crosswalk("bps", ("6210012001", "TAMPANG", "62.11.05.2001", "Tampang"))
    silent, speaking = ("6210012001", "Tampang"), ("6210012002", "Sepang Kota")
    with pytest.raises(UndecidedCodeScheme):
        resolve_codes(rows(silent), VILLAGES, bps)
    codes, findings = resolved(rows(silent, speaking), VILLAGES, bps)
    assert codes == ["62.10.01.2001", "62.10.01.2002"]
    assert witnesses(findings) == ("Kemendagri", 1, 0, 1)


def test_digits_that_only_bps_can_give_speak_for_bps():
    frame = rows(("6210012001", "Tampang"), ("6210010005", "Entah"))
    with pytest.raises(MixedCodeSchemes) as caught:
        resolve_codes(frame, VILLAGES)
    assert (caught.value.params["kemendagri_rows"], caught.value.params["bps_rows"]) == ("0", "1")
    with pytest.raises(CrosswalkNeeded):
        resolve_codes(frame.iloc[1:], VILLAGES)


@pytest.mark.parametrize(
    ("names", "is_refused"),
    [(["Tampang", "Entah", "Entah"], True), (["Tampang", "Entah", "Tewah"], False),
     (["Tampang", "Entah", ""], False), (["", "", ""], True)],
)  # fmt: skip
def test_names_that_contradict_the_codes_must_not_outnumber_those_that_agree(names, is_refused):
    codes = ["6210012001", "6210012002", "6210102001"]
    frame = pd.DataFrame({"code": codes, "name": names})
    if is_refused:
        with pytest.raises(UndecidedCodeScheme):
            resolve_codes(frame, VILLAGES)
        return
    found, findings = resolved(frame, VILLAGES)
    assert found == ["62.10.01.2001", "62.10.01.2002", "62.10.10.2001"]
    assert ("name-differs", "warning", 1) in told(findings)


def test_names_one_row_off_are_refused_although_every_code_is_dotted(lists):
    villages = lists[0]
    frame = villages.assign(name=villages["name"].shift(1))
    with pytest.raises(UndecidedCodeScheme) as caught:
        resolve_codes(frame, *lists)
    assert caught.value.params["against"] > 1600


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["62.10.01.2001", "63.01.01.2001"], ["62.10.01.2001", "63.01.01.2001"]),
        (["62.10.012.001", "62.10.012.002"], ["62.11.05.2001", None]),
        (["62.10.01.2001", "62.10.012.001"], UndecidedCodeScheme),
        (["62.10.01.2001", "6210012001"], UndecidedCodeScheme),
        (["6210012001", "6210012002"], UndecidedCodeScheme),
    ],
    ids=["kemendagri", "bps", "both", "one without dots", "no dots"],
)
def test_dots_decide_only_where_no_name_speaks_and_all_are_alike(codes, expected):
    bps = crosswalk("bps", ("6210012001", "", "62.11.05.2001", ""))
    frame = pd.DataFrame({"code": codes})
    if expected is UndecidedCodeScheme:
        with pytest.raises(UndecidedCodeScheme):
            resolve_codes(frame, VILLAGES, bps)
        return
    assert resolved(frame, VILLAGES, bps)[0] == expected


def test_a_crosswalk_of_the_other_kind_is_refused():
    bps, changes = crosswalk("bps"), crosswalk("changes")
    for args in ((changes, None), (None, bps)):
        with pytest.raises(WrongCrosswalk):
            resolve_codes(rows(("62.10.01.2001", "Tampang")), VILLAGES, *args)


def test_a_bps_code_that_the_crosswalk_lacks_is_set_aside():
    bps = crosswalk("bps", ("6210010001", "Satu", "62.10.01.2001", "Tampang"))
    codes, findings = resolved(rows(("6210010001", "Satu"), ("6210010002", "X")), VILLAGES, bps)
    assert codes == ["62.10.01.2001", None]
    assert told(findings) == [
        ("code-from-bps", "corrected", 0), ("village-renamed", "info", 0),
        ("code-not-in-crosswalk", "refused", 1),
    ]  # fmt: skip


# Splits


SPLIT = (
    ("62.10.09.2001", "Tewah", "62.10.01.2001", "Tampang"),
    ("62.10.09.2001", "Tewah", "62.10.01.2002", "Sepang Kota"),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Tampang", "62.10.01.2001"), ("SEPANG  KOTA", "62.10.01.2002"), ("Tewah", None),
     ("Entah", None), ("", None)],
)  # fmt: skip
def test_an_old_code_that_was_split_is_decided_by_name_or_set_aside(name, expected):
    frame = rows(("62.10.09.2001", name), ("62.02.01.1010", "Kota Besi Hilir"))
    codes, findings = resolved(frame, VILLAGES, None, crosswalk("changes", *SPLIT))
    assert codes == [expected, "62.02.01.1010"]
    if expected:
        assert told(findings) == [("code-replaced", "corrected", 0)]
    else:
        assert told(findings) == [("code-split", "refused", 0)]
        split = next(f for f in findings if f.code == "code-split")
        assert split.params["candidates"] == "62.10.01.2001, 62.10.01.2002"


def test_a_code_that_lives_on_beside_its_daughter_is_split_too():
    changes = crosswalk("changes", ("62.10.01.2001", "Tampang", "62.10.10.2001", "Tewah"))
    frame = rows(("62.10.01.2001", "Tampang"), ("62.10.01.2001", "Tewah"), ("62.10.01.2001", ""))
    codes, _ = resolved(frame, VILLAGES, None, changes)
    assert codes == ["62.10.01.2001", "62.10.10.2001", None]


def test_changes_follow_each_other_and_may_go_round():
    changes = crosswalk(
        "changes",
        ("62.10.08.2001", "A", "62.10.09.2001", "B"),
        ("62.10.09.2001", "B", "62.10.01.2001", "Tampang"),
        ("62.01.01.2001", "Kumai Hulu", "62.01.01.2002", "Kumai Hulu"),
        ("62.01.01.2002", "Mendawai", "62.01.01.2001", "Mendawai"),
    )
    frame = rows(("62.10.08.2001", "A"), ("62.01.01.2001", "Kumai Hulu"),
                 ("62.01.01.2001", "Mendawai"))  # fmt: skip
    codes, _ = resolved(frame, VILLAGES, None, changes)
    assert codes == ["62.10.01.2001", "62.01.01.2002", "62.01.01.2001"]


def test_the_day_of_a_change_is_told():
    changes = crosswalk("changes", ("62.10.09.2001", "Tampang", "62.10.01.2001", "Tampang"))
    changes.frame["valid_from"] = date(2021, 3, 1)
    _, findings = resolved(rows(("62.10.09.2001", "Tampang")), VILLAGES, None, changes)
    assert findings[0].message == (
        "Row 0: 62.10.09.2001 is an earlier code; the village is 62.10.01.2001 now (valid from: "
        "2021-03-01)."
    )


# Codes that a spreadsheet took for numbers


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # 62.1 is 62.10 by every name, also on the row whose own name is of no help.
        ([("62.1.01.2001", "Tampang"), ("62.1.01.2002", "Sepang Kota"), ("62.1.01.2001", "")],
         ["62.10.01.2001", "62.10.01.2002", "62.10.01.2001"]),
        ([("62.1.01.2001", "Mendawai")], ["62.01.01.2001"]),
        # District 1 is 01 or 10; the name finds it within the regency.
        ([("62.1.1.2001", "Tewah"), ("62.1.1.2002", "Sepang Kota")],
         ["62.10.10.2001", "62.10.01.2002"]),
        ([("62.1.1.2001", ""), ("62.1.1.2002", "Sepang Kota")], [None, "62.10.01.2002"]),
        ([("62.02.01.101", "Kota Besi Hilir")], ["62.02.01.1010"]),
        # The names of the file speak of both regencies, of none, or mostly of others.
        ([("62.1.01.2001", "Tampang"), ("62.1.01.2002", "Kumai Hulu")], [None, None]),
        ([("62.1.01.2001", ""), ("62.1.01.2002", "")], [None, None]),
        ([("62.1.01.2001", "Tampang"), ("62.1.01.2002", "Entah")], [None, None]),
        ([("62.1.01.2999", "Tampang")], [None]),
    ],
)  # fmt: skip
def test_lost_zeros_come_back_only_by_the_names_of_the_files_regency(lines, expected):
    codes, findings = resolved(rows(*lines), VILLAGES)
    assert codes == expected
    flags = {"refused" if code is None else "corrected": None for code in expected}
    about = {f.severity for f in findings if f.code in ("code-zeros-restored", "code-ambiguous")}
    assert about == set(flags)
    assert not any(f.code == "code-scheme" for f in findings)


def test_a_printed_regency_narrows_the_readings():
    frame = rows(("62.1.01.2001", "Tampang", "Kab. Kotawaringin Barat"),
                 columns=("code", "name", "regency"))  # fmt: skip
    codes, findings = resolved(frame, VILLAGES)
    assert codes == [None]
    assert told(findings) == [("code-ambiguous", "refused", 0)]


@pytest.mark.parametrize(
    ("cell", "expected", "code"),
    [
        ("6210012001.0", "62.10.01.2001", "code-from-number"),
        ("6210012001,00", "62.10.01.2001", "code-from-number"),
        (6210012001.0, "62.10.01.2001", "code-from-number"),
        (6210012001, "62.10.01.2001", "code-from-number"),
        ("6.210012001E+09", "62.10.01.2001", "code-from-number"),
        ("6,210012001E+09", "62.10.01.2001", "code-from-number"),
        ("6.210.012.001", "62.10.01.2001", "code-from-number"),
        ("6,210,012,001", "62.10.01.2001", "code-from-number"),
        ("6210012001", "62.10.01.2001", "code-undotted"),
        ("62-10-01-2001", "62.10.01.2001", "code-undotted"),
        ("6.21001200E+09", None, "code-digits-lost"),
        ("6.21E+09", None, "code-digits-lost"),
        ("6,21E+09", None, "code-digits-lost"),
        (6.21e9, None, "code-unreadable"),
        ("6210000000", None, "code-unreadable"),
        ("621001200", None, "code-unreadable"),
        ("62100120010", None, "code-unreadable"),
        ("62.1", None, "code-unreadable"),
        ("62.10.012.001", None, "code-unreadable"),
        ("62.10.01.0001", None, "code-unreadable"),
        ("Tampang", None, "code-unreadable"),
    ],
    ids=str,
)
def test_one_spoilt_code_in_a_file_that_is_certain(cell, expected, code):
    frame = rows((cell, "Tampang"), ("62.10.01.2002", "Sepang Kota"))
    codes, findings = resolved(frame, VILLAGES)
    assert codes == [expected, "62.10.01.2002"]
    severity = "corrected" if expected else "refused"
    assert told(findings) == [(code, severity, 0)]


def test_a_file_without_one_code_that_can_be_read_is_refused():
    frame = rows(("6.21E+09", "Tampang"), ("62.1", "Tewah"))
    with pytest.raises(BadCodes, match=r"0: '6\.21E\+09', 1: '62\.1'"):
        resolve_codes(frame, VILLAGES)


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan"), pd.NA], ids=str)
def test_rows_without_a_code_are_left_alone(blank):
    codes, findings = resolved(rows((blank, "X"), ("62.10.01.2001", "Tampang")), VILLAGES)
    assert (codes, findings) == ([None, "62.10.01.2001"], ())
    assert resolved(rows((blank, "X")), VILLAGES) == ([None], ())


# Properties


codes = st.sampled_from(VILLAGES["code"].tolist())
names = st.sampled_from([*VILLAGES["name"], "Entah", ""])
spellings = st.sampled_from(["{0}", "{1}", "{1}.0", " {1} ", "'{1}"])


@given(st.lists(st.tuples(codes, spellings), min_size=1, max_size=8), st.randoms())
def test_any_spelling_beside_its_own_name_is_read(lines, random):
    known = dict(VILLAGES[["code", "name"]].to_numpy())
    random.shuffle(lines)
    frame = rows(
        *((how.format(code, code.replace(".", "")), known[code]) for code, how in lines)
    )  # fmt: skip
    assert resolved(frame, VILLAGES)[0] == [code for code, _ in lines]


@given(st.lists(st.tuples(codes | st.text("0123456789.E+", max_size=13), names), max_size=6))
def test_no_other_village_comes_out_than_the_digits_say(lines):
    """Whatever stands in the file: a code that comes out is in it, but for zeros and separators."""
    try:
        found, findings = resolved(rows(*lines), VILLAGES)
    except (BadCodes, MixedCodeSchemes, UndecidedCodeScheme, CrosswalkNeeded):
        found, findings = [None] * len(lines), ()
    refused = {f.row for f in findings if f.severity == "refused"}
    for position, ((printed, _), code) in enumerate(zip(lines, found, strict=True)):
        assert code is None or position not in refused
        if code is not None:
            lost = printed.removesuffix(".0").replace("E+09", "").replace("E9", "")
            kept = iter(code.replace(".", ""))
            assert all(digit in kept for digit in lost if digit in "123456789")
