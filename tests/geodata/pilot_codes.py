"""The reference lists of the pilots as plain frames, and small lists made by hand."""

import pandas as pd

from geodata.crosswalk import Crosswalk

VILLAGES = pd.DataFrame(
    [
        ("62.10.01.2001", "Tampang", "Sepang", "Kabupaten Gunung Mas"),
        ("62.10.01.2002", "Sepang Kota", "Sepang", "Kabupaten Gunung Mas"),
        ("62.10.10.2001", "Tewah", "Tewah", "Kabupaten Gunung Mas"),
        ("62.01.01.2001", "Mendawai", "Arut Selatan", "Kabupaten Kotawaringin Barat"),
        ("62.01.01.2002", "Kumai Hulu", "Arut Selatan", "Kabupaten Kotawaringin Barat"),
        ("62.02.01.1010", "Kota Besi Hilir", "Kota Besi", "Kabupaten Kotawaringin Timur"),
    ],
    columns=["code", "name", "district", "regency"],
)
LISTS = ("kotim_6202", "kaltara_65", "kaltim_64")


def reference(shared_data, name):
    return pd.read_csv(shared_data / "reference" / name, dtype=str, keep_default_na=False)


def pilot_villages(shared_data):
    frames = [reference(shared_data, f"villages_{name}.csv") for name in LISTS]
    return pd.concat(frames, ignore_index=True).rename(columns={"village_code": "code"})


def pairs(shared_data):
    """Kemendagri and BPS code of 1,680 villages, with the names that each list has for them."""
    return reference(shared_data, "crosswalk_kemendagri_bps2020_pilots.csv")


def both_meanings(shared_data):
    """Give the digits that name one village in one list and another in the other list."""
    known = pairs(shared_data)
    plain = known.assign(digits=known["village_code"].str.replace(".", ""))
    joined = plain.merge(known, left_on="digits", right_on="bps_code", suffixes=("", "_of_bps"))
    return joined[joined["village_code"] != joined["village_code_of_bps"]]


def crosswalk(kind, *lines):
    """Make a crosswalk of lines (old code, old name, new code, new name)."""
    columns = ["old_code", "old_name", "new_code", "new_name"]
    frame = pd.DataFrame(lines, columns=columns, dtype=object)
    others = ("old_district", "old_regency", "new_district", "new_regency", "note")
    frame = frame.assign(**dict.fromkeys(others, ""), valid_from=None, row=range(2, len(frame) + 2))
    return Crosswalk(kind=kind, frame=frame.astype(object), findings=())


def witnesses(findings):
    """Give the scheme that was decided and the rows for Kemendagri, for BPS, for neither."""
    (scheme,) = (f for f in findings if f.code == "code-scheme")
    return tuple(scheme.params[key] for key in ("scheme", "kemendagri", "bps", "silent"))
