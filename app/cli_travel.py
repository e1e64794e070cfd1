"""The command about travel: what looks wrong in it."""

from typing import Annotated

import typer

from app.terminal import open_database, print_json, terminal

commands = typer.Typer()


@commands.command("check-travel")
def check_travel(
    regency: Annotated[str, typer.Option("--regency", metavar="62.02")],
    season: Annotated[str | None, typer.Option("--season", metavar="dry|wet|low_water")] = None,
) -> None:
    """Report parts of the network, villages out of reach and why, odd detours."""
    with open_database() as (engine, settings):
        from app.console import working
        from app.db import reading
        from app.travel import TravelMeans
        from app.travel_console import print_travel
        from app.travel_report import travel_report

        means = TravelMeans.of(settings)
        with working(terminal, "planning-travel"), reading(engine) as session:
            found = travel_report(session, regency, terminal.lang, season=season, means=means)
        if terminal.as_json:
            print_json(found)
        else:
            print_travel(found, terminal)
