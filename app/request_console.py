"""What a terminal shows of requests, readiness, home visits and days."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import console_of_run

if TYPE_CHECKING:
    from app.terminal import Terminal


def print_requests(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each request."""
    t = terminal.text
    if not rows:
        console_of_run().print(t("requests-none"))
        return
    keys = (
        "request",
        "letter",
        "letter-date",
        "village",
        "programmes",
        "people-asked",
        "request-state",
        "plan",
    )
    table = _table(t("requests-title"), keys, terminal)
    for row in rows:
        state = t(f"request-{row['state']}") + (" !" if row["is_required"] else "")
        table.add_row(
            str(row["request_id"]), row["number"], str(row["letter_date"]),
            f"{row['village_name']} ({row['district']})", ", ".join(row["programmes"]),
            str(row["people"]), state, str(row["plan_id"] or ""),
        )  # fmt: skip
    console_of_run().print(table)


def print_request(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show a request, a line for each step taken, and which may come next."""
    print_requests([document], terminal)
    t = terminal.text
    table = _table(
        "", ("version", "moved-at", "account", "step", "request-state", "moved-why"), terminal
    )
    for step in document["steps"]:
        table.add_row(
            str(step["version"]), f"{step['at']:%Y-%m-%d %H:%M} UTC", step["account"],
            step["action"], t(f"request-{step['after']}"), step["reason"] or "",
        )  # fmt: skip
    console_of_run().print(table)
    if document["next"]:
        console_of_run().print(t("life-next", steps=", ".join(document["next"])))


def print_suggestions(found: dict[str, Any], terminal: "Terminal") -> None:
    """Show the days suggested, those planned already, and the weeks that cannot be used."""
    t, console = terminal.text, console_of_run()
    for row in found["planned"]:
        console.print(t("suggest-planned", **row))
    if found["dates"]:
        keys = (
            "day", "team", "clock", "session-minutes", "worth-more", "cost-more", "others-moved",
            "plan",
        )  # fmt: skip
        table = _table(t("suggest-title", village=found["village_name"]), keys, terminal)
        for row in found["dates"]:
            table.add_row(
                str(row["day"]), row["team"], f"{row['start'][11:16]} {row['timezone_label']}",
                str(row["minutes"]), f"{row['worth']:+.1f}", f"{row['cost_rupiah']:+,}",
                str(row["others_moved_minutes"]), str(row["plan_id"] or ""),
            )  # fmt: skip
        console.print(table)
    elif not found["planned"]:
        console.print(t("suggest-none", village=found["village_name"]))
    for row in found["skipped"]:
        console.print(t("suggest-skipped", **row))


def _table(title: str, keys: Iterable[str], terminal: "Terminal") -> Table:
    table = Table(title=title or None)
    for key in keys:
        table.add_column(terminal.text(key))
    return table


def print_readiness(plan_id: int, rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each team-day: checks, verdict, and the plan made without it."""
    t = terminal.text
    checks = ("signal", "weather", "blanks", "fuel", "attendance")
    keys = ("day", "team", *(f"check-{name}" for name in checks), "verdict", "moved-why")
    table = _table(t("readiness-title", plan=plan_id), keys, terminal)
    for row in rows:
        answers = [
            t(f"answer-{row['answers'][name]['answer']}") if name in row["answers"] else ""
            for name in checks
        ]
        verdict = t(f"verdict-{row['verdict']}") if row["verdict"] else ""
        table.add_row(str(row["day"]), row["team"], *answers, verdict, row["reason"] or "")
    console_of_run().print(table)
    for row in rows:
        if row["replan_id"]:
            console_of_run().print(t("readiness-replan", **row))
        elif row["verdict"] == "no_go":
            console_of_run().print(t("readiness-on-tour", **row))


def print_home_visits(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each village that has a number."""
    t = terminal.text
    if not rows:
        console_of_run().print(t("home-visits-none"))
        return
    keys = ("village", "home-visits-number", "home-visits-waiting", "account")
    table = _table(t("home-visits-title"), keys, terminal)
    for row in rows:
        table.add_row(
            f"{row['village_name']} ({row['district']})", str(row["number"]), str(row["waiting"]),
            row["account"],
        )  # fmt: skip
    console_of_run().print(table)


def print_days(view: dict[str, Any], terminal: "Terminal") -> None:
    """Show a line for each day of a week, and one for each day of a single team."""
    t = terminal.text
    table = _table(t("days-title", **view), ("day", "works", "hours", "breaks", "why"), terminal)
    for row in view["days"]:
        works = t("answer-yes" if row["is_working"] else "days-off")
        table.add_row(row["day"], works, row["hours"] or "", ", ".join(row["breaks"]),
                      row["reason"])  # fmt: skip
        for one in row["teams"]:
            works = t("answer-yes" if one["is_working"] else "days-off")
            table.add_row(f"  {one['team']}", works, one["hours"] or "", "", one["reason"])
    console_of_run().print(table)
