"""A count that moved by more than 30 % and 20 people is a finding: just inside, just outside."""

from datetime import date

import pandas as pd
import pytest

from geodata.columns import COUNT_COLUMNS
from geodata.count_changes import changed_counts

CODE = "62.02.01.1009"
BEFORE, NOW = date(2023, 6, 30), date(2024, 6, 30)


def frame(**counts):
    columns = {name: pd.array([counts.get(name)], dtype="Int64") for name in COUNT_COLUMNS}
    return pd.DataFrame({"code": [CODE], **columns})


def findings(before, now, column="wajib_ktp", code=CODE):
    earlier = frame(**{column: before}).assign(as_of=BEFORE)
    counts = frame(**{column: now}).assign(row=7, code=code)
    return list(changed_counts(counts, earlier, NOW))


@pytest.mark.parametrize(
    ("before", "now", "is_change"),
    [
        (1000, 1300, False), (1000, 1301, True), (1000, 700, False), (1000, 699, True),
        # Small numbers: 20 people are none, whatever part they are.
        (10, 30, False), (10, 31, True), (36, 16, False), (36, 15, True), (0, 20, False),
        (0, 21, True),
        # 21 people of 70 are 30 %, of 69 more.
        (70, 91, False), (69, 90, True),
        # Signed: 8 less than none, then 20 or 21 more.
        (-8, 12, False), (-8, 13, True), (-100, -130, False), (-100, -131, True),
        (None, 500, False), (500, None, False),
    ],
)  # fmt: skip
def test_a_change_is_told_beyond_thirty_per_cent_and_twenty_people(before, now, is_change):
    assert bool(findings(before, now, "belum_rekam")) is is_change


def test_the_finding_names_both_numbers_and_both_days():
    [found] = findings(1000, 1301)
    assert (found.severity, found.row, found.village_code, found.column, found.value) == (
        "warning", 7, CODE, "wajib_ktp", "1301"
    )  # fmt: skip
    assert found.params == {
        "before": 1000, "before_day": "2023-06-30", "day": "2024-06-30", "limit": 30
    }  # fmt: skip
    assert found.message == (
        "Row 7: wajib_ktp of 62.02.01.1009 was 1000 on 2023-06-30 and is 1301 on 2024-06-30, a "
        "change of more than 30 %. Check the number."
    )


def test_a_village_without_an_earlier_count_has_not_changed():
    assert findings(1000, 5000, code="62.02.01.1010") == []
