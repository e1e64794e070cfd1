"""Commands about targets, and how far they are reached."""

import getpass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import By, open_database, print_json, terminal

if TYPE_CHECKING:
    from sqlalchemy import Engine

commands = typer.Typer()
targets = typer.Typer()
NATIONAL = "nasional"
Area = Annotated[str | None, typer.Option("--area", metavar="65 | 65.01")]
Year = Annotated[int | None, typer.Option("--year", min=2011, max=2100)]
Programme = Annotated[str, typer.Argument(metavar="ktp_el|kia|akta|ikd")]


@targets.callback(invoke_without_command=True)
def of_targets(context: typer.Context, area: Area = None, year: Year = None) -> None:
    """List the targets that hold, or set them."""
    if context.invoked_subcommand is None:
        with open_database() as (engine, _):
            _show(engine, area, year)


@targets.command("set")
def set_target(
    programme: Programme,
    share: Annotated[str, typer.Argument(metavar="99.4%")],
    year: Annotated[int, typer.Option("--year", min=2011, max=2100)],
    source: Annotated[str, typer.Option("--source")],
    area: Area = None,
    by: By = None,
) -> None:
    """Set a target of a year, for the whole country or an area."""
    _decide([_row(programme, year, area, _share(share), source)], by)


@targets.command("reset")
def reset_target(
    programme: Programme,
    year: Annotated[int, typer.Option("--year", min=2011, max=2100)],
    source: Annotated[str, typer.Option("--source")],
    area: Area = None,
    by: By = None,
) -> None:
    """Put a target back to the national one that was published, or to none."""
    _decide([_row(programme, year, area, None, source)], by)


@targets.command("import")
def import_targets(file: Annotated[Path, typer.Argument(metavar="FILE")], by: By = None) -> None:
    """Set targets from a CSV file or a workbook, all or none."""
    from app.targets import read_targets

    _decide(read_targets(file), by)


@targets.command("export")
def export_targets(
    output: Annotated[Path, typer.Option("--output", "-o")] = Path("targets.csv"),
    area: Area = None,
    year: Year = None,
) -> None:
    """Write the targets that hold as CSV."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.targets import target_rows, targets_csv

        with reading(engine) as session:
            text = targets_csv(target_rows(session, area=area, year=year))
        _written(output, text.encode("utf-8-sig"))


class ProgressFormat(StrEnum):
    """What progress may be written as."""

    CSV = "csv"
    XLSX = "xlsx"


@commands.command()
def progress(
    area: Area = None,
    year: Year = None,
    form: Annotated[ProgressFormat | None, typer.Option("--format")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """Show coverage beside targets, and when they are expected to be reached."""
    with open_database() as (engine, _):
        from app.calendar import today_in
        from app.db import reading
        from app.progress import progress_document
        from app.progress_console import print_progress
        from app.progress_workbook import progress_csv, progress_xlsx
        from app.targets import target_rows

        with reading(engine) as session:
            document = progress_document(session, area or "", today=today_in(area or ""), year=year)
            rows = target_rows(session, area=area)
        if form is not None:
            name = f"progress-{area or NATIONAL}.{form}"
            is_table = form is ProgressFormat.CSV
            body = (
                progress_csv(document).encode("utf-8-sig")
                if is_table
                else progress_xlsx(document, rows, terminal.lang)
            )
            _written(output or Path(name), body)
        elif terminal.as_json:
            print_json(document)
        else:
            print_progress(document, terminal)


def _row(
    programme: str, year: int, area: str | None, share: float | None, source: str
) -> dict[str, Any]:
    return {
        "programme": programme, "year": year, "area": area, "share": share, "source": source,
    }  # fmt: skip


def _share(text: str) -> float:
    """Read ``99.4%``, ``99,4 %`` or ``0.994``."""
    from app.progress_texts import PROGRESS

    plain = text.replace(",", ".").strip()
    try:
        if plain.endswith("%"):
            return round(float(plain.removesuffix("%")) / 100, 10)
        share = float(plain)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        said = PROGRESS[terminal.lang]["not-a-share"].format(value=text)
        raise typer.BadParameter(said, param_hint="SHARE")
    return share


def _decide(rows: list[dict[str, Any]], by: str | None) -> None:
    with open_database() as (engine, _):
        from app.db import one_at_a_time, transaction
        from app.targets import set_targets

        with transaction(engine) as session:
            one_at_a_time(session, "targets")
            set_targets(session, rows, by=by or getpass.getuser())
        areas = {row["area"] or None for row in rows}
        _show(engine, areas.pop() if len(areas) == 1 else None, None)


def _show(engine: "Engine", area: str | None, year: int | None) -> None:
    from app.db import reading
    from app.progress_console import print_targets
    from app.targets import target_rows

    with reading(engine) as session:
        rows = target_rows(session, area=area, year=year)
    if terminal.as_json:
        print_json({"items": rows})
    else:
        print_targets(rows, terminal)


def _written(path: Path, body: bytes) -> None:
    from app.terminal import say

    say({"file": str(path), "bytes": path.write_bytes(body)}, "export-done", file=path)
