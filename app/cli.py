"""The `jemput-bola` command: thin, the same functions as the API.

``--json`` and ``--lang`` may stand anywhere; they are taken out before typer reads the rest. Exit
code 0, 1 (refused, with a reason), 2 (usage) or 3 (no plan keeps to every rule).
"""

import gc
import getpass
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from typer.exceptions import TyperException
from typer.main import get_command

from app import (
    cli_accounts,
    cli_campaign,
    cli_changes,
    cli_counts,
    cli_edits,
    cli_home_visits,
    cli_itineraries,
    cli_jobs,
    cli_lifecycle,
    cli_operations,
    cli_params,
    cli_points,
    cli_progress,
    cli_readiness,
    cli_requests,
    cli_results,
    cli_scenarios,
    cli_travel,
)
from app.cli_help import HELP
from app.terminal import By, open_database, parse_date, print_json, say, terminal

if TYPE_CHECKING:
    from sqlalchemy import Engine


REFUSED, MISUSED = 1, 2
FLAGS = {
    "cancelled": "--cancel",
    "forbidden": "--forbid",
    "from_day": "--from",
    "pins": "--pin",
    "priorities": "--priority",
    "required": "--require",
    "seasons": "--season",
}
"""Options that are written otherwise than the fields they fill."""
INTERRUPTED = 130
GC_ALLOCATIONS = 50_000
"""New objects between two looks for garbage. What a command loads stays: to look at it after every
700 takes a tenth of the time of a short command."""
# How options of a plan and settings are written.
FORMS = {
    "regency": "62.02", "week": "2026-W49", "minutes": "15-600", "seed": "0-2147483647",
    "season": "dry | wet | low_water", "targets": "ktp_el=0.994 (ktp_el, kia, akta, ikd; 0..1)",
    "first_week": "2026-W49", "seasons": "wet=2026-W50..2027-W05", "engine": "all | routing",
    "port": "1-65535", "lang": "id | en", "solve_seconds": "0.1-3600", "max_upload_mb": "1-2000",
    "absent": "62.02-A=2026-12-02..2026-12-04", "closed": "112.95,-2.52,100",
    "plan_every": "fri 15:00", "plan_area": "65 | 65.01", "server_jobs": "0-64",
    "broken": "62.02-A=kits:1", "priorities": "62.02.05.1008=1.5",
    "longer_day_minutes": "1-240", "log_level": "DEBUG | INFO | WARNING | ERROR",
    "log_format": "text | json",
}  # fmt: skip


