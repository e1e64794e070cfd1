"""What a terminal shows of a plan that was made again."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import console_of_run, number

if TYPE_CHECKING:
    from app.terminal import Terminal


def print_reproduction(found: dict[str, Any], terminal: "Terminal") -> None:
    """Say whether the plan came out the same, and show whatever differs from then."""
    t, console = terminal.text, console_of_run()
    answer = "reproduced-same" if found["is_same"] else "reproduced-other"
    console.print(t(answer, plan=found["plan_id"], n=found["n_stops"]))
    table = Table("", t("recorded"), t("found-again"))
    for name in ("value", "bound"):
        one = found[name]
        cells = (number(one[side], terminal.lang) if one[side] is not None else "-"
                 for side in ("recorded", "found"))  # fmt: skip
        table.add_row(t(name), *cells)
    for row in found["versions"]:
        table.add_row(row["name"], row["recorded"], row["today"])
    console.print(table)
    for side in ("only_recorded", "only_found"):
        for stop in found["stops"][side]:
            console.print(t(side.replace("_", "-"), **stop))
    if found["n_edits"]:
        console.print(t("reproduced-edited", n=found["n_edits"]))
    for row in found["inputs"]:
        key = "input-gone" if row["is_gone"] else "input-followed"
        console.print(t(key, **row | {"later": ", ".join(map(str, row["later"]))}))
