import csv
import math
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from geodata import cache as caching
from geodata.cache import SUFFIX, TravelCache
from geodata.graph import build_graphs
from geodata.links import read_links
from geodata.network import read_network
from geodata.speeds import TravelParams, Vehicle
from tests.geodata.travel import at, lines, links, river, road

COAST = [road((0,), (9,)), road((60,), (66,), surface="gravel"), river((0,), (9,), flow="down")]
BOAT = {"start": (9,), "end": (60,), "minutes": 60, "minutes_back": 90, "cost": 100_000}
POINTS = [at(0), at(4.5, 1), at(63), at(0, 40)]
USUAL = {"vehicles": [Vehicle.CAR], "depot": 0, "weekday": 1, "people": 5}


@pytest.fixture
def graphs():
    return build_graphs(lines(*COAST))


@pytest.fixture
def searches(monkeypatch):
    """Count the tables that are really computed."""
    done = []
    compute = caching.travel
    monkeypatch.setattr(caching, "travel", lambda *a, **k: done.append(1) or compute(*a, **k))
    return done


def ask(cache, *args, **trip):
    table, _ = cache.travel(*args, **trip)
    return table


def equal(one, other):
    for name in ("durations", "distances", "costs", "reachable", "modes"):
        a, b = getattr(one, name), getattr(other, name)
        assert a.dtype == b.dtype
        assert (a == b).all()
    assert (one.unreachable, one.gateways) == (other.unreachable, other.gateways)
    for i, j in np.argwhere(one.reachable):
        assert one.path(i, j) == other.path(i, j)
    return True


def test_a_table_read_back_is_the_same_with_its_lines(tmp_path, graphs, searches):
    first = ask(TravelCache(tmp_path / "new"), graphs, links(BOAT), POINTS, **USUAL)
    # Another process would have built its graphs anew.
    again = ask(
        TravelCache(tmp_path / "new"), build_graphs(lines(*COAST)), links(BOAT), POINTS, **USUAL
    )
    assert len(searches) == 1
    assert equal(first, again)
    assert again.durations[0, 2] == 720 + 75 * 60 + 360  # to the island, as in test_matrix.py
    assert [leg.note for leg in again.path(0, 2)][1] == "Port - Island, sea_boat"
    assert again.unreachable == {3: "no-network-near"}


def test_what_decides_a_table_gives_another(tmp_path, graphs, searches):
    cache = TravelCache(tmp_path)
    other_road = build_graphs(lines({**COAST[0], "surface": "mud"}, *COAST[1:]))
    other_flow = build_graphs(lines(*COAST[:2], {**COAST[2], "flow": "up"}))
    moved = build_graphs(lines(road((0,), (9.001,)), *COAST[1:]))
    asked = [
        (graphs, links(BOAT), POINTS, {}),
        (other_road, links(BOAT), POINTS, {}),
        (other_flow, links(BOAT), POINTS, {}),
        (moved, links(BOAT), POINTS, {}),
        (graphs, links(), POINTS, {}),
        (graphs, links({**BOAT, "cost": math.nan}), POINTS, {}),
        (graphs, links({**BOAT, "minutes_back": 91}), POINTS, {}),
        (graphs, links(BOAT), [*POINTS[:3], at(0, 40.001)], {}),
        (graphs, links(BOAT), POINTS[::-1], {}),
        (graphs, links(BOAT), POINTS, {"vehicles": [Vehicle.LONGBOAT]}),
        (graphs, links(BOAT), POINTS, {"depot": 1}),
        (graphs, links(BOAT), POINTS, {"people": 6}),
        (graphs, links(BOAT), POINTS, {"params": TravelParams(wet=True)}),
        (graphs, links(BOAT), POINTS, {"params": TravelParams(walk_kmh=4.1)}),
    ]
    for n_before, (network, timetable, points, options) in enumerate(asked):
        for _ in range(2):
            ask(cache, network, timetable, points, **{**USUAL, **options})
            assert len(searches) == n_before + 1
    assert len(list(tmp_path.iterdir())) == len(asked)


def test_a_weekday_matters_by_the_links_that_run(tmp_path, graphs, searches):
    timetable = links({**BOAT, "weekdays": "135"})
    tables = [
        ask(TravelCache(tmp_path), graphs, timetable, POINTS, **{**USUAL, "weekday": weekday})
        for weekday in (1, 2, 3, 4)
    ]
    assert [bool(table.reachable[0, 2]) for table in tables] == [True, False, True, False]
    assert len(searches) == 2


def test_a_program_that_reckons_otherwise_reads_no_old_table(
    tmp_path, graphs, searches, monkeypatch
):
    ask(TravelCache(tmp_path), graphs, links(), POINTS, **USUAL)
    monkeypatch.setattr(caching, "VERSION", caching.VERSION + 1)
    ask(TravelCache(tmp_path), graphs, links(), POINTS, **USUAL)
    assert len(searches) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: b"not a table" + content[11:],
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"meta", b"atem"),
    ],
    ids=["empty", "other", "cut", "renamed"],
)
def test_a_damaged_table_is_computed_again_and_said_so(tmp_path, graphs, searches, damage, caplog):
    cache = TravelCache(tmp_path)
    first = ask(cache, graphs, links(BOAT), POINTS, **USUAL)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert equal(first, ask(cache, graphs, links(BOAT), POINTS, **USUAL))
    assert len(searches) == 2
    assert "damaged travel table" in caplog.text
    assert equal(first, ask(cache, graphs, links(BOAT), POINTS, **USUAL))
    assert len(searches) == 2


