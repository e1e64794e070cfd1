"""What adds up along paths, against a walk by hand over the edges."""

import heapq
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import paths
from geodata.paths import Edges, Web

EDGES = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 1000)), min_size=0, max_size=30
)


def web_of(ways):
    """Make a web of 8 nodes; the metres of an edge are its number, so that sums tell the way."""
    web = Web()
    web.new_nodes(np.c_[np.arange(8), np.zeros(8)])
    n = len(ways)
    tails, heads, ms = np.array(ways, dtype=np.int64).reshape(-1, 3).T
    zeros = np.zeros(n)
    metres = 2.0 ** np.arange(n)
    straight = np.full(n, -1)
    web.add(Edges(tails, heads, ms * 1.0, metres, zeros, straight, straight, zeros, zeros))
    return web.network()


def walk(ways, source):
    """Give the time to each node by a queue over the edges."""
    found, queue = {}, [(0, source)]
    while queue:
        ms, node = heapq.heappop(queue)
        if node not in found:
            found[node] = ms
            for tail, head, more in ways:
                if tail == node:
                    heapq.heappush(queue, (ms + more, head))
    return found


def search(network, sources, n_targets=8, **options):
    values = np.stack([network.edges.metres, network.edges.ms])
    return network.search(np.array(sources), n_targets, values, **options)


@given(EDGES, st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_sums_are_those_of_the_edges_on_the_path(ways, through):
    network = web_of(ways)
    sums = search(network, range(8), through=np.full(8, through))
    for source in range(8):
        times = walk(ways, source)
        for node in range(8):
            edges = network.path(source, node)
            if node not in times:
                assert np.isinf(sums.ms[source, node])
                assert len(edges) == 0
            else:
                assert sums.ms[source, node] == times[node]
            assert sums.added[1, source, node] == (times.get(node, 0))
            assert sums.added[0, source, node] == network.edges.metres[edges].sum()
            heads = network.edges.heads[edges]
            assert sums.passes[source, node] == (through in heads)
            assert (network.edges.tails[edges] == [source, *heads][: len(edges)]).all()


def test_of_parallel_edges_the_fastest_is_kept():
    network = web_of([(0, 1, 50), (0, 1, 20), (0, 1, 30), (2, 2, 5), (1, 0, 7)])
    assert network.edges.ms.tolist() == [20, 7]
    assert network.edges.metres.tolist() == [2, 16]


def test_only_the_first_nodes_are_targets():
    sums = search(web_of([(7, 5, 4), (5, 1, 3)]), [7], n_targets=2)
    assert sums.ms.tolist() == [[np.inf, 7]]
    assert sums.added[0].tolist() == [[0, 3]]


@pytest.mark.parametrize("processes", [1, 2])
def test_many_small_parts_give_the_whole(monkeypatch, processes):
    ways = [(k, (k + 1) % 8, 10 + k) for k in range(8)]
    whole = search(web_of(ways), range(8))
    monkeypatch.setattr(paths, "CHUNK_ENTRIES", 16)  # two sources at a time
    monkeypatch.setattr(paths, "PARALLEL_ENTRIES", 0)
    heard = []
    parts = search(web_of(ways), range(8), processes=processes, on_progress=heard.append)
    assert heard == [0.25, 0.5, 0.75, 1.0]
    for a, b in zip(whole, parts, strict=True):
        assert (a == b).all()
    assert whole.ms[0].tolist() == [0, 10, 21, 33, 46, 60, 75, 91]


def test_trees_of_few_sources_are_remembered():
    network = web_of([(k, (k + 1) % 8, 1) for k in range(8)])
    for source in range(8):
        assert len(network.path(source, (source + 3) % 8)) == 3
    assert len(network._trees) == 8 <= paths.TREES_KEPT


ORPHANS = """
    import os, time
    from geodata import paths

    def busy(_):
        print(os.getpid(), flush=True)
        time.sleep(60)

    if __name__ == "__main__":
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context
        pool = ProcessPoolExecutor(
            1, get_context("spawn"), initializer=paths._start_process, initargs=(None,)
        )
        pool.submit(busy, 0).result()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_processes_end_with_the_one_that_started_them(tmp_path):
    script = tmp_path / "asks.py"
    script.write_text(textwrap.dedent(ORPHANS))
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(paths.__file__).parents[1])},
    ) as parent:
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _is_running(worker):
        time.sleep(0.05)
    assert not _is_running(worker)


def _is_running(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
