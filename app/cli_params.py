"""Commands about the office's parameters."""

import getpass
from typing import Annotated, Any

import typer

from app.terminal import By, open_database, print_json, terminal

commands = typer.Typer()


@commands.callback(invoke_without_command=True)
def params(context: typer.Context) -> None:
    """Show the office's parameters, or set them."""
    if context.invoked_subcommand is None:
        show_params()


@commands.command("show")
def show_params(
    name: Annotated[str, typer.Argument(metavar="NAME")] = "",
) -> None:
    """Show parameters: all, or those whose name starts so."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.params import param_rows

        with reading(engine) as session:
            rows = param_rows(session, terminal.lang)
        _say_params([row for row in rows if row["name"].startswith(name)], name)


@commands.command("set")
def set_param(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    value: Annotated[str, typer.Argument(metavar="VALUE")],
    reason: Annotated[str, typer.Option("--reason")],
    by: By = None,
) -> None:
    """Set a parameter; plans made before keep the value they were made with."""
    from app.params import definition_of

    _decide(name, definition_of(name).read(value), reason, by)


@commands.command("reset")
def reset_param(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    reason: Annotated[str, typer.Option("--reason")],
    by: By = None,
) -> None:
    """Put a parameter back to its default."""
    _decide(name, None, reason, by)


def _decide(name: str, value: Any, reason: str, by: str | None) -> None:  # noqa: ANN401 (any JSON value)
    with open_database() as (engine, _):
        from app.db import transaction
        from app.params import param_rows, set_params

        with transaction(engine) as session:
            set_params(session, {name: value}, by=by or getpass.getuser(), reason=reason)
            rows = param_rows(session, terminal.lang)
        _say_params([row for row in rows if row["name"] == name], name)


def _say_params(rows: list[dict[str, Any]], name: str) -> None:
    from app.console import print_params
    from app.params import definition_of

    if not rows:
        definition_of(name)
    if terminal.as_json:
        print_json({"items": rows})
    else:
        print_params(rows, terminal)