def test_the_tables_used_longest_ago_make_room(tmp_path, graphs, searches):
    cache = TravelCache(tmp_path)
    for people in (1, 2, 3):
        ask(cache, graphs, links(BOAT), POINTS, **{**USUAL, "people": people})
    paths = sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for age, path in enumerate(reversed(paths)):
        os.utime(path, (time.time() - 100 * (age + 1),) * 2)
    ask(cache, graphs, links(BOAT), POINTS, **{**USUAL, "people": 1})  # used again
    size = paths[0].stat().st_size
    ask(
        TravelCache(tmp_path, max_bytes=int(3.5 * size)),
        graphs,
        links(BOAT),
        POINTS,
        **{**USUAL, "people": 4},
    )
    kept = set(tmp_path.iterdir())
    assert len(kept) == 3
    assert kept >= {paths[0], paths[2]}
    ask(TravelCache(tmp_path, max_bytes=1), graphs, links(BOAT), POINTS, **{**USUAL, "people": 5})
    assert len(list(tmp_path.iterdir())) == 1
    assert len(searches) == 5


def test_a_full_disk_costs_no_table_and_leaves_no_half_of_one(
    tmp_path, graphs, monkeypatch, caplog
):
    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    table, is_kept = TravelCache(tmp_path).travel(graphs, links(), POINTS, **USUAL)
    assert not is_kept
    assert table.durations[0, 1] == pytest.approx(
        360 + 900, abs=1
    )  # 4.5 km by road at 45 km/h, 1 km on foot at 4
    assert list(tmp_path.iterdir()) == []
    assert "No space left on device" in caplog.text


def test_two_at_a_time_leave_one_whole_table(tmp_path, graphs, monkeypatch):
    """Both find nothing, both compute, both write."""
    compute, meet = caching.travel, threading.Barrier(2, timeout=60)
    monkeypatch.setattr(caching, "travel", lambda *a, **k: (meet.wait(), compute(*a, **k))[1])
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(TravelCache(tmp_path).travel, graphs, links(BOAT), POINTS, **USUAL)
            for _ in range(2)
        ]
        made = [one.result() for one in both]
    assert [is_kept for _, is_kept in made] == [False, False]
    read, is_kept = TravelCache(tmp_path).travel(graphs, links(BOAT), POINTS, **USUAL)
    assert is_kept
    assert equal(made[0][0], read)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("age_s", "n_left"), [(3500, 1), (3700, 0)], ids=["young", "old"])
def test_what_a_killed_writer_left_is_removed_after_an_hour(tmp_path, graphs, age_s, n_left):
    left = tmp_path / "tmpabc.part"
    left.write_bytes(b"half")
    os.utime(left, (time.time() - age_s,) * 2)
    TravelCache(tmp_path).travel(graphs, links(), POINTS, **USUAL)
    assert len(list(tmp_path.glob("*.part"))) == n_left


@pytest.mark.parametrize("largest", [2**31 - 1, 2**31], ids=["fits", "too large"])
def test_no_number_is_cut(tmp_path, graphs, monkeypatch, largest):
    """The dearest way just fits in 32 bits, or just does not."""
    made = caching.travel(graphs, links(), POINTS, **USUAL)
    made.costs[0, 1] = largest
    monkeypatch.setattr(caching, "travel", lambda *_, **__: made)
    TravelCache(tmp_path).travel(graphs, links(), POINTS, **USUAL)
    read = ask(TravelCache(tmp_path), graphs, links(), POINTS, **USUAL)
    assert (read.costs[0, 1], read.costs.dtype) == (largest, np.int64)


def test_progress_ends_at_one_with_and_without_a_search(tmp_path, graphs):
    for _ in range(2):
        heard = []
        ask(TravelCache(tmp_path), graphs, links(), POINTS, **USUAL, on_progress=heard.append)
        assert heard == [1.0]


def test_kaltim_is_read_back_in_a_second(shared_data, tmp_path):
    """1,038 villages and a base, with lines from it to every 40th village."""
    area = shared_data / "pilot" / "kaltim"
    with (area / "tim.csv").open() as file:
        team = next(csv.DictReader(file))
    with (area / "titik_desa.csv").open() as file:
        places = list(csv.DictReader(file))
    points = [(float(row["lon"]), float(row["lat"])) for row in [team, *places]]
    assert len(points) == 1039
    graphs = build_graphs(read_network(area / "jaringan.gpkg").frame)
    timetable = read_links(area / "penghubung.csv").frame
    first = ask(TravelCache(tmp_path), graphs, timetable, points, **USUAL)
    start = time.perf_counter()
    again = ask(TravelCache(tmp_path), graphs, timetable, points, **USUAL)
    paths = [again.path(0, j) for j in range(0, 1039, 40) if again.reachable[0, j]]
    seconds = time.perf_counter() - start
    assert (again.durations == first.durations).all()
    assert paths == [first.path(0, j) for j in range(0, 1039, 40) if again.reachable[0, j]]
    assert seconds < 1
    assert {path.name[-len(SUFFIX) :] for path in tmp_path.iterdir()} == {SUFFIX}


def test_graphs_that_differ_in_one_word_have_other_names(tmp_path, graphs):
    """Every array of a graph counts, words and numbers."""
    cache = TravelCache(tmp_path)
    graph = graphs["road"]
    names = {cache._graph_digest(graph, at(0))}
    changed = {
        "highways": np.array(["tertiary", *graph.highways[1:]], dtype=object),
        "structures": np.array(["bridge", *graph.structures[1:]], dtype=object),
        "forward": ~graph.forward,
        "flows": graph.flows + 1,
        "fixed_min": graph.fixed_min + 1,  # still missing
        "along_m": graph.along_m * (1 + 1e-12),
    }
    for name, values in changed.items():
        names.add(cache._graph_digest(replace(graph, **{name: values}), at(0)))
    assert len(names) == len(changed)