app = typer.Typer(
    name="jemput-bola", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


app.add_typer(cli_counts.commands)
app.add_typer(cli_changes.commands)
app.add_typer(cli_edits.commands)
app.add_typer(cli_scenarios.commands)
app.add_typer(cli_lifecycle.commands)
app.add_typer(cli_results.commands, name="results")
app.add_typer(cli_travel.commands)
app.add_typer(cli_itineraries.commands)
app.add_typer(cli_itineraries.calendars, name="calendar")
app.add_typer(cli_campaign.commands)
app.add_typer(cli_jobs.commands)
app.add_typer(cli_jobs.jobs, name="jobs")
app.add_typer(cli_params.commands, name="params")
app.add_typer(cli_points.commands, name="points")
app.add_typer(cli_progress.targets, name="targets")
app.add_typer(cli_progress.commands)
app.add_typer(cli_readiness.commands)
app.add_typer(cli_home_visits.commands, name="home-visits")
app.add_typer(cli_home_visits.calendar)
app.add_typer(cli_requests.commands, name="requests")
app.add_typer(cli_accounts.accounts, name="account")
app.add_typer(cli_accounts.tokens, name="token")
app.add_typer(cli_accounts.log)
app.add_typer(cli_operations.commands)


class Kind(StrEnum):
    """What a file may hold."""

    VILLAGES = "villages"
    CROSSWALK = "crosswalk"
    COUNTS = "counts"
    CONNECTIVITY = "connectivity"
    NETWORK = "network"
    LINKS = "links"
    TEAMS = "teams"
    POINTS = "points"
    STAFF = "staff"
    LODGING = "lodging"
    REQUESTS = "requests"
    HOME_VISITS = "home_visits"


AsOf = Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM-DD")]


@app.command()
def init() -> None:
    """Make the database, or bring it to this version."""
    with open_database() as (engine, settings):
        # An address with a password in it is for the environment, not for a screen.
        place = settings.url if engine.url.password is None else str(engine.url)
        say({"database": place}, "init-done", place=place)


@app.command("import")
def import_file(
    kind: Kind,
    file: Annotated[str, typer.Argument(metavar="FILE")],
    as_of: AsOf = None,
    source: Annotated[str | None, typer.Option("--source")] = None,
    person: By = None,
    option: Annotated[list[str] | None, typer.Option("--option", metavar="NAME=VALUE")] = None,
    headings: Annotated[list[str] | None, typer.Option("--map", metavar="HEADING=COLUMN")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
) -> None:
    """Read a file and store it, whole or not at all."""
    day = parse_date(as_of)
    with open_database() as (engine, settings):
        from app.console import working
        from app.import_console import print_import
        from app.ingest import ingest
        from app.ingest.options import pairs
        from geodata.oapif import is_address

        with working(terminal, "reading", file=file):
            outcome = ingest(
                engine, kind, file if is_address(file) else Path(file), as_of=day, source=source,
                person=person or getpass.getuser(), options=pairs(option or (), "--option"),
                headings=pairs(headings or (), "--map"), dry_run=dry_run,
                allow_local=settings.local_addresses,
            )  # fmt: skip
        if terminal.as_json:
            print_json(outcome.to_dict())
        else:
            print_import(outcome, terminal)


@app.command()
def report(
    import_id: Annotated[int, typer.Argument(metavar="IMPORT")],
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """Write the report of an import as a workbook."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.report import report_xlsx

        with reading(engine) as session:
            data = report_xlsx(session, import_id, terminal.lang)
        target = output or Path(f"impor-{import_id}.xlsx")
        target.write_bytes(data)
        say({"file": str(target), "bytes": len(data)}, "export-done", file=target)


@app.command()
def connectivity(
    village: Annotated[str | None, typer.Argument(metavar="CODE")] = None,
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
) -> None:
    """Tell what is known of signal and power, why, and what contradicts itself."""
    with open_database() as (engine, _):
        from app import evidence
        from app.connectivity_console import print_connectivity
        from app.db import reading

        with reading(engine) as session:
            document = evidence.document(session, village, regency, terminal.lang)
        if terminal.as_json:
            print_json(document)
        else:
            print_connectivity(document, terminal)


@app.command()
def plan(
    regency: Annotated[str, typer.Option("--regency", metavar="62.02")],
    week: Annotated[str | None, typer.Option("--week", metavar="2026-W49")] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", min=0.1, max=3600)] = None,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    search_engine: Annotated[str, typer.Option("--engine", metavar="all|routing")] = "all",
    minutes: Annotated[str | None, typer.Option("--minutes", metavar="120,240,360")] = None,
    season: Annotated[str | None, typer.Option("--season", metavar="dry|wet|low_water")] = None,
    max_nights: Annotated[int | None, typer.Option("--max-nights", min=0, max=6)] = None,
    budget: Annotated[int | None, typer.Option("--budget", metavar="RUPIAH")] = None,
    blanks: Annotated[int | None, typer.Option("--blanks", metavar="N")] = None,
    district_visits: Annotated[int | None, typer.Option("--district-visits", metavar="N")] = None,
    district_price: Annotated[float | None, typer.Option("--district-price")] = None,
    require: Annotated[list[str] | None, typer.Option("--require", metavar="CODE")] = None,
    forbid: Annotated[list[str] | None, typer.Option("--forbid", metavar="CODE")] = None,
    pin: Annotated[list[str] | None, typer.Option("--pin", metavar="CODE=TEAM,DAY")] = None,
    priority: Annotated[list[str] | None, typer.Option("--priority", metavar="CODE=FACTOR")] = None,
    hub_km: Annotated[float | None, typer.Option("--hub-km", metavar="KM")] = None,
    longer_day: Annotated[int | None, typer.Option("--longer-day", metavar="MINUTES")] = None,
    keep: Annotated[int | None, typer.Option("--keep", metavar="PLAN")] = None,
    change_price: Annotated[float | None, typer.Option("--change-price")] = None,
    max_changes: Annotated[int | None, typer.Option("--max-changes", metavar="N")] = None,
    campaign: Annotated[int | None, typer.Option("--campaign", metavar="CAMPAIGN")] = None,
    explain: Annotated[float | None, typer.Option("--explain", metavar="SECONDS")] = None,
) -> None:
    """Plan the routes of a week."""
    with open_database() as (engine, settings):
        from app.run import end_of, plan_week, show_plan
        from app.schemas.plan_rules import Pin, Priority
        from app.schemas.plans import PlanRequest

        asked = {
            "regency": regency, "week": week, "seconds": seconds, "seed": seed, "season": season,
            "max_nights": max_nights, "engine": search_engine,
            "minutes": [part.strip() for part in minutes.split(",")] if minutes else None,
            "budget_rupiah": budget, "card_blanks": blanks, "district_visits": district_visits,
            "district_price": district_price, "required": require, "forbidden": forbid,
            "pins": [Pin.read(text) for text in pin or ()], "keep": keep,
            "priorities": [Priority.read(text) for text in priority or ()],
            "longer_day_minutes": longer_day, "hub_km": hub_km,
            "change_price": change_price, "max_changes": max_changes, "explain_seconds": explain,
            "campaign": campaign,
        }  # fmt: skip
        request = PlanRequest.model_validate({k: v for k, v in asked.items() if v is not None})
        plan_id = plan_week(engine, settings, request, terminal)
        end_of(show_plan(engine, plan_id, terminal))


@app.command()
def staff(team: Annotated[str, typer.Argument(metavar="TEAM")]) -> None:
    """List the staff of a team with their leave."""
    with open_database() as (engine, _):
        from app.console import print_staff
        from app.db import reading
        from app.staff import staff_of

        with reading(engine) as session:
            rows = staff_of(session, team)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_staff(team, rows, terminal)


@app.command()
def lodging(
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
) -> None:
    """List the places where teams sleep when they stay out."""
    with open_database() as (engine, _):
        from app.console import print_lodging
        from app.db import reading
        from app.lodging import lodging_places, lodging_row

        with reading(engine) as session:
            rows = [lodging_row(place) for place in lodging_places(session, regency)]
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_lodging(rows, terminal)


@app.command()
def plans(
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
) -> None:
    """List plans, newest first."""
    with open_database() as (engine, _):
        from app.console import print_plans
        from app.db import reading
        from app.plan_document import plan_list

        with reading(engine) as session:
            rows = plan_list(session, regency)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_plans(rows, terminal)


@app.command()
def show(plan_id: Annotated[int, typer.Argument(metavar="PLAN")]) -> None:
    """Show a plan: people, cost, routes, and who is left out."""
    with open_database() as (engine, _):
        _show(engine, plan_id)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option("--host")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535)] = None,
    with_demo: Annotated[bool, typer.Option("--with-demo")] = False,
) -> None:
    """Serve the API and the map."""
    with open_database(host=host, port=port) as (engine, settings):
        from app.credentials import first_link
        from app.run import plan_demo
        from app.server import run_server

        if with_demo:
            plan_demo(engine, settings, terminal)
        announcement = terminal.text("serving", url=settings.address)
        if (secret := first_link(engine)) is not None:
            announcement += "\n" + terminal.text("first-link", url=settings.link(secret))
        run_server(settings, announcement)


@app.command()
def demo() -> None:
    """Generate the demo regency, import it and plan its next week."""
    with open_database() as (engine, settings):
        from app.run import plan_demo

        _show(engine, plan_demo(engine, settings, terminal))


def main(argv: list[str] | None = None) -> None:
    """Run the command line; the entry point of ``jemput-bola``."""
    gc.set_threshold(GC_ALLOCATIONS)
    try:
        _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:  # before or after the work, which minds Ctrl-C itself
        sys.exit(INTERRUPTED)


def _run(argv: list[str]) -> None:
    from app.texts import locale_language

    words, terminal.as_json, lang = _take_global_options(argv)
    if lang not in {None, "id", "en"}:
        sys.stderr.write(f"--lang {lang}: id | en\n")
        sys.exit(2)
    terminal.lang, terminal.is_lang_given = locale_language(lang), lang is not None
    terminal.words = tuple(words)
    command = get_command(app)
    _localise(command)
    try:
        code = command.main(args=words, prog_name="jemput-bola", standalone_mode=False)
    except TyperException as error:
        _misuse(error)
    except Exception as error:
        if not _is_refusal(error):
            raise
        _refuse(error)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _take_global_options(argv: list[str]) -> tuple[list[str], bool, str | None]:
    """Take ``--json`` and ``--lang`` out of the words, wherever they stand."""
    words: list[str] = []
    as_json, lang = False, None
    rest = iter(argv)
    for word in rest:
        if word == "--":
            return [*words, word, *rest], as_json, lang
        if word == "--json":
            as_json = True
        elif word == "--lang":
            lang = next(rest, "")
        elif word.startswith("--lang="):
            lang = word.removeprefix("--lang=")
        else:
            words.append(word)
    return words, as_json, lang


def _localise(command: Any, path: str = "") -> None:  # noqa: ANN401 (typer keeps its command class to itself)
    """Put the help of a command and of its options into the language of this run."""
    command.help = HELP[terminal.lang][path]
    for param in command.params:
        name = max(param.opts, key=len)
        if name.startswith("--") and name != "--help":
            param.help = HELP[terminal.lang][f"{path} {name}".strip()]
    for name, child in getattr(command, "commands", {}).items():
        _localise(child, f"{path} {name}".strip())


def _show(engine: "Engine", plan_id: int) -> None:
    from app.run import show_plan

    show_plan(engine, plan_id, terminal)


def _is_refusal(error: Exception) -> bool:
    """Tell what is the user's to mend from what is a fault of this program."""
    from app.errors import AppError
    from geodata.errors import GeodataError
    from routing.errors import RoutingError

    return isinstance(error, AppError | GeodataError | RoutingError | ValidationError | OSError)


def _invalid(error: ValidationError) -> str:
    """Name the first setting or option that cannot be used, its value, and how it is written."""
    from app.settings import PREFIX

    first = error.errors()[0]
    rule = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:  # a rule about several of them says all of it
        return rule
    name = str(first["loc"][0])
    rule = FORMS.get(name, rule)
    name = PREFIX + name.upper() if error.title == "Settings" else _flag(name)
    return terminal.text("invalid", name=name, value=first["input"], rule=rule)


def _flag(field: str) -> str:
    """Give the option that fills a field, as it is typed."""
    return FLAGS.get(field, field if field.startswith("-") else f"--{field.replace('_', '-')}")


def _refuse(error: Exception) -> None:
    """Print why in one line, and end with code 1, or 2 for a malformed option."""
    from app.errors import BadOption
    from app.texts import render

    if isinstance(error, BadOption):
        error = BadOption(**{**error.params, "option": _flag(str(error.params["option"]))})
    if isinstance(error, ValidationError):
        reason = _invalid(error)
    elif isinstance(error, OSError) and error.filename is not None:
        reason = f"{error.filename}: {error.strerror}"
    else:
        reason = render(error, terminal.lang).strip().splitlines()[0]
    # A malformed option is misuse, whoever noticed it; a setting or a file is refused.
    is_option = isinstance(error, ValidationError) and error.title != "Settings"
    default = "validation-error" if isinstance(error, ValidationError) else type(error).__name__
    _print_error(str(getattr(error, "code", default)), reason)
    sys.stderr.write(terminal.text("refused", reason=reason) + "\n")
    sys.exit(MISUSED if is_option else REFUSED)


def _misuse(error: Any) -> None:  # noqa: ANN401 (typer keeps its error class to itself)
    """Print how a command is used, and end with code 2."""
    from typer.rich_utils import rich_format_error

    rich_format_error(error)
    _print_error("usage", error.format_message())
    sys.exit(MISUSED)


def _print_error(code: str, message: str) -> None:
    if terminal.as_json:
        print_json({"error": {"code": code, "message": message}})


if __name__ == "__main__":
    main()
