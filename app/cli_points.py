"""Commands about service points."""

import getpass
from typing import Annotated, Any

import typer

from app.terminal import By, open_database, print_json, say, terminal

commands = typer.Typer()
Code = Annotated[str, typer.Argument(metavar="CODE")]
Lon = Annotated[float, typer.Argument(metavar="LON", min=-180, max=180)]
Lat = Annotated[float, typer.Argument(metavar="LAT", min=-90, max=90)]
Reason = Annotated[str, typer.Option("--reason")]
# A position south of the equator begins with a minus sign and is no option.
NUMBERS = {"ignore_unknown_options": True}


@commands.callback(invoke_without_command=True)
def points(context: typer.Context) -> None:
    """Show service points, or change them."""
    if context.invoked_subcommand is None:
        list_points()


@commands.command("list")
def list_points(
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
    everything: Annotated[bool, typer.Option("--all")] = False,
) -> None:
    """List the points that the office named."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.points import current_points, point_row

        with reading(engine) as session:
            rows = [point_row(point) for point in current_points(session, regency)]
        _print([row for row in rows if everything or not row["is_default"]])


@commands.command("add", context_settings=NUMBERS)
def add_point(
    village: Annotated[str, typer.Argument(metavar="VILLAGE")],
    name: Annotated[str, typer.Argument(metavar="NAME")],
    kind: Annotated[str, typer.Argument(metavar="KIND")],
    lon: Lon,
    lat: Lat,
    reason: Reason,
    serves: Annotated[list[str] | None, typer.Option("--serves", metavar="VILLAGE")] = None,
    expected: Annotated[list[str] | None, typer.Option("--people", metavar="PROGRAMME=N")] = None,
    opens: Annotated[str, typer.Option("--opens")] = "",
    power: Annotated[str | None, typer.Option("--power", metavar="yes|no")] = None,
    signal: Annotated[str | None, typer.Option("--signal")] = None,
    by: By = None,
) -> None:
    """Add a point, or change the one of that village and name."""
    with open_database() as (engine, _):
        from app.db import transaction
        from app.points import add_point, point_row

        values = {
            "village_code": village, "name": name, "kind": kind, "lon": lon, "lat": lat,
            "serves": tuple(serves or ()), "expected": _people(expected or ()), "opens": opens,
            "power": power, "signal": signal,
        }  # fmt: skip
        with transaction(engine) as session:
            point = add_point(session, values, by=by or getpass.getuser(), reason=reason)
        _print([point_row(point)])


@commands.command("move", context_settings=NUMBERS)
def move_point(code: Code, lon: Lon, lat: Lat, reason: Reason, by: By = None) -> None:
    """Move a point, a village's own too."""
    with open_database() as (engine, _):
        from app.db import transaction
        from app.points import move_point, point_row

        with transaction(engine) as session:
            point = move_point(session, code, lon, lat, by=by or getpass.getuser(), reason=reason)
        _print([point_row(point)])


@commands.command("retire")
def retire_point(code: Code, reason: Reason, by: By = None) -> None:
    """Take a point out of use; its villages go back to their own."""
    with open_database() as (engine, _):
        from app.db import transaction
        from app.points import retire_point

        with transaction(engine) as session:
            retire_point(session, code, by=by or getpass.getuser(), reason=reason)
        say({"retired": code}, "point-retired", code=code)


def _people(texts: list[str] | tuple[str, ...]) -> dict[str, int]:
    """Read ``pemula=120``."""
    found = {}
    for text in texts:
        programme, _, number = text.partition("=")
        if not number.strip().isdecimal():
            raise typer.BadParameter(f"{text}: pemula=120", param_hint="--people")
        found[programme.strip()] = int(number)
    return found


def _print(rows: list[dict[str, Any]]) -> None:
    if terminal.as_json:
        print_json({"items": rows})
        return
    from app.console import print_points

    print_points(rows, terminal)
