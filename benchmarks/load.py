"""Load an office on PostgreSQL: phones that sync, planners at work, a plan being solved.

``python -m benchmarks.load PACK [--phones 500] [--planners 20] [--seconds 60]``, PACK a folder like
``pilot/kotim``. Each phone, with the token of its team's account, asks once for its team's week at
a random moment, every second one with the ETag that it has; a planner of the regency asks every
five seconds for one of the things that the map shows. One solve of low priority goes on meanwhile.
Server, worker, PostgreSQL and this program share one machine. Prints a Markdown table: times from
sending a request to having read its answer.

The target is a p95 under 200 ms and no error.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.tutorial import IMPORTS
from tests.app.postgresql import server

WEEK, REGENCY = "2026-W49", "62.02"
EVERY_S = 5.0
SEEN = ("/plans", "/plans/1", "/features/villages?regency=62.02", "/features/stops?plan_id=1",
        "/features/routes?plan_id=1", "/jobs/1", "/teams")  # fmt: skip
Times = dict[str, list[float]]
PLANNER = "rina"


def run(env: dict[str, str], *words: object) -> str:
    """Run one command to its end and give what it printed."""
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "app.cli", "--json", *map(str, words)],
        env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


@contextmanager
def running(env: dict[str, str], *words: str, nice: int = 0) -> Iterator[None]:
    """Run a command in the background, at less priority than others if asked to."""
    process = subprocess.Popen(  # noqa: S603 (our own command)
        ["/usr/bin/nice", "-n", str(nice), sys.executable, "-m", "app.cli", *words], env=env
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def prepare(env: dict[str, str], pack: Path) -> dict[str, str]:
    """Import the pack, plan its week, and give a token of a planner and of each team."""
    for kind, name in IMPORTS:
        run(env, "import", kind, pack / name)
    run(env, "plan", "--regency", REGENCY, "--week", WEEK, "--seconds", "5")
    lines = (pack / dict(IMPORTS)["teams"]).read_text(encoding="utf-8").splitlines()[1:]
    teams = [line.split(",")[0] for line in lines]
    tokens = {PLANNER: token_of(env, PLANNER, "--role", "planner", "--area", REGENCY)}
    for team in teams:
        tokens[team] = token_of(env, f"hp-{team.lower()}", "--role", "team", "--team", team)
    return tokens


def token_of(env: dict[str, str], name: str, *account: str) -> str:
    """Add an account and give a token of it."""
    run(env, "account", "add", name, *account)
    made: dict[str, str] = json.loads(run(env, "token", "add", name, "--for", "load"))
    return made["token"]


async def ask(
    client: httpx.AsyncClient, token: str, url: str, times: Times, name: str, **headers: str
) -> str:
    """Ask once, note how long it took, and give the ETag."""
    began = time.perf_counter()
    headers["Authorization"] = f"Bearer {token}"
    answer = await client.get(f"/api/v1{url}", headers=headers)
    times[name].append(time.perf_counter() - began)
    if answer.status_code not in {200, 304}:
        times[f"{name}: {answer.status_code}"].append(0.0)
    return answer.headers.get("etag", "")


async def phone(
    client: httpx.AsyncClient, token: str, at: float, team: str, tag: str, times: Times
) -> None:
    """Sync once, ``at`` seconds from now."""
    await asyncio.sleep(at)
    headers = {"If-None-Match": tag} if tag else {}
    await ask(
        client, token, _week_of(team), times, "phone, unchanged" if tag else "phone, all", **headers
    )


def _week_of(team: str) -> str:
    return f"/teams/{team}/itinerary?week={WEEK}"


async def planner(
    client: httpx.AsyncClient, token: str, at: float, until: float, times: Times
) -> None:
    """Ask for something every few seconds."""
    await asyncio.sleep(at)
    while time.perf_counter() < until:
        await ask(client, token, random.choice(SEEN), times, "planner")  # noqa: S311 (no secret)
        await asyncio.sleep(EVERY_S)


async def load(address: str, tokens: dict[str, str], options: argparse.Namespace) -> Times:
    """Let all of them ask, and give their times by who asked."""
    times: Times = defaultdict(list)
    rina, teams = tokens[PLANNER], [team for team in tokens if team != PLANNER]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=30, limits=limits) as client:
        solve = {"regency": REGENCY, "week": "2026-W50", "seconds": options.seconds}
        headers = {"Authorization": f"Bearer {rina}"}
        (await client.post("/api/v1/plans", json=solve, headers=headers)).raise_for_status()
        before: Times = defaultdict(list)
        tag = {
            team: await ask(
                client, tokens[team], f"/teams/{team}/itinerary?week={WEEK}", before, ""
            )
            for team in teams
        }
        until = time.perf_counter() + options.seconds
        work = [
            phone(
                client, tokens[team], random.uniform(0, options.seconds), team,  # noqa: S311
                tag[team] * (n // len(teams) % 2), times,
            )
            for n, team in enumerate(teams[n % len(teams)] for n in range(options.phones))
        ]  # fmt: skip
        work += [planner(client, rina, random.uniform(0, EVERY_S), until, times)  # noqa: S311
                 for _ in range(options.planners)]  # fmt: skip
        await asyncio.gather(*work)
    return times


def table(times: Times) -> str:
    """Write a row for each kind of request, and one of all."""
    lines = ["| request | number | p50 ms | p95 ms | most ms |", "|---|---|---|---|---|"]
    errors = {name: len(found) for name, found in times.items() if ": " in name}
    kinds = {name: sorted(found) for name, found in times.items() if name not in errors}
    kinds["all"] = sorted(one for found in kinds.values() for one in found)
    for name, found in kinds.items():
        cuts = statistics.quantiles(found, n=100, method="inclusive")
        shown = " | ".join(f"{1000 * value:.0f}" for value in (cuts[49], cuts[94], found[-1]))
        lines.append(f"| {name} | {len(found)} | {shown} |")
    return "\n".join([*lines, "", f"errors: {sum(errors.values())} {errors or ''}".rstrip()])


def main() -> None:
    """Set an office up on a server of its own, load it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", metavar="PACK", type=Path)
    parser.add_argument("--phones", type=int, default=500)
    parser.add_argument("--planners", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as data,
        server(Path(folder)) as address,
    ):
        env = {
            **os.environ, "JEMPUTBOLA_DATABASE_URL": f"{address}/postgres",
            "JEMPUTBOLA_DATA_DIR": data, "JEMPUTBOLA_PORT": port, "JEMPUTBOLA_SERVER_JOBS": "0",
        }  # fmt: skip
        tokens = prepare(env, options.pack)
        site = f"http://127.0.0.1:{port}"
        with running(env, "serve"), running(env, "worker", nice=10):
            _wait(site)
            print(table(asyncio.run(load(site, tokens, options))), flush=True)


def _wait(site: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{site}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{site} did not become ready within 60 s")


if __name__ == "__main__":
    main()
