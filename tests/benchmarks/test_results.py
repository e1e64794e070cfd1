"""The CSV of benchmarks: columns, going on with one that is there, time limits."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.results import Key, Results, Row, apart, seeds, spent_of, time_limit

HEADER = "instance,seed,method,cores,seconds,peak_mb,status,score,bound,gap,best_known,version"
ROW = Row(
    instance="p4.2.f", seed=1, method="ours", cores=2, seconds=10.0, peak_mb=300,
    status="feasible", score=687.0, bound=None, gap=0.0, best_known=687.0, version="1",
)  # fmt: skip
KEY = Key(instance="p4.2.f", seed=1, method="ours", cores=2, seconds=10.0)


def test_a_row_is_written_as_the_columns_say(tmp_path: Path):
    Results(tmp_path / "out.csv").add(ROW)
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        HEADER, "p4.2.f,1,ours,2,10,300,feasible,687,,0,687,1",
    ]  # fmt: skip
    assert Results(tmp_path / "out.csv").rows == [ROW]


@pytest.mark.parametrize(
    "other",
    [{"instance": "p4.2.k"}, {"seed": 2}, {"method": "pyvrp"}, {"cores": 1}, {"seconds": 60.0}],
    ids=str,
)
def test_only_the_same_run_is_not_made_again(tmp_path: Path, other: dict):
    results = Results(tmp_path / "out.csv")
    results.add(ROW)
    asked = replace(KEY, **other)
    assert list(results.missing([KEY, asked])) == [asked]


@pytest.mark.parametrize(
    ("method", "status", "seconds", "is_done"),
    [
        ("ours", "optimal", 1.9, True),
        ("ours", "feasible", 1.9, False),
        ("vroom", "feasible", 1.9, True),
        ("ours", "optimal", 12.4, False),
    ],
)
def test_what_ended_early_by_itself_counts_and_what_came_late_does_not(
    tmp_path: Path, method: str, status: str, seconds: float, is_done: bool
):
    results = Results(tmp_path / "out.csv")
    results.add(replace(ROW, method=method, status=status, seconds=seconds))
    assert (results.find(replace(KEY, method=method)) is not None) == is_done


def test_of_two_runs_that_ended_by_themselves_the_longer_one_answers(tmp_path: Path):
    results = Results(tmp_path / "out.csv")
    results.add(replace(ROW, status="optimal", seconds=4.0))
    results.add(replace(ROW, status="optimal", seconds=1.5))
    found = results.find(KEY)
    assert found is not None
    assert found.seconds == 4.0
    assert results.find(replace(KEY, seconds=2.0)) == results.rows[1]


def test_half_a_row_left_by_a_killed_run_is_dropped(tmp_path: Path):
    path = tmp_path / "out.csv"
    results = Results(path)
    results.add(ROW)
    whole = path.read_text()
    path.write_text(whole + "p4.2.k,1,ours,2,1")
    assert Results(path).rows == [ROW]
    assert path.read_text() == whole


def test_a_file_with_other_columns_is_refused(tmp_path: Path):
    path = tmp_path / "out.csv"
    path.write_text("name,score\n")
    with pytest.raises(SystemExit, match="line 1: the columns are name,score"):
        Results(path)
    assert path.read_text() == "name,score\n"


def test_a_broken_row_is_named(tmp_path: Path):
    path = tmp_path / "out.csv"
    good = "p4.2.f,1,ours,2,10,300,feasible,687,,0,687,1"
    path.write_text(f"{HEADER}\n{good.replace('687', 'many', 1)}\n{good}\n")
    with pytest.raises(SystemExit, match="line 2: could not convert"):
        Results(path)


def test_no_run_is_begun_that_could_not_end_in_time(tmp_path: Path):
    results = Results(tmp_path / "out.csv")
    long = replace(KEY, seconds=61.0)
    assert list(results.missing([long], minutes=1)) == []
    assert list(results.missing([replace(KEY, seconds=59.0)], minutes=1)) != []


@pytest.mark.parametrize(
    ("measured", "told"), [(9.4, 9.4), (9.6, 10.0), (11.5, 10.0), (11.51, 11.51)]
)
def test_seconds_are_the_limit_where_it_was_kept(measured: float, told: float):
    # 5 % + 1 s after a limit of 10 s is 11.5 s; below 95 % the run ended by itself.
    assert spent_of(10.0, measured) == told


def test_seeds_are_spans_and_lists():
    assert seeds("1-3") == [1, 2, 3]
    assert seeds("1,4,7") == [1, 4, 7]
    assert seeds("1-2,2,9") == [1, 2, 9]
    assert seeds("2147483647") == [2**31 - 1]
    for wrong in ("", "a", "1-", "-3", "1;2", "3-1", "1,2147483648"):
        with pytest.raises(argparse.ArgumentTypeError):
            seeds(wrong)


def test_a_time_limit_is_above_zero_and_a_day_at_most():
    assert (time_limit("0.5"), time_limit("86400")) == (0.5, 86400)
    for wrong in ("0", "-1", "86401", "nan", "inf", "ten"):
        with pytest.raises(argparse.ArgumentTypeError, match=f"seconds '{wrong}'"):
            time_limit(wrong)


def test_a_csv_in_a_folder_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(SystemExit, match="there is no folder"):
        Results(tmp_path / "none" / "out.csv")


def test_a_run_has_its_own_process_and_cores():
    (process, cores), peak_mb = apart(1, _where)
    assert process != os.getpid()
    assert cores == 1
    assert 5 < peak_mb < 4000


def _where() -> tuple[int, int]:
    return os.getpid(), len(os.sched_getaffinity(0))
