"""Commands about requests for visits."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from app.terminal import By, open_database, parse_date, print_json, terminal

commands = typer.Typer()
Number = Annotated[int, typer.Argument(metavar="REQUEST")]


@commands.callback(invoke_without_command=True)
def requests(context: typer.Context) -> None:
    """Show requests for visits, or work on them."""
    if context.invoked_subcommand is None:
        list_requests()


@commands.command("list")
def list_requests(
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
    village: Annotated[str | None, typer.Option("--village", metavar="CODE")] = None,
    state: Annotated[str | None, typer.Option("--state")] = None,
) -> None:
    """List requests, the newest letter first."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.models import RequestState
        from app.requests import request_list

        if state is not None and state not in set(RequestState):
            raise typer.BadParameter(f"{state!r}; write: {', '.join(RequestState)}")
        with reading(engine) as session:
            rows = request_list(session, regency=regency, village=village, state=state)
        if terminal.as_json:
            print_json({"items": rows})
            return
        from app.request_console import print_requests

        print_requests(rows, terminal)


@commands.command("add")
def add_request(
    village: Annotated[str, typer.Argument(metavar="VILLAGE")],
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    people: Annotated[int, typer.Option("--people", min=1, max=100_000)],
    programmes: Annotated[str, typer.Option("--programmes", metavar="ktp_el,kia")],
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD")],
    kind: Annotated[str, typer.Option("--kind", metavar="village|school|complaint")] = "village",
    contact: Annotated[str, typer.Option("--contact")] = "",
    required: Annotated[bool, typer.Option("--required")] = False,
    by: By = None,
) -> None:
    """Enter a letter that asks for a visit."""
    letter_date = parse_date(day, "--date")
    with open_database() as (engine, _):
        from app.db import transaction
        from app.requests import add_request, request_document
        from geodata.requests import RequestRow

        if letter_date is None:
            raise typer.BadParameter(day, param_hint="--date")
        row = RequestRow(
            village_code=village, kind=kind, number=number, letter_date=letter_date, people=people,
            programmes=tuple(part.strip() for part in programmes.split(",") if part.strip()),
            contact=contact, is_required=required,
        )  # fmt: skip
        with transaction(engine) as session:
            request = add_request(session, row, account=by or getpass.getuser())
            document = request_document(session, request.id or 0)
        _show(document)


@commands.command("import")
def import_requests(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    by: By = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
) -> None:
    """Read a list of letters; those entered before stay as they are."""
    with open_database() as (engine, _):
        from app.import_console import print_import
        from app.ingest import ingest

        outcome = ingest(
            engine, "requests", file, person=by or getpass.getuser(), dry_run=dry_run
        )  # fmt: skip
        if terminal.as_json:
            print_json(outcome.to_dict())
        else:
            print_import(outcome, terminal)


@commands.command("step")
def take_step(
    request_id: Number,
    action: Annotated[str | None, typer.Argument(metavar="[ACTION]")] = None,
    reason: Annotated[str | None, typer.Option("--reason")] = None,
    required: Annotated[bool | None, typer.Option("--required/--not-required")] = None,
    by: By = None,
) -> None:
    """Take a step with a request, or show the steps taken."""
    with open_database() as (engine, _):
        from app.db import transaction
        from app.requests import ACTIONS, Asked, request_document, take_request_step

        if action is not None and action not in ACTIONS:
            raise typer.BadParameter(f"{action!r}; write: {', '.join(ACTIONS)}")
        with transaction(engine) as session:
            if action is not None:
                asked = Asked(action=action, reason=reason, is_required=required)
                take_request_step(session, request_id, asked, account=by or getpass.getuser())
            document = request_document(session, request_id)
        _show(document)


@commands.command("suggest")
def suggest(
    request_id: Number,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=8)] = 3,
) -> None:
    """Suggest days and teams for a request, without planning anew."""
    with open_database() as (engine, settings):
        from app.calendar import today_in
        from app.db import reading
        from app.requests import get_request
        from app.suggestions import suggest_dates
        from app.travel import TravelMeans
        from geodata.codes import regency_of

        with reading(engine) as session:
            code = get_request(session, request_id).village_code
            found = suggest_dates(
                session, request_id, today=today_in(regency_of(code)), n_weeks=weeks,
                lang=terminal.lang, means=TravelMeans.of(settings),
                calendar_file=settings.calendar_file,
            )  # fmt: skip
        if terminal.as_json:
            print_json(found)
            return
        from app.request_console import print_suggestions

        print_suggestions(found, terminal)


def _show(document: dict[str, Any]) -> None:
    if terminal.as_json:
        print_json(document)
        return
    from app.request_console import print_request

    print_request(document, terminal)
