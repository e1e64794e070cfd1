"""How long a change by hand takes to be checked, kept and answered, over HTTP.

``python -m benchmarks.edits PACK [--edits 100] [--unchanged 200] [--seconds 10] [--nights 6]``,
PACK a folder like ``pilot/kotim``. Imports and plans it, then takes random actions on the plan, one
a request: half of them only asked, half kept, with a reason in case they break rules. Then dates
are asked for villages that were left out, each by a letter, and a telephone asks for what it has: a
team's itinerary and its small JSON sheet, with their ETag; beside them the request that has the
least to do. The application runs in this process, so neither network nor another process is in the
times. Prints a Markdown table.

The targets are a p95 under 200 ms, dates within seconds, and 5 ms where nothing has changed.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from app.main import create_app
from app.settings import Settings
from benchmarks.load import REGENCY, WEEK, run, token_of
from benchmarks.tutorial import IMPORTS

MEASURES = ("wall", "CPU")
N_REQUESTS = 5
AS_OF = "2026-11-18"
SUNDAY = str(date.fromisocalendar(int(WEEK[:4]), int(WEEK[6:]), 7))
Times = dict[str, list[tuple[float, float]]]


def prepare(env: dict[str, str], pack: Path, seconds: str, nights: str) -> str:
    """Import the pack, plan its week, and give a token of an admin."""
    for kind, name in IMPORTS:
        run(env, "import", kind, pack / name)
    run(env, "plan", "--regency", REGENCY, "--week", WEEK, "--seconds", seconds,
        "--max-nights", nights)  # fmt: skip
    return token_of(env, "hand", "--role", "admin")


def some_action(plan: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Choose an action on a plan at random."""
    stops = [stop["point_code"] for stop in plan["stops"]]
    # A tour may end in the next week; nobody else can be sent out then.
    days = sorted({stop["day"] for stop in plan["stops"] if stop["day"] <= SUNDAY})
    place = {"team": chance.choice(plan["teams"])["team"], "day": chance.choice(days)}
    kind = chance.choice(("move", "move", "swap", "add", "drop", "length"))
    if kind == "move":
        return {"action": kind, "at": chance.choice(stops), **place}
    if kind == "swap":
        one, other = chance.sample(stops, 2)
        return {"action": kind, "at": one, "other": other}
    if kind == "add":
        left_out = chance.choice(plan["unserved"])["point_code"]
        return {"action": kind, "at": left_out, **place}
    if kind == "drop":
        return {"action": kind, "at": chance.choice(stops)}
    minutes = chance.choice(plan["params"]["minutes"])
    return {"action": kind, "at": chance.choice(stops), "minutes": minutes}


async def measure(settings: Settings, token: str, n: int, n_unchanged: int) -> Times:
    """Take actions and give wall and CPU seconds of each request, by what was asked."""
    app, chance = create_app(settings), random.Random(0)  # noqa: S311 (repeatable, no secret)
    times: Times = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost/api/v1/plans",
        headers={"Authorization": f"Bearer {token}"}, timeout=60,
    ) as client:  # fmt: skip

        async def ask(name: str, method: str, url: str, **body: Any) -> Any:  # noqa: ANN401 (JSON)
            began = time.perf_counter(), time.process_time()
            answer = await client.request(method, url, **body)
            took = time.perf_counter() - began[0], time.process_time() - began[1]
            answer.raise_for_status()
            times.setdefault(name, []).append(took)
            return answer.json()

        await ask("first, with the week to load", "GET", "/1/edits")
        for i in range(n):
            plan = (await client.get("/1")).json()
            body = {"version": plan["version"], "actions": [some_action(plan, chance)]}
            if i % 2:
                await ask("asked", "POST", "/1/edits", json={**body, "keep": False})
            else:
                await ask("kept", "POST", "/1/edits", json={**body, "reason": "benchmark"})
        requests = "http://localhost/api/v1/requests"
        for row in (await client.get("/1")).json()["unserved"][:N_REQUESTS]:
            letter = {
                "village_code": row["village_code"], "number": row["village_code"],
                "letter_date": AS_OF, "programmes": ["ktp_el"], "people": 40,
            }  # fmt: skip
            made = (await client.post(requests, json=letter)).raise_for_status().json()
            await ask("dates for a request", "GET", f"{requests}/{made['request_id']}/suggestions")
        team = (await client.get("/1")).json()["teams"][0]["team"]
        for name, url in (
            ("itinerary, unchanged", f"http://localhost/api/v1/teams/{team}/itinerary?week={WEEK}"),
            ("JSON sheet, unchanged", f"/1/sheets/json?team={team}"),
            ("health", "http://localhost/api/v1/health"),
        ):
            times[name] = await ask_again(client, url, n_unchanged)
    return times


async def ask_again(client: httpx.AsyncClient, url: str, n: int) -> list[tuple[float, float]]:
    """Ask for what the client has, by ETag if it has one; give wall and CPU seconds of each."""
    etag = (await client.get(url)).raise_for_status().headers.get("ETag")
    known, status = ({"If-None-Match": etag}, 304) if etag else ({}, 200)
    times = []
    for _ in range(n):
        began = time.perf_counter(), time.process_time()
        answer = await client.get(url, headers=known)
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
        if answer.status_code != status:
            raise RuntimeError(f"{url}: {answer.status_code} in place of {status}")
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--unchanged", type=int, default=200)
    parser.add_argument("--seconds", default="10")
    parser.add_argument("--nights", default="6")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "JEMPUTBOLA_DATA_DIR": folder}
        token = prepare(env, given.pack, given.seconds, given.nights)
        settings = Settings(_env_file=None, data_dir=Path(folder), server_jobs=0)
        times = asyncio.run(measure(settings, token, given.edits, given.unchanged))
    print("| request | n | " + " | ".join(f"{m} p50, p95, max ms" for m in MEASURES) + " |")
    print("|---|---:|---:|---:|")
    for name, took in times.items():
        cells = [spread([pair[i] for pair in took]) for i in range(len(MEASURES))]
        print(f"| {name} | {len(took)} | {' | '.join(cells)} |")


def spread(seconds: list[float]) -> str:
    """Write median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return ", ".join(f"{1000 * s:.1f}" for s in (statistics.median(ordered), high, ordered[-1]))


if __name__ == "__main__":
    main()
