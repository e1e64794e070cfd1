"""Measure weeks of the pilot regencies: ``python -m benchmarks.pilots PACK... --csv OUT``.

Each PACK, a folder such as ``../shared/data/pilot/kotim``, is imported into a temporary database;
its regencies are planned as the product plans them, with the office's default parameters, each in a
process of its own. ``--all-rules`` adds what an office may ask of a week besides: a visit in every
district or its price, and a budget that binds; satellite kits are a pool by base and day in any
case. ``--max-nights 0`` plans day tours only: what is missing there is not due to nights out.
``gap`` is what is missing to the bound that was proven in the run; ``score`` is the value in
thousandths of a weighted document. Travel tables are made before the clock starts.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from app import __version__
from app.db import connect, migrate, reading, transaction
from app.ingest import ingest
from app.planning import create_plan
from app.schemas.plans import PlanRequest
from app.settings import Settings
from app.travel import TravelMeans
from app.week import load_week
from app.week_problem import problem_of
from benchmarks.results import (
    Key,
    Results,
    Row,
    add_arguments,
    apart,
    spent_of,
    summary,
    without_warnings,
)
from routing import Problem, SolveParams, check, solve
from routing.compiling import compile_kernels, compile_tours

WEEK, TODAY = "2026-W49", date(2026, 11, 22)
COUNTED_ON = date(2024, 6, 30)
"""What the counts of the packs say where their file has no date."""
REGENCIES = {
    "62.02": "kotim",
    "64.02": "kutai-kartanegara",
    "64.11": "mahakam-ulu",
    "64.72": "samarinda",
    "65.02": "malinau",
    "65.03": "nunukan",
}
KINDS = {
    "batas_desa.gpkg": "villages",
    "rekap_perekaman_desa.xlsx": "counts",
    "rekap_perekaman_desa.csv": "counts",
    "blankspot.csv": "connectivity",
    "sinyal_desa.csv": "connectivity",
    "jaringan.gpkg": "network",
    "penghubung.csv": "links",
    "tim.csv": "teams",
}
"""Files of a pack in the order of their import."""
RUPIAH_PER_SHIFT = 600_000
"""The budget of ``--all-rules`` for each day of each team: less than a day in the field costs."""
DISTRICT_VISITS, DISTRICT_PRICE = 1, 5.0
"""Visits that each district gets, and what one too few costs, in weighted documents."""


class Asked(NamedTuple):
    """A week to plan."""

    regency: str
    all_rules: bool
    max_nights: int | None

    @property
    def name(self) -> str:
        """Give the name of the instance."""
        nights = "" if self.max_nights is None else f"-n{self.max_nights}"
        return f"{REGENCIES[self.regency]}{'-all-rules' if self.all_rules else ''}{nights}"


def import_pack(folder: Path, pack: Path) -> None:
    """Import the files of a pack into an empty data folder."""
    engine = connect(_settings(folder).url)
    migrate(engine)
    for name, kind in KINDS.items():
        if (pack / name).exists():
            as_of = COUNTED_ON if kind == "counts" else None
            ingest(engine, kind, pack / name, as_of=as_of)
    engine.dispose()


def week_problem(folder: Path, asked: Asked) -> Problem:
    """Build the problem that the product would solve."""
    settings = _settings(folder)
    engine = connect(settings.url)
    request: dict[str, Any] = {"regency": asked.regency, "week": WEEK, "announced_on": TODAY}
    if asked.max_nights is not None:
        request["max_nights"] = asked.max_nights
    problem = _problem(engine, settings, request)
    if asked.all_rules:
        n_days = sum(shift.serves and shift.starts_tour for shift in problem.shifts)
        request |= {
            "budget_rupiah": RUPIAH_PER_SHIFT * n_days,
            "district_visits": DISTRICT_VISITS,
            "district_price": DISTRICT_PRICE,
        }
        problem = _problem(engine, settings, request)
    engine.dispose()
    return problem


def _problem(engine: Any, settings: Settings, request: dict[str, Any]) -> Problem:  # noqa: ANN401
    with transaction(engine) as session:
        plan, _ = create_plan(session, PlanRequest(**request), today=TODAY)
        plan_id = plan.id or 0
    with reading(engine) as session:
        week = load_week(session, plan_id, TravelMeans.of(settings))
    week.travel.compute()
    return problem_of(week)


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url="")


@without_warnings()
def measure(folder: Path, asked: Asked, key: Key) -> Row:
    """Plan one week in this process, and judge the plan."""
    problem = week_problem(folder, asked)
    compile_kernels()
    if problem.has_nights:
        compile_tours()
    started = perf_counter()
    result = solve(problem, SolveParams(time_limit_s=key.seconds, seed=key.seed))
    seconds = perf_counter() - started
    violations = check(problem, result.solution)
    if violations:
        raise AssertionError(f"{asked.name}: {violations[0].message}")
    return Row(
        instance=asked.name, seed=key.seed, method="ours", cores=key.cores,
        seconds=spent_of(key.seconds, seconds), peak_mb=0, status=str(result.status),
        score=round(result.value, 3), bound=result.bound,
        gap=None if result.gap is None else round(result.gap, 8), best_known=None,
        version=__version__,
    )  # fmt: skip


def regencies_of(pack: Path) -> list[str]:
    """List the regencies to measure that a pack has teams for."""
    teams = pack / "tim.csv"
    if not teams.exists():
        raise SystemExit(f"{pack}: has no tim.csv; name packs such as ../shared/data/pilot/kotim")
    codes = {line[:5] for line in teams.read_text(encoding="utf-8").splitlines()[1:]}
    return sorted(codes & REGENCIES.keys())


def codes(text: str) -> list[str]:
    """Read ``62.02,64.11``."""
    found = text.split(",")
    unknown = [code for code in found if code not in REGENCIES]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"regency {unknown[0]!r}: known are {', '.join(REGENCIES)}"
        )
    return found


def runs(asked: argparse.Namespace) -> Iterator[tuple[Path, Asked, Key]]:
    """List every run that is asked for."""
    for pack in asked.packs:
        for regency in sorted(set(regencies_of(pack)) & set(asked.regencies)):
            week = Asked(regency, asked.all_rules, asked.max_nights)
            for seed in asked.seeds:
                yield (
                    pack,
                    week,
                    Key(
                        instance=week.name, seed=seed, method="ours", cores=asked.cores,
                        seconds=asked.seconds,
                    ),
                )  # fmt: skip


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("packs", metavar="PACK", type=Path, nargs="+")
    parser.add_argument(
        "--regencies", type=codes, default=[*REGENCIES], help="only these of the packs, as 65.02"
    )
    parser.add_argument("--all-rules", action="store_true", help="fairness and a budget too")
    parser.add_argument("--max-nights", type=int, help="default: that of the office's parameters")
    add_arguments(parser, seconds=60.0, has_peers=False)
    parser.set_defaults(seeds=[1])
    return parser.parse_args()


@without_warnings()
def main() -> None:
    """Measure what is missing, write each row at once, print what was reached."""
    asked = arguments()
    wanted = {key: (pack, week) for pack, week, key in runs(asked)}
    results = Results(asked.csv)
    with tempfile.TemporaryDirectory() as folder:
        imported: dict[Path, Path] = {}
        for key in results.missing(list(wanted)):
            pack, week = wanted[key]
            if pack not in imported:
                imported[pack] = Path(folder) / str(len(imported))
                imported[pack].mkdir()
                import_pack(imported[pack], pack)
            row, peak_mb = apart(key.cores, partial(measure, imported[pack], week, key))
            results.add(replace(row, peak_mb=peak_mb))
    rows = results.of(list(wanted))
    if rows:
        summary(rows)


if __name__ == "__main__":
    main()
