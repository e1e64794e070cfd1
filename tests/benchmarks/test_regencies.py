"""The instances measured on are those of the shared generator, number by number."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from benchmarks.regencies import MINUTES, regency


@pytest.fixture
def generator(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(shared_data.parent / "prototype"))
    for name in ("core", "gen"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    module = importlib.import_module("gen")
    yield module
    for name in ("core", "gen"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("seed", "villages", "teams", "days", "options"),
    [
        (1, 185, 5, 5, MINUTES),
        (2, 185, 5, 5, MINUTES),
        (3, 185, 5, 5, MINUTES),
        (7, 60, 3, 4, MINUTES),
        (1, 185, 5, 5, (60, 120, 240)),
    ],
)
def test_an_instance_is_that_of_the_shared_generator(
    generator: ModuleType, monkeypatch: pytest.MonkeyPatch,
    seed: int, villages: int, teams: int, days: int, options: tuple[int, ...],
) -> None:  # fmt: skip
    monkeypatch.setattr(generator, "DUR", options)
    theirs = generator.from_name(f"kab{villages}-t{teams}-d{days}-s{seed}")
    ours = regency(seed, n_villages=villages, n_teams=teams, n_days=days, minutes=options)
    assert np.array_equal(ours.times, theirs.T)
    assert np.array_equal(ours.prizes.reshape(4, -1), theirs.prize)
    problem = ours.problem()
    assert [shift.crew for shift in problem.shifts] == theirs.r_class.tolist()
    assert [shift.start for shift in problem.shifts] == theirs.r_start.tolist()
    spans = [shift.window.end - shift.window.start for shift in problem.shifts]
    assert spans == (60 * (theirs.r_t1 - theirs.r_t0)).tolist()
    durations = [option.duration for visit in problem.visits for option in visit.options]
    assert durations == (60 * theirs.service).tolist()


@pytest.mark.parametrize(
    ("seed", "villages", "teams", "days"), [(1, 185, 5, 5), (2, 185, 5, 5), (1, 60, 3, 5)]
)
def test_an_instance_with_nights_out_is_that_of_the_shared_generator(
    generator: ModuleType, seed: int, villages: int, teams: int, days: int
) -> None:
    theirs = generator.from_name(f"kab{villages}-t{teams}-d{days}-s{seed}-o")
    ours = regency(seed, n_villages=villages, n_teams=teams, n_days=days, overnight=True)
    assert ours.lodgings == tuple(theirs.lodging)
    assert np.array_equal(ours.times, theirs.T)
    assert np.array_equal(ours.prizes.reshape(4, -1), theirs.prize)
    problem = ours.problem()
    nights = [shift.night for shift in problem.shifts]
    assert [night is None for night in nights] == (theirs.day == days - 1).tolist()
    assert {night.cost for night in nights if night} == {theirs.lodging_cost}
    assert problem.rupiah_per_document == 1000  # a rupiah takes a thousandth: a unit of the prizes


def test_names_say_what_differs_from_the_usual() -> None:
    assert regency(1).name == "kab185-t5-s1"
    assert regency(1, overnight=True).name == "kab185-t5-s1-o"
    assert (
        regency(2, n_villages=20, n_teams=1, n_days=3, minutes=(60,)).name == "kab20-t1-d3-s2-m60"
    )
