"""Commands about counts: the dictionary of headings, and what planners correct."""

from typing import Annotated

import typer

from app.terminal import open_database, print_json, terminal

commands = typer.Typer()
REGENCY = typer.Option("--regency", metavar="62.02")


@commands.command()
def headings(
    teach: Annotated[list[str] | None, typer.Option("--map", metavar="HEADING=COLUMN")] = None,
    forget: Annotated[list[int] | None, typer.Option("--forget", metavar="NUMBER")] = None,
    regency: Annotated[str | None, REGENCY] = None,
    person: Annotated[str | None, typer.Option("--by")] = None,
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
            dictionary.teach(session, given, regency=regency or "", person=person)
            rows = dictionary.heading_rows(session)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_headings(rows, terminal)
