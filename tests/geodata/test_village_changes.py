"""A map that names or places known villages otherwise is doubted aloud."""

import pandas as pd
import pytest

from geodata.village_changes import changed_villages

CODE = "62.02.01.2003"


def village(name="Palangan", lon=112.7, lat=0.0):
    return pd.DataFrame([[CODE, name, lon, lat]], columns=["code", "name", "lon", "lat"])


@pytest.mark.parametrize(
    ("now", "km"),
    [
        (village(), None),
        (village("PALANGAN "), None),
        (village("Hanjalipan"), 0),
        (village(lat=0.2697), None),  # a degree is 111.2 km: 29.99 km
        (village(lat=0.2699), 30),  # 30.01 km
        (village(lon=112.9699), 30),
    ],
)
def test_another_name_or_place_is_told(now, km):
    found = [(f.village_code, f.params["name"], f.params["km"])
             for f in changed_villages(now, village())]  # fmt: skip
    assert found == ([] if km is None else [(CODE, "Palangan", km)])


def test_a_new_village_has_not_changed():
    assert [*changed_villages(village(), village().iloc[:0].astype(object))] == []
