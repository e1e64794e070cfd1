"""Commands that judge a plan made by hand, mend a plan, and plan the rest of a week anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import open_database, parse_date, print_json, terminal

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.models import Job, Plan
    from app.settings import Settings

commands = typer.Typer()

PlanNumber = Annotated[int, typer.Argument(metavar="PLAN")]
Seconds = Annotated[float | None, typer.Option("--seconds", min=0.1, max=3600)]
Seed = Annotated[int, typer.Option("--seed", min=0)]
BREAKS_RULES = 1
DIFFERS = 1


@commands.command()
def judge(
    plan_id: PlanNumber,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]")] = None,
) -> None:
    """Judge a plan made by hand beside a stored one: violations, worth, cost, differences."""
    with open_database() as (engine, settings):
        from app.changes import ask_judgement, solved_plan
        from app.db import transaction
        from app.hand_plan import read_hand_made

        with transaction(engine) as session:
            base = solved_plan(session, plan_id)
            made = None if file is None else read_hand_made(session, base, file)
            plan, job = ask_judgement(session, plan_id, made)
            numbers = _numbers(plan, job)
        if _answered(engine, settings, *numbers)["violations"]:
            raise typer.Exit(BREAKS_RULES)


@commands.command()
def repair(plan_id: PlanNumber, seconds: Seconds = None, seed: Seed = 0) -> None:
    """Mend a plan that breaks rules, with the fewest changes."""
    with open_database() as (engine, settings):
        from app.changes import ask_repair
        from app.db import transaction
        from app.run import end_of
        from app.schemas.plan_changes import SearchAgain

        with transaction(engine) as session:
            request = SearchAgain(seconds=seconds, seed=seed)
            numbers = _numbers(*ask_repair(session, plan_id, request))
        end_of(_answered(engine, settings, *numbers))


@commands.command()
def reproduce(plan_id: PlanNumber) -> None:
    """Make a plan again from its record, without a clock, and compare."""
    with open_database() as (engine, settings):
        from app.db import transaction
        from app.records import ask_reproduction
        from app.run import job_result

        with transaction(engine) as session:
            job_id = ask_reproduction(session, plan_id).id or 0
        found = job_result(engine, settings, plan_id, job_id, terminal)
        if terminal.as_json:
            print_json(found)
        else:
            from app.record_console import print_reproduction

            print_reproduction(found, terminal)
        if not found["is_same"]:
            raise typer.Exit(DIFFERS)


@commands.command()
def replan(
    plan_id: PlanNumber,
    from_day: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD")] = None,
    missed: Annotated[list[str] | None, typer.Option("--missed", metavar="CODE")] = None,
    cancel: Annotated[list[str] | None, typer.Option("--cancel", metavar="CODE")] = None,
    require: Annotated[list[str] | None, typer.Option("--require", metavar="CODE")] = None,
    absent: Annotated[
        list[str] | None, typer.Option("--absent", metavar="TEAM[=DAY[..DAY]]")
    ] = None,
    broken: Annotated[
        list[str] | None, typer.Option("--broken", metavar="TEAM=kits:N,satellite_kits:N")
    ] = None,
    back: Annotated[list[str] | None, typer.Option("--back", metavar="TEAM")] = None,
    close: Annotated[list[str] | None, typer.Option("--close", metavar="LON,LAT[,METRES]")] = None,
    link_off: Annotated[
        list[str] | None, typer.Option("--link-off", metavar="FROM=TO[=DAY[..DAY]]")
    ] = None,
    lock: Annotated[list[str] | None, typer.Option("--lock", metavar="CODE")] = None,
    lock_team: Annotated[list[str] | None, typer.Option("--lock-team", metavar="TEAM")] = None,
    change_price: Annotated[float | None, typer.Option("--change-price")] = None,
    max_changes: Annotated[int | None, typer.Option("--max-changes", metavar="N")] = None,
    seconds: Seconds = None,
    seed: Seed = 0,
) -> None:
    """Plan the rest of a published week anew after something happened."""
    day = parse_date(from_day, "--from")
    with open_database() as (engine, settings):
        from app.calendar import today_in
        from app.changes import ask_replan, solved_plan
        from app.db import transaction
        from app.run import end_of
        from app.schemas.plan_changes import ReplanRequest

        asked = {
            "from_day": day, "missed": missed, "cancelled": cancel, "required": require,
            "absent": [_absence(text) for text in absent or ()],
            "broken": [_breakage(text) for text in broken or ()],
            "back": back,
            "closed": [_closure(text) for text in close or ()],
            "links_off": [_link_off(text) for text in link_off or ()],
            "locked": lock, "locked_teams": lock_team,
            "change_price": change_price, "max_changes": max_changes, "seconds": seconds,
            "seed": seed,
        }  # fmt: skip
        request = ReplanRequest.model_validate({k: v for k, v in asked.items() if v is not None})
        with transaction(engine) as session:
            today = today_in(solved_plan(session, plan_id).regency_code)
            numbers = _numbers(*ask_replan(session, plan_id, request, today=today))
        end_of(_answered(engine, settings, *numbers))


def _numbers(plan: "Plan", job: "Job") -> tuple[int, int, float]:
    return plan.id or 0, job.id or 0, float(plan.params["seconds"])


def _answered(
    engine: "Engine", settings: "Settings", plan_id: int, job_id: int, seconds: float
) -> dict[str, Any]:
    """Do the job and show its plan."""
    from app.run import run_job, show_plan

    run_job(engine, settings, plan_id, job_id, seconds, terminal)
    return show_plan(engine, plan_id, terminal)


def _absence(text: str) -> dict[str, Any]:
    """Read ``TEAM``, ``TEAM=DAY`` or ``TEAM=DAY..DAY``."""
    team, _, days = text.partition("=")
    first, _, last = days.partition("..")
    return {
        "team": team.strip(),
        "first": parse_date(first or None, "--absent"),
        "last": parse_date(last or first or None, "--absent"),
    }


def _link_off(text: str) -> dict[str, Any]:
    """Read ``FROM=TO``, ``FROM=TO=DAY`` or ``FROM=TO=DAY..DAY``."""
    one, has_other, rest = text.partition("=")
    other, _, days = rest.partition("=")
    first, _, last = days.partition("..")
    if not has_other or not other.strip():
        raise _misused("--link-off", text, "Sampit=Pagatan=2026-12-02..2026-12-03")
    return {
        "from_name": one.strip(),
        "to_name": other.strip(),
        "first": parse_date(first or None, "--link-off"),
        "last": parse_date(last or first or None, "--link-off"),
    }


def _breakage(text: str) -> dict[str, Any]:
    """Read ``TEAM=kits:1,satellite_kits:1``."""
    team, _, rest = text.partition("=")
    return {"team": team.strip(), **dict(_pairs(rest, text))}


def _pairs(rest: str, text: str) -> Iterator[tuple[str, int]]:
    for part in rest.split(","):
        name, _, number = part.partition(":")
        if name.strip() not in {"kits", "satellite_kits"} or not number.strip().isdecimal():
            raise _misused("--broken", text, "62.02-A=kits:1,satellite_kits:1")
        yield name.strip(), int(number)


def _closure(text: str) -> dict[str, float]:
    """Read ``LON,LAT`` or ``LON,LAT,METRES``."""
    names = ("lon", "lat", "radius_m")
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise _misused("--close", text, "112.95,-2.52,100") from error
    if not 2 <= len(numbers) <= len(names):
        raise _misused("--close", text, "112.95,-2.52,100")
    return dict(zip(names, numbers, strict=False))


def _misused(name: str, text: str, accepted: str) -> typer.BadParameter:
    return typer.BadParameter(
        terminal.text("invalid", name=name, value=text, rule=accepted), param_hint=name
    )
