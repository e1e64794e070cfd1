"""Commands about home visits, and about the days of a week."""

import getpass
from typing import Annotated

import typer

from app.terminal import By, open_database, print_json, say, terminal

commands = typer.Typer()


@commands.callback(invoke_without_command=True)
def home_visits(context: typer.Context) -> None:
    """Show how many people of each village are visited at home, or set it."""
    if context.invoked_subcommand is None:
        list_home_visits()


@commands.command("list")
def list_home_visits(
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
) -> None:
    """List the villages that have a number."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.home_visits import home_visit_rows

        with reading(engine) as session:
            rows = home_visit_rows(session, regency)
        if terminal.as_json:
            print_json({"items": rows})
            return
        from app.request_console import print_home_visits

        print_home_visits(rows, terminal)


@commands.command("set")
def set_number(
    village: Annotated[str, typer.Argument(metavar="VILLAGE")],
    number: Annotated[int, typer.Argument(metavar="N", min=0, max=1000)],
    by: By = None,
) -> None:
    """Say how many people of a village wait for a visit at home; nothing about them."""
    with open_database() as (engine, _):
        from app.db import transaction
        from app.home_visits import set_home_visits

        with transaction(engine) as session:
            set_home_visits(session, village, number, account=by or getpass.getuser())
        say({"village_code": village, "number": number}, "home-visits-set", village=village,
            number=number)  # fmt: skip


calendar = typer.Typer()


@calendar.command()
def days(
    regency: Annotated[str, typer.Option("--regency", metavar="62.02")],
    week: Annotated[str | None, typer.Option("--week", metavar="2026-W49")] = None,
) -> None:
    """Show what holds on each day of a week: worked or not and why, hours, breaks, team leave."""
    with open_database() as (engine, settings):
        from app.calendar import coming_week, today_in
        from app.calendar_view import week_view
        from app.db import reading

        name = week or coming_week(today_in(regency))
        with reading(engine) as session:
            view = week_view(session, regency, name, settings.calendar_file)
        if terminal.as_json:
            print_json(view)
            return
        from app.request_console import print_days

        print_days(view, terminal)
