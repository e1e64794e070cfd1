"""The command for the evening before."""

from typing import Annotated, Any

import typer

from app.terminal import open_database, parse_date, print_json, terminal

commands = typer.Typer()


@commands.command()
def ready(
    plan_id: Annotated[int, typer.Argument(metavar="PLAN")],
    team: Annotated[str | None, typer.Argument(metavar="[TEAM]")] = None,
    day: Annotated[str | None, typer.Argument(metavar="[DAY]")] = None,
    check: Annotated[list[str] | None, typer.Option("--check", metavar="CHECK=ANSWER")] = None,
    go: Annotated[bool | None, typer.Option("--go/--no-go")] = None,
    reason: Annotated[str | None, typer.Option("--reason")] = None,
) -> None:
    """Show which team-days are ready, answer checks of one, or decide whether it goes."""
    on = parse_date(day, "DAY")
    with open_database() as (engine, _):
        from app.calendar import today_in
        from app.cli_lifecycle import person_at_machine
        from app.db import transaction
        from app.errors import PlanNotFound
        from app.models import Plan
        from app.readiness import GO, NO_GO, Told, readiness, tell

        verdict = None if go is None else (GO if go else NO_GO)
        with transaction(engine) as session:
            if check or verdict:
                if team is None or on is None:
                    raise typer.BadParameter("PLAN TEAM DAY", param_hint="--check, --go, --no-go")
                plan = session.get(Plan, plan_id)
                if plan is None:
                    raise PlanNotFound(plan_id=plan_id)
                told = Told(
                    team=team, day=on, answers=dict(_answer(text) for text in check or ()),
                    verdict=verdict, reason=reason,
                )  # fmt: skip
                today = today_in(plan.regency_code)
                tell(session, plan_id, told, person_at_machine(), today=today)
            rows = readiness(session, plan_id, team=team, day=on)
        if terminal.as_json:
            print_json({"plan_id": plan_id, "items": rows})
            return
        from app.request_console import print_readiness

        print_readiness(plan_id, rows, terminal)


def _answer(text: str) -> tuple[str, Any]:
    """Read ``weather=no:river is rising``."""
    from app.readiness import Answer

    name, _, rest = text.partition("=")
    word, _, note = rest.partition(":")
    return name.strip(), Answer(word.strip(), note.strip())
