"""Commands of who runs an installation: back up, restore, move to another database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import open_database, print_json, say, terminal

if TYPE_CHECKING:
    from app.backup import Manifest

commands = typer.Typer()
File = Annotated[Path, typer.Argument(metavar="FILE")]


@commands.command()
def backup(file: File) -> None:
    """Write everything that the database holds, and the photos, to one file."""
    with open_database() as (engine, settings):
        from app.backup import write_backup
        from app.console import working

        with working(terminal, "backing-up", file=file):
            made = write_backup(engine, file, settings.data_dir)
        say({"file": str(file), **_told(made)}, "backup-done", file=file, rows=made.n_rows)


@commands.command()
def restore(file: File) -> None:
    """Fill an empty database from a backup, and the data folder with its photos."""
    with open_database() as (engine, settings):
        from app.backup import restore_backup
        from app.console import working
        from app.db import place_of

        place = place_of(engine)
        with working(terminal, "restoring", file=file):
            manifest, cancelled = restore_backup(engine, file, settings.data_dir)
        facts = {"place": place, "made_at": manifest.made_at, "cancelled": cancelled}
        document = {"database": place, "cancelled_jobs": cancelled, **_told(manifest)}
        say(document, "restore-done", rows=manifest.n_rows, **facts)


@commands.command()
def move(address: Annotated[str, typer.Argument(metavar="ADDRESS")]) -> None:
    """Copy this office to another, empty database and compare every table."""
    with open_database() as (engine, _):
        from app.backup import move_office
        from app.console import print_moved, working
        from app.db import connect, place_of

        target = connect(address)
        try:
            with working(terminal, "moving", place=place_of(target)):
                moved = move_office(engine, target)
        finally:
            target.dispose()
        if terminal.as_json:
            print_json({"database": place_of(target), **_told(moved)})
        else:
            print_moved(moved, place_of(target), terminal)


def _told(manifest: "Manifest") -> dict[str, Any]:
    return {
        "version": manifest.version,
        "revision": manifest.revision,
        "made_at": manifest.made_at,
        "tables": {
            name: {"rows": table.n_rows, "checksum": table.checksum}
            for name, table in manifest.tables.items()
        },
    }
