"""Commands for the life of a plan."""

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import open_database, print_json, terminal

if TYPE_CHECKING:
    from app.access import Caller

commands = typer.Typer()
PlanNumber = Annotated[int, typer.Argument(metavar="PLAN")]


@commands.command()
def step(
    plan_id: PlanNumber,
    action: Annotated[str | None, typer.Argument(metavar="[ACTION]")] = None,
    reason: Annotated[str | None, typer.Option("--reason")] = None,
    letter: Annotated[list[str] | None, typer.Option("--letter", metavar="[TEAM=]NUMBER")] = None,
    replaces: Annotated[int | None, typer.Option("--replaces", metavar="PLAN")] = None,
) -> None:
    """Take a step in the life of a plan, or show the steps taken."""
    with open_database() as (engine, _):
        from app.audit import record
        from app.db import transaction
        from app.lifecycle import ACTIONS, Step, plan_life, take_step

        if action is not None and action not in ACTIONS:
            raise typer.BadParameter(f"{action!r}; write: {', '.join(ACTIONS)}")
        caller = person_at_machine()
        with transaction(engine) as session:
            if action is not None:
                by_team = dict(_by_team(text) for text in letter or ())
                step = Step(
                    action=action, reason=reason, replaces=replaces, letter=by_team.pop("", None),
                    letters=by_team,
                )  # fmt: skip
                take_step(session, plan_id, step, caller)
                record(session, "take_plan_step", f"plan {plan_id}", account=caller.account,
                       details={"action": action})  # fmt: skip
            life = plan_life(session, plan_id, caller)
        if terminal.as_json:
            print_json(life)
        else:
            _print(life)


def person_at_machine() -> "Caller":
    """Give whoever is logged in at the machine: who can type commands there can do everything."""
    from app.access import Caller
    from app.areas import WHOLE_COUNTRY
    from app.audit import COMMAND
    from app.models import Role

    return Caller(
        account_id=0, account=getpass.getuser(), role=Role.ADMIN, area=WHOLE_COUNTRY, team=None,
        via=COMMAND,
    )  # fmt: skip


def _by_team(text: str) -> tuple[str, str]:
    """Read ``TEAM=NUMBER``, or ``NUMBER`` for all other teams."""
    team, has_team, number = text.partition("=")
    return (team.strip(), number.strip()) if has_team else ("", text.strip())


def _print(life: dict[str, Any]) -> None:
    from app.lifecycle_console import print_life

    print_life(life, terminal)
