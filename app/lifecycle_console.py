"""What a terminal shows of the life of a plan."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import console_of_run

if TYPE_CHECKING:
    from app.terminal import Terminal


def print_life(life: dict[str, Any], terminal: "Terminal") -> None:
    """Show where a plan stands, a line for each step taken, and which may come next."""
    t, console = terminal.text, console_of_run()
    state = t("life-title", plan=life["plan_id"], state=t(f"state-{life['state']}"))
    table = Table(title=state)
    for key in ("version", "moved-at", "account", "step", "state", "moved-why"):
        table.add_column(t(key))
    for move in life["steps"]:
        table.add_row(
            str(move["version"]), f"{move['at']:%Y-%m-%d %H:%M} UTC", move["account"],
            move["action"], t(f"state-{move['after']}"), move["reason"] or "",
        )  # fmt: skip
    if life["steps"]:
        console.print(table)
    else:
        console.print(state)
    if life["letters"]:
        letters = "; ".join(f"{team}: {number}" for team, number in life["letters"].items())
        console.print(t("life-letters", letters=letters))
    if life["next"]:
        console.print(t("life-next", steps=", ".join(life["next"])))
