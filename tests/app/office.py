"""An office at its command line: runs the real command in a process of its own."""

import json
import math
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from tests.app.loaded import Copy

KOTIM_IMPORTS = (
    ("villages", "batas_desa.gpkg"),
    ("counts", "rekap_perekaman_desa.xlsx"),
    ("connectivity", "blankspot.csv"),
    ("connectivity", "sinyal_desa.csv"),
    ("network", "jaringan.gpkg"),
    ("teams", "tim.csv"),
)
"""The six imports of the tutorial."""


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code, and what it wrote."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The object on the last line of stdout."""
        return json.loads(self.stdout.splitlines()[-1])


@dataclass(frozen=True)
class Office:
    """One data folder, and the command line that works on it."""

    data_dir: Path
    database_url: str = ""

    def run(self, *words: str | Path, lang: str = "en", **env: str) -> Outcome:
        """Run one command and wait for it."""
        settings = {k: v for k, v in os.environ.items() if not k.startswith("JEMPUTBOLA_")}
        settings |= {
            "JEMPUTBOLA_DATA_DIR": str(self.data_dir),
            "JEMPUTBOLA_DATABASE_URL": self.database_url,
            **env,
        }
        with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
            command = Copy(
                "app.cli", "--lang", lang, *map(str, words), env=settings, stdout=out, stderr=err
            )
            try:
                code = command.wait(300)
            finally:
                command.kill()
            stdout, stderr = (file.seek(0) or file.read() for file in (out, err))
        assert "Traceback" not in stderr, stderr
        return Outcome(code, stdout, stderr)

    def json(self, *words: str | Path) -> dict[str, Any]:
        """Run a command that must succeed and give its object."""
        outcome = self.run(*words, "--json")
        assert outcome.code == 0, outcome.stderr
        return outcome.json


def assert_plan_holds(
    plan: dict[str, Any], teams: dict[str, dict[str, Any]], *, fastest_kmh: float
) -> None:
    """Check a plan from its document and the team file alone, with nothing of the solver.

    No village twice; each stop inside the team's hours and on a weekday; sessions as long as they
    say, breaks besides; never faster than the crow at the best speed, from the base or from where
    the team slept; home in time, on a tour within ten hours; kits within each base's pool.
    """
    slept, out = nights_of(plan)
    codes = [stop["village_code"] for stop in plan["stops"]]
    assert len(codes) == len(set(codes))
    kits: dict[tuple[str, str], set[str]] = {}
    last: dict[tuple[str, str], tuple[datetime, float, float]] = {}
    for stop in sorted(plan["stops"], key=lambda s: (s["team"], s["day"], s["order"])):
        team, key = teams[stop["team"]], (stop["team"], stop["day"])
        day = date.fromisoformat(stop["day"])
        assert day.isoweekday() <= 5
        times = [datetime.fromisoformat(stop[name]) for name in ("arrive", "start", "depart")]
        arrive, start, depart = times
        opens = datetime.fromisoformat(f"{stop['day']}T{team['jam_mulai']}:00").time()
        closes = datetime.fromisoformat(f"{stop['day']}T{team['jam_selesai']}:00").time()
        assert arrive.date() == depart.date() == day
        first = datetime.combine(day, opens, arrive.tzinfo)
        ends = datetime.combine(day, closes, arrive.tzinfo)
        more = max(timedelta(0), timedelta(hours=10) - (ends - first))
        assert first <= start
        assert depart <= ends
        if key in slept or key in out:
            first, ends = first - more, ends + more
        assert first <= arrive <= start
        assert depart - start == timedelta(minutes=stop["minutes"] + stop["break_minutes"])
        base = (float(team["lon"]), float(team["lat"]))
        # Where a team slept is known here only if it also served there.
        place = slept.get(key, base)
        before, lon, lat = last.get(key, (first, *(place or (stop["lon"], stop["lat"]))))
        crow = _km(lon, lat, stop["lon"], stop["lat"]) / fastest_kmh
        assert (arrive - before) / timedelta(hours=1) >= crow - 0.01
        if key not in out:
            home = _km(*base, stop["lon"], stop["lat"]) / fastest_kmh
            assert depart + timedelta(hours=home) <= ends
        if stop["with_kit"]:
            kits.setdefault((team["pangkalan"], stop["day"]), set()).add(stop["team"])
        if stop["service_mode"] == "no_service":
            assert sum(stop["expected"].values()) == 0
        last[key] = (depart, stop["lon"], stop["lat"])
    pool: dict[str, int] = {}
    for team in teams.values():
        pool[team["pangkalan"]] = pool.get(team["pangkalan"], 0) + int(team["kit_satelit"])
    for (place, _), users in kits.items():
        assert len(users) <= pool[place]


Place = tuple[float, float] | None


def nights_of(
    plan: dict[str, Any],
) -> tuple[dict[tuple[str, str], Place], dict[tuple[str, str], Place]]:
    """Tell where a team starts that slept out, and where it sleeps after a day, by team and day.

    A place is lon, lat; None where no stop of the plan is in that village.
    """
    places = {stop["village_code"]: (stop["lon"], stop["lat"]) for stop in plan["stops"]}
    slept: dict[tuple[str, str], Place] = {}
    out: dict[tuple[str, str], Place] = {}
    for team in plan["teams"]:
        for shift in team["shifts"]:
            if shift["sleeps_code"]:
                morning = date.fromisoformat(shift["day"]) + timedelta(days=1)
                place = places.get(shift["sleeps_code"])
                out[team["team"], shift["day"]] = place
                slept[team["team"], morning.isoformat()] = place
    return slept, out


def _km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance, haversine formula, radius 6,371 km."""
    a, b = math.radians(lat1), math.radians(lat2)
    h = math.sin((b - a) / 2) ** 2
    h += math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))
