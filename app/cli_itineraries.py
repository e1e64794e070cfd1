"""Commands that write plans and itineraries to files, and about calendars and texts of letters."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.terminal import open_database, parse_date, print_json, say, terminal

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.itineraries.formats import Asked
    from app.settings import Settings

commands = typer.Typer()
calendars = typer.Typer()

TABLES = ("geojson", "csv")
SHEETS = (
    "json",
    "pdf",
    "xlsx",
    "costs",
    "html",
    "text",
    "poster",
    "ics",
    "gpx",
    "kml",
    "districts",
    "posters",
)
LETTERS = (
    "assignment-letter", "travel-order", "notice-district", "notice-village", "attendance",
    "minutes", "recap",
)  # fmt: skip
"""As ``itineraries.formats`` has them, which loads too much for a command line's start."""
FORMATS = (*TABLES, *SHEETS, *LETTERS)


def _known_format(value: str) -> str:
    if value not in FORMATS:
        raise typer.BadParameter(f"{value}: {' | '.join(FORMATS)}")
    return value


@commands.command()
def export(
    plan_id: Annotated[int, typer.Argument(metavar="PLAN")],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", callback=_known_format)],
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM")] = None,
    day: Annotated[str | None, typer.Option("--day", metavar="YYYY-MM-DD")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """Write a plan, its itineraries or its letters, to a file or to the screen."""
    on = parse_date(day, "--day")
    if form in TABLES and (team or on):
        raise typer.BadParameter(terminal.text("whole-plan", value=form), param_hint="--format")
    with open_database() as (engine, settings):
        from app.db import reading
        from app.itineraries.formats import Asked

        with reading(engine) as session:
            asked = Asked(plan_id=plan_id, lang=terminal.lang, team=team, day=on)
            if form in TABLES:
                name, data = f"plan-{plan_id}.{form}", _table(session, form, plan_id)
            else:
                name, data = _written(session, form, asked, settings)
    if output is None and not terminal.as_json:
        sys.stdout.buffer.write(data)
        return
    target = output or Path(name)
    target.write_bytes(data)
    say({"file": str(target), "bytes": len(data)}, "export-done", file=target)


def _table(session: "Session", form: str, plan_id: int) -> bytes:
    from app.export import plan_csv
    from app.features import plan_geojson

    if form == "csv":
        # A byte order mark tells spreadsheets that this is UTF-8.
        return plan_csv(session, plan_id, terminal.lang).encode("utf-8-sig")
    return plan_geojson(session, plan_id)


def _written(
    session: "Session", form: str, asked: "Asked", settings: "Settings"
) -> tuple[str, bytes]:
    from app.itineraries.formats import Letter, Sheet, write

    kind = Letter(form) if form in LETTERS else Sheet(form)
    made = write(session, kind, asked, settings.data_dir)
    return made.name, made.body


@commands.command()
def templates() -> None:
    """Put the texts of letters where they can be edited, and check those that are there."""
    with open_database() as (_, settings):
        from app.itineraries.letterhead import write_letterhead
        from app.itineraries.templates import FOLDER, write_templates

        folder = settings.data_dir / FOLDER
        written, kept = write_templates(folder)
        written += write_letterhead(folder)
        say(
            {"folder": str(folder), "written": [str(one.relative_to(folder)) for one in written],
             "kept": [str(one.relative_to(folder)) for one in kept]},
            "templates-done", folder=folder, written=len(written), kept=len(kept),
        )  # fmt: skip


@calendars.callback(invoke_without_command=True)
def calendar(context: typer.Context) -> None:
    """Show the calendar addresses of teams, or change them."""
    if context.invoked_subcommand is None:
        list_feeds()


@calendars.command("list")
def list_feeds() -> None:
    """List calendar addresses that were not revoked; the addresses themselves are not kept."""
    with open_database() as (engine, _):
        from app.calendar_feeds import feed_rows
        from app.console import print_feeds
        from app.db import reading

        with reading(engine) as session:
            rows = feed_rows(session)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_feeds(rows, terminal)


@calendars.command("add")
def add_feed(
    team: Annotated[str, typer.Argument(metavar="TEAM")],
    purpose: Annotated[str, typer.Option("--for", metavar="PURPOSE")] = "",
) -> None:
    """Make an address by which a telephone reads a team's calendar: it is shown this once."""
    with open_database() as (engine, settings):
        from app.audit import record
        from app.calendar_feeds import PATH, feed_row
        from app.calendar_feeds import add_feed as add
        from app.db import transaction

        with transaction(engine) as session:
            feed, secret = add(
                session, team, name=purpose, lang=terminal.lang, person=getpass.getuser()
            )
            record(session, "create_calendar_feed", team, account=getpass.getuser(),
                   details={"feed_id": feed.id})  # fmt: skip
            row = feed_row(feed)
        url = settings.address + PATH.format(secret=secret)
        say({**row, "url": url}, "feed-made", team=team, url=url, feed_id=row["feed_id"])


@calendars.command("revoke")
def revoke_feed(feed_id: Annotated[int, typer.Argument(metavar="ADDRESS")]) -> None:
    """Revoke a calendar address: it opens nothing from now on."""
    with open_database() as (engine, _):
        from app.audit import record
        from app.calendar_feeds import revoke_feed as revoke
        from app.db import transaction

        with transaction(engine) as session:
            revoke(session, feed_id)
            record(session, "revoke_calendar_feed", str(feed_id), account=getpass.getuser())
        say({"feed_id": feed_id}, "feed-revoked", feed_id=feed_id)
