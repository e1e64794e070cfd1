"""Time the tutorial: six imports, a plan, and the village layer over HTTP.

``python -m benchmarks.tutorial PACK [--runs 3]``, PACK a folder like ``pilot/kotim``. Every figure
is the wall time of what a user waits for: whole commands, interpreter start included, and requests
to a real server on loopback. Prints a Markdown table of medians, the lowest and the highest run.
"""

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx

IMPORTS = (
    ("villages", "batas_desa.gpkg"),
    ("counts", "rekap_perekaman_desa.xlsx"),
    ("connectivity", "blankspot.csv"),
    ("connectivity", "sinyal_desa.csv"),
    ("network", "jaringan.gpkg"),
    ("teams", "tim.csv"),
)
REQUESTS = 50


def timed(work: Callable[[], object]) -> float:
    """Count the seconds a piece of work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def run(data: Path, *words: str | Path) -> None:
    """Run one command to its end; its failure ends the measurement."""
    env = {**os.environ, "JEMPUTBOLA_DATA_DIR": str(data)}
    subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "app.cli", *map(str, words)],
        env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def one_run(pack: Path, data: Path) -> dict[str, float]:
    """Measure everything once, from an empty folder."""
    each = {f"import {k} {f}": timed(lambda k=k, f=f: run(data, "import", k, pack / f))
            for k, f in IMPORTS}  # fmt: skip
    figures = {**each, "six imports together": sum(each.values())}
    plan = ("plan", "--regency", "62.02", "--week", "2026-W49", "--seconds", "10")
    figures["plan, --seconds 10"] = timed(lambda: run(data, *plan))
    figures |= requests(data)
    return figures


def requests(data: Path) -> dict[str, float]:
    """Measure the village layer on a warm server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "JEMPUTBOLA_DATA_DIR": str(data), "JEMPUTBOLA_PORT": str(port)}
    words = [sys.executable, "-m", "app.cli", "serve"]
    token = _token(env)
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE) as server:  # noqa: S603
        if server.stdout is not None:
            server.stdout.readline()  # the line that says where it is
        try:
            url = f"http://127.0.0.1:{port}/api/v1/features/villages?regency=62.02"
            # One client, as a browser is: a new one reads all authorities it trusts, some 30 ms.
            with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
                first = timed(lambda: client.get(url).raise_for_status())
                warm = [timed(lambda: client.get(url).raise_for_status())
                        for _ in range(REQUESTS)]  # fmt: skip
        finally:
            server.terminate()
    return {
        "GET all village features, first": first,
        "GET all village features, warm (median of 50)": statistics.median(warm),
        "GET all village features, warm (slowest of 50)": max(warm),
    }


def _token(env: dict[str, str]) -> str:
    """Make an account that may read, and give a token of it."""

    def run_json(*words: str) -> dict[str, str]:
        command = [sys.executable, "-m", "app.cli", *words, "--json"]
        done = subprocess.run(command, env=env, capture_output=True, check=True)  # noqa: S603
        return dict(json.loads(done.stdout))

    run_json("account", "add", "pengukur", "--role", "viewer")
    return run_json("token", "add", "pengukur", "--for", "benchmarks")["token"]


def main() -> None:
    """Measure several runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    runs = []
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(one_run(arguments.pack, Path(folder)))
    made = datetime.now(UTC).date().isoformat()
    print(f"{made}, {os.cpu_count()} cores, Python {platform.python_version()},"
          f" ortools {version('ortools')}, {arguments.runs} runs\n")  # fmt: skip
    print("| what | median s | lowest | highest |\n|---|---|---|---|")
    for name in runs[0]:
        figures = [figure[name] for figure in runs]
        low, middle, high = min(figures), statistics.median(figures), max(figures)
        print(f"| {name} | {middle:.3g} | {low:.3g} | {high:.3g} |")


if __name__ == "__main__":
    main()
