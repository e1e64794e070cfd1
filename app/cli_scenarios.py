"""Commands for scenarios of a plan, and for plans side by side."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.terminal import open_database, print_json, say, terminal

commands = typer.Typer()


@commands.command()
def scenario(
    plan_id: Annotated[int, typer.Argument(metavar="PLAN")],
    name: Annotated[str, typer.Argument(metavar="NAME")],
    without: Annotated[list[str] | None, typer.Option("--without", metavar="TEAM")] = None,
    team: Annotated[list[str] | None, typer.Option("--team", metavar="TEAM=NAME:VALUE,...")] = None,
    extra: Annotated[list[str] | None, typer.Option("--extra", metavar="NAME=LIKE")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", metavar="NAME=VALUE")] = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", metavar="NAME=VALUE")] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", min=0.1, max=3600)] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0)] = None,
) -> None:
    """Plan a week again with other teams, hours, weights, kits or rules."""
    with open_database() as (engine, settings):
        from app.db import transaction
        from app.run import end_of, run_job, show_plan
        from app.scenarios import ask_scenario
        from app.schemas.scenarios import ScenarioRequest

        asked: dict[str, Any] = {
            **dict(_pair(text, "--rule") for text in rule or ()),
            "name": name, "without_teams": without, "seconds": seconds, "seed": seed,
            "params": dict(_pair(text, "--param") for text in param or ()),
            "teams": [_team(text) for text in team or ()],
            "extra_teams": [_named(text, "--extra", "name", "like") for text in extra or ()],
        }  # fmt: skip
        request = ScenarioRequest.model_validate({k: v for k, v in asked.items() if v})
        with transaction(engine) as session:
            plan, job = ask_scenario(
                session, plan_id, request, calendar_file=settings.calendar_file,
                solve_seconds=settings.solve_seconds, has_road_server=bool(settings.road_server),
            )  # fmt: skip
            made, job_id, limit = plan.id or 0, job.id or 0, float(plan.params["seconds"])
        run_job(engine, settings, made, job_id, limit, terminal)
        end_of(show_plan(engine, made, terminal))


@commands.command()
def compare(
    plan_ids: Annotated[list[int], typer.Argument(metavar="PLAN...")],
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE.xlsx|FILE.csv")] = None,
) -> None:
    """Put two to four plans side by side."""
    with open_database() as (engine, _):
        from app.comparison import compare_plans
        from app.comparison_console import print_comparison
        from app.db import reading

        with reading(engine) as session:
            found = compare_plans(session, plan_ids, terminal.lang)
        if output is not None:
            _write(found, output)
        elif terminal.as_json:
            print_json(found)
        else:
            print_comparison(found, terminal)


def _write(found: dict[str, Any], output: Path) -> None:
    from datetime import UTC, datetime

    from app.comparison import comparison_csv, comparison_workbook

    if output.suffix.lower() == ".csv":
        output.write_bytes(comparison_csv(found, terminal.lang).encode("utf-8-sig"))
    elif output.suffix.lower() == ".xlsx":
        output.write_bytes(comparison_workbook(found, terminal.lang, datetime.now(UTC)))
    else:
        raise _misused("--output", str(output), "*.xlsx, *.csv")
    say({"file": str(output)}, "export-done", file=output)


def _pair(text: str, option: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE``; a value is JSON, or a word."""
    import json

    name, has_value, value = text.partition("=")
    if not has_value:
        raise _misused(option, text, "NAME=VALUE")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value.strip()


def _named(text: str, option: str, *names: str) -> dict[str, str]:
    parts = text.split("=")
    if len(parts) != len(names):
        raise _misused(option, text, "=".join(names).upper())
    return dict(zip(names, (part.strip() for part in parts), strict=True))


def _team(text: str) -> dict[str, Any]:
    """Read ``TEAM=ends:17:00,kits:2``."""
    name, has_values, rest = text.partition("=")
    pairs = [part.partition(":") for part in rest.split(",")]
    if not has_values or not all(value for _, _, value in pairs):
        raise _misused("--team", text, "62.02-A=ends:17:00,kits:2")
    return {"team": name.strip(), **{key.strip(): value.strip() for key, _, value in pairs}}


def _misused(name: str, text: str, accepted: str) -> typer.BadParameter:
    return typer.BadParameter(
        terminal.text("invalid", name=name, value=text, rule=accepted), param_hint=name
    )
