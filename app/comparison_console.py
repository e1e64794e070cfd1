"""What a terminal shows of plans side by side."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.comparison import COVERAGE, PEOPLE, figure_rows
from app.comparison_texts import COMPARISON
from app.console import console_of_run, number

if TYPE_CHECKING:
    from app.terminal import Terminal

SHARES = COVERAGE[:3]


def print_comparison(found: dict[str, Any], terminal: "Terminal") -> None:
    """Show a column for each plan, then what was asked otherwise and what changed."""
    lang, console, t = terminal.lang, console_of_run(), COMPARISON[terminal.lang]
    heads, *rows = figure_rows(found, lang)
    shares = {t["gap"], *(f"{t[p]}: {t[key]}" for p in PEOPLE for key in SHARES)}
    table = Table(*heads)
    for name, *cells in rows:
        if any(cell is not None for cell in cells):
            table.add_row(name, *(_cell(cell, name in shares, terminal) for cell in cells))
    console.print(table)
    for plan in found["plans"][1:]:
        for row in plan["differs"]:
            line = f"{plan['plan_id']}: {row['name']}: {row['first']} -> {row['here']}"
            console.print(line, markup=False, highlight=False)
        for row in plan["changes"]:
            console.print(f"{plan['plan_id']}: {row['message']}", markup=False, highlight=False)


def _cell(value: float | None, is_share: bool, terminal: "Terminal") -> str:
    if value is None:
        return "-"
    return f"{number(100 * value, terminal.lang)}%" if is_share else number(value, terminal.lang)
