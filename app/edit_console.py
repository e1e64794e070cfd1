"""What a terminal shows of a plan changed by hand."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import console_of_run, mark_text, number

if TYPE_CHECKING:
    from app.terminal import Terminal


def print_edit(answer: dict[str, Any], terminal: "Terminal") -> None:
    """Show what changed, what it costs and breaks, and whether it was kept."""
    t, console = terminal.text, console_of_run()
    for row in answer["changes"]:
        console.print(row["message"])
    table = Table("", t("edit-before"), t("edit-after"))
    for name in ("value", "worth", "cost_rupiah", "n_stops"):
        table.add_row(
            t(f"edit-{name}"),
            *(number(answer[side][name], terminal.lang) for side in ("before", "after")),
        )
    console.print(table)
    for row in answer["violations"]:
        console.print(f"! {row['message']}", markup=False)
    if answer["has_new_numbers"]:
        console.print(t("edit-new-numbers"))
    if answer["is_kept"]:
        console.print(t("edit-kept", version=answer["version"]))
    else:
        console.print(t("edit-not-kept"))
    if answer["kept"]:
        console.print(mark_text(answer["kept"], terminal), markup=False)


def print_edits(found: dict[str, Any], terminal: "Terminal") -> None:
    """Show a line for each change, the newest first, and what is locked."""
    t, console = terminal.text, console_of_run()
    table = Table(title=t("edits-title", plan=found["plan_id"]))
    for key in ("version", "moved-at", "account", "edit-actions", "edit-lost", "moved-why"):
        table.add_column(t(key))
    for row in found["items"]:
        table.add_row(
            str(row["version"]), f"{row['at']:%Y-%m-%d %H:%M} UTC", row["account"],
            "; ".join(" ".join(str(v) for v in one.values() if v) for one in row["actions"]),
            number(row["result"]["worth_lost"], terminal.lang), row["reason"] or "",
        )  # fmt: skip
    console.print(table if found["items"] else t("no-edits"))
    for row in found["locked"]:
        console.print(t("edit-locked", **row), markup=False)
    if found["kept"]:
        console.print(mark_text(found["kept"], terminal), markup=False)
