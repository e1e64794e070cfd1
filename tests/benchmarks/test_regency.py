"""The command on made-up regencies: its arguments, what gaps are measured against, its rows."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.regency import count, main, minutes, with_gap
from benchmarks.results import Results, Row

OURS = Row(
    instance="kab185-t5-s1", seed=1, method="ours", cores=2, seconds=10.0, peak_mb=300,
    status="feasible", score=900.0, bound=1000.0, gap=0.1, best_known=None, version="1",
)  # fmt: skip
PEER = replace(OURS, method="vroom", score=950.0, bound=None, gap=None)


def test_a_peer_is_measured_against_our_least_bound_of_the_instance():
    longer = replace(OURS, seconds=60.0, bound=960.0)
    other = replace(OURS, instance="kab185-t5-s2", bound=955.0)
    row = with_gap(PEER, [OURS, longer, other])
    assert row.bound == 960.0
    assert row.gap == pytest.approx(10 / 960)
    assert with_gap(PEER, [other]) == PEER
    assert with_gap(OURS, [longer]) == OURS


def test_sizes_begin_at_one():
    assert [count("1"), count("1500")] == [1, 1500]
    for wrong in ("0", "-1", "1.5", "", "a"):
        with pytest.raises(argparse.ArgumentTypeError, match="from 1 on"):
            count(wrong)


def test_lengths_of_visits_are_read():
    assert minutes("60,120,240") == (60, 120, 240)
    for wrong in ("", "60;120", "60,60", "0,60"):
        with pytest.raises(argparse.ArgumentTypeError, match="must be different minutes"):
            minutes(wrong)


def test_the_command_measures_ours_and_peers_and_goes_on_with_its_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    size = ("--villages", "20", "--teams", "1", "--days", "2", "--cores", "1", "--seconds", "8")
    words = ["regency", *size, "--peers", "ortools", "--csv", str(tmp_path / "out.csv")]
    monkeypatch.setattr(sys, "argv", [*words, "--seeds", "4"])
    main()
    ours, peer = Results(tmp_path / "out.csv").rows
    assert (ours.instance, ours.method, ours.status) == ("kab20-t1-d2-s4", "ours", "optimal")
    assert (peer.instance, peer.method, peer.seconds) == ("kab20-t1-d2-s4", "ortools", 8.0)
    assert ours.bound == peer.bound
    assert peer.gap == pytest.approx(1 - peer.score / ours.score, abs=1e-8)
    assert min(ours.peak_mb, peer.peak_mb) > 50
    text = (tmp_path / "out.csv").read_text()
    capsys.readouterr()
    main()  # nothing is left to measure
    assert (tmp_path / "out.csv").read_text() == text
    assert capsys.readouterr().out.startswith("ours: 1 runs")
