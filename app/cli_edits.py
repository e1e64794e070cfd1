"""The command that changes a plan by hand."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import open_database, print_json, terminal

if TYPE_CHECKING:
    from app.edits import Bench

commands = typer.Typer()
NOT_KEPT = 1
UNDO = "undo"
WORDS = {
    "move": ("at", "team", "day"),
    "swap": ("at", "other"),
    "add": ("at", "team", "day"),
    "drop": ("at",),
    "length": ("at", "minutes"),
    "lock": ("at",),
    "unlock": ("at",),
    UNDO: (),
}
"""What follows each action on the command line."""


@commands.command()
def edit(
    plan_id: Annotated[int, typer.Argument(metavar="PLAN")],
    action: Annotated[str | None, typer.Argument(metavar="[ACTION]")] = None,
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]...")] = None,
    position: Annotated[int | None, typer.Option("--position", min=1)] = None,
    minutes: Annotated[int | None, typer.Option("--minutes", min=15, max=600)] = None,
    reason: Annotated[str | None, typer.Option("--reason")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
) -> None:
    """Change a plan by hand, or list the changes made."""
    with open_database() as (engine, settings):
        from app.audit import record
        from app.cli_lifecycle import person_at_machine
        from app.db import transaction
        from app.edit_console import print_edit, print_edits
        from app.edits import Bench, Edit, edit_plan, edits_of, undo_edit
        from app.open_weeks import OpenWeeks
        from app.travel import TravelMeans
        from app.violation_texts import worded

        bench = Bench(engine=engine, weeks=OpenWeeks(), means=TravelMeans.of(settings))
        if action is None:
            _list(bench, plan_id, edits_of, print_edits)
            return
        caller = person_at_machine()
        asked = _action(action, words or [], position, minutes)
        with transaction(engine) as session:
            if action == UNDO:
                found = undo_edit(session, bench, plan_id, None, caller)
            else:
                wanted = Edit(actions=[asked], keep=not dry_run, reason=reason)
                found = edit_plan(session, bench, plan_id, wanted, caller)
            if found["is_kept"]:
                record(session, "edit_plan", f"plan {plan_id}", account=caller.account,
                       details={"action": action})  # fmt: skip
        answer = worded(found, terminal.lang)
        if terminal.as_json:
            print_json(answer)
        else:
            print_edit(answer, terminal)
        if not (answer["is_kept"] or dry_run):
            raise typer.Exit(NOT_KEPT)


def _list(bench: "Bench", plan_id: int, edits_of: Any, print_edits: Any) -> None:  # noqa: ANN401 (imported late)
    from app.db import reading

    with reading(bench.engine) as session:
        found = edits_of(session, bench, plan_id)
    if terminal.as_json:
        print_json(found)
    else:
        print_edits(found, terminal)


def _action(
    action: str, words: list[str], position: int | None, minutes: int | None
) -> dict[str, Any]:
    """Read an action as a request would give it."""
    from pydantic import TypeAdapter

    from app.schemas.edits import Action

    names = WORDS.get(action)
    if names is None:
        raise typer.BadParameter(f"{action!r}; {', '.join(WORDS)}")
    if len(words) != len(names):
        raise typer.BadParameter(f"{action} {' '.join(names).upper()}")
    if action == UNDO:
        return {}
    given: dict[str, Any] = {"action": action, **dict(zip(names, words, strict=True))}
    if action in {"move", "add"} and position is not None:
        given["position"] = position
    if action == "add" and minutes is not None:
        given["minutes"] = minutes
    read: dict[str, Any] = TypeAdapter(Action).validate_python(given).model_dump()
    return read
