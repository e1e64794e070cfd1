"""Commands about counts: the dictionary of headings, and what planners correct."""

from datetime import date
from getpass import getuser
from typing import Annotated

import typer

from app.terminal import open_database, parse_date, print_json, say, terminal

commands = typer.Typer()
REGENCY = typer.Option("--regency", metavar="62.02")
By = Annotated[str | None, typer.Option("--by", metavar="NAME")]


@commands.command()
def headings(
    teach: Annotated[list[str] | None, typer.Option("--map", metavar="HEADING=COLUMN")] = None,
    forget: Annotated[list[int] | None, typer.Option("--forget", metavar="NUMBER")] = None,
    regency: Annotated[str | None, REGENCY] = None,
    person: By = None,
) -> None:
    """List the headings that offices taught, after teaching or forgetting some."""
    with open_database() as (engine, _):
        from app import headings as dictionary
        from app.db import transaction
        from app.import_console import print_headings
        from app.ingest.options import pairs

        with transaction(engine) as session:
            for heading_id in forget or ():
                dictionary.forget(session, heading_id)
            given = pairs(teach or (), "--map")
            dictionary.teach(session, given, regency=regency or "", person=person or getuser())
            rows = dictionary.heading_rows(session)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_headings(rows, terminal)


@commands.command(context_settings={"ignore_unknown_options": True})  # -5 is a number here
def correct(
    village: Annotated[str, typer.Argument(metavar="VILLAGE")],
    column: Annotated[str, typer.Argument(metavar="COLUMN")],
    value: Annotated[int, typer.Argument(metavar="NUMBER")],
    reason: Annotated[str, typer.Option("--reason")],
    person: By = None,
    day: Annotated[str | None, typer.Option("--day", metavar="YYYY-MM-DD")] = None,
    estimate: Annotated[bool, typer.Option("--estimate")] = False,
) -> None:
    """Correct or estimate one count of a village; the imported number stays beside it."""
    on = parse_date(day, "--day") or date.today()  # noqa: DTZ011 (the office's own day)
    with open_database() as (engine, _):
        from app import corrections
        from app.db import transaction

        with transaction(engine) as session:
            row = corrections.correct(
                session, village, column, value, reason=reason, person=person or getuser(),
                day=on, is_estimate=estimate,
            )  # fmt: skip
            document = corrections.correction_row(row)
        facts = {**document, "imported": "-" if row.imported is None else row.imported}
        say(document, "corrected-count", **facts)


@commands.command("corrections")
def list_corrections(
    regency: Annotated[str | None, REGENCY] = None,
    village: Annotated[str | None, typer.Option("--village", metavar="CODE")] = None,
) -> None:
    """List what planners corrected and estimated, and what became of it."""
    with open_database() as (engine, _):
        from app.corrections import correction_rows
        from app.db import reading
        from app.import_console import print_corrections

        with reading(engine) as session:
            rows = correction_rows(session, regency, village)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_corrections(rows, terminal)


@commands.command()
def withdraw(
    correction_id: Annotated[int, typer.Argument(metavar="NUMBER")],
    reason: Annotated[str, typer.Option("--reason")],
    person: By = None,
) -> None:
    """Take a correction back; it stays in the list, with who and why."""
    with open_database() as (engine, _):
        from app import corrections
        from app.db import transaction

        with transaction(engine) as session:
            row = corrections.withdraw(
                session, correction_id, reason=reason, person=person or getuser()
            )
            document = {"correction_id": correction_id, "village_code": row.village_code}
        say(document, "withdrawn-correction", correction_id=correction_id)
