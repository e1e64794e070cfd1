"""The command on pilot regencies: what it asks of the product, and one small week of it."""

import argparse
import logging
import sys
from pathlib import Path

import pytest

from benchmarks.pilots import (
    DISTRICT_PRICE,
    RUPIAH_PER_SHIFT,
    Asked,
    codes,
    import_pack,
    main,
    regencies_of,
    week_problem,
)
from benchmarks.results import Results
from routing import Budget, Fairness

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kotim(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kotim")
    import_pack(folder, shared_data / "pilot" / "kotim")
    return folder


def test_all_rules_are_a_budget_each_district_and_the_pool_of_kits(kotim: Path):
    plain = week_problem(kotim, Asked("62.02", False, 0))
    assert plain.rules == ()
    problem = week_problem(kotim, Asked("62.02", True, 0))
    budgets = [rule for rule in problem.rules if isinstance(rule, Budget)]
    districts = [rule for rule in problem.rules if isinstance(rule, Fairness)]
    # Five teams (tim.csv) on five working days of 2026-W49; 17 districts in Kotawaringin Timur.
    assert [budget.limit for budget in budgets] == [25 * RUPIAH_PER_SHIFT]
    assert len(districts) == 17
    assert {rule.price for rule in districts} == {1000 * DISTRICT_PRICE}
    assert sum(len(rule.visits) for rule in districts) == len(problem.visits) == 185
    assert problem.kit_pools
    assert not problem.has_nights


def test_nights_out_are_those_of_the_office_unless_told_otherwise(kotim: Path):
    assert week_problem(kotim, Asked("62.02", False, None)).max_tour_days == 7
    assert week_problem(kotim, Asked("62.02", False, 2)).max_tour_days == 3


def test_regencies_are_those_that_the_pack_has_teams_for(shared_data: Path, tmp_path: Path):
    pilot = shared_data / "pilot"
    assert regencies_of(pilot / "kotim") == ["62.02"]
    assert regencies_of(pilot / "kaltara") == ["65.02", "65.03"]
    assert regencies_of(pilot / "kaltim") == ["64.02", "64.11", "64.72"]
    with pytest.raises(SystemExit, match=r"has no tim\.csv"):
        regencies_of(tmp_path)
    assert codes("62.02,64.11") == ["62.02", "64.11"]
    with pytest.raises(argparse.ArgumentTypeError, match=r"'99\.01': known are 62\.02"):
        codes("99.01")


def test_a_week_is_planned_and_written(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pack = str(shared_data / "pilot" / "kotim")
    words = ["pilots", pack, "--all-rules", "--max-nights", "0", "--seconds", "1", "--cores", "1"]
    monkeypatch.setattr(sys, "argv", [*words, "--csv", str(tmp_path / "out.csv")])
    main()
    assert not logging.root.manager.disable  # what comes after it is heard again
    (row,) = Results(tmp_path / "out.csv").rows
    assert (row.instance, row.seed, row.method) == ("kotim-all-rules-n0", 1, "ours")
    assert 0 < row.score <= 974_375  # proven without the rules, which take from it
