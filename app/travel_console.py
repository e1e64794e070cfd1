"""What a terminal shows of the report on travel."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import WARNS, console_of_run, number, percent

if TYPE_CHECKING:
    from app.terminal import Terminal

SHOWN = 20


def print_travel(report: dict[str, Any], terminal: "Terminal") -> None:
    """Show the networks, the reach of each team, who is out of reach, what looks wrong."""
    t, lang, console = terminal.text, terminal.lang, console_of_run()
    networks = Table(
        title=t("check-title", regency=report["regency"], season=_season(report, terminal))
    )
    for key in ("network-name", "km", "parts", "largest-part"):
        networks.add_column(t(key), justify="left" if key == "network-name" else "right")
    for row in report["networks"]:
        networks.add_row(
            t(f"travel-{row['mode']}"), number(row["km"], lang), number(row["n_parts"], lang),
            percent(row["largest_share"], lang),
        )  # fmt: skip
    console.print(networks)
    console.print(_teams(report, terminal))
    if report["unreachable"]:
        console.print(_out_of_reach(report["unreachable"], terminal))
    else:
        console.print(t("all-reached", n=report["n_points"]))
    for row in report["findings"][:SHOWN]:
        console.print(WARNS, row["message"], highlight=False)
    if len(report["findings"]) > SHOWN:
        console.print(t("more", n=len(report["findings"]) - SHOWN))


def _season(report: dict[str, Any], terminal: "Terminal") -> str:
    """Name a season; an office may have set two at once."""
    return ", ".join(terminal.text(f"season-{name}") for name in report["season"].split("+"))


def _teams(report: dict[str, Any], terminal: "Terminal") -> Table:
    t, lang = terminal.text, terminal.lang
    table = Table()
    for key in ("team", "base", "vehicle", "points-reached", "median-minutes", "farthest"):
        table.add_column(t(key))
    for row in report["teams"]:
        farthest = median = "-"
        if row["n_reached"]:
            median = number(round(row["median_minutes"]), lang)
            farthest = f"{row['farthest']} ({number(round(row['farthest_minutes']), lang)})"
        reached = f"{number(row['n_reached'], lang)} / {number(report['n_points'], lang)}"
        vehicles = " + ".join(t(f"vehicle-{name}") for name in row["vehicle"].split("+"))
        table.add_row(row["team"], row["base"], vehicles, reached, median, farthest)
    return table


def _out_of_reach(rows: list[dict[str, Any]], terminal: "Terminal") -> Table:
    t = terminal.text
    table = Table(title=t("out-of-reach", n=len(rows)))
    for key in ("point", "weekdays", "reason"):
        table.add_column(t(key))
    for row in rows[:SHOWN]:
        name = f"{row['name']} ({row['district']})"
        table.add_row(name, row["weekdays"] or "-", row["message"])
    if len(rows) > SHOWN:
        table.caption = t("more", n=len(rows) - SHOWN)
    return table
