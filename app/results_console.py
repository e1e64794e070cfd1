"""What a terminal shows of results."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import console_of_run
from app.itineraries.words import PROGRAMMES
from app.models.results import OUTCOMES

if TYPE_CHECKING:
    from app.terminal import Terminal

OUTCOME_NAMES = ("accepted", "known", "contradicts", "refused")


def print_outcomes(told: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show by plan how many reports were taken in, and why others were not."""
    t, console = terminal.text, console_of_run()
    for plan in told:
        numbers = {name: plan[name] for name in OUTCOME_NAMES}
        console.print(t("results-taken", plan=plan["plan_id"], **numbers))
        for row in plan["records"]:
            if row["outcome"] == "refused":
                console.print(f"x {row['key'] or '-'}: {row['reason']}: {row['detail']}")
        if plan["contradicts"]:
            console.print(t("results-contradict", plan=plan["plan_id"]))


def print_results(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show sessions with their outcomes, contradictions, and stops that are missing."""
    t, console = terminal.text, console_of_run()
    table = Table(title=t("results-title", plan=document["plan_id"]))
    for key in ("day", "team", "village", "programme", *(f"outcome-{o}" for o in OUTCOMES)):
        table.add_column(t(key))
    for one in document["sessions"]:
        mark = " !" if one["is_contested"] else ""
        for programme, people in one["programmes"].items():
            if any(people[name] for name in OUTCOMES):
                table.add_row(
                    one["day"], one["team"], one["village_name"] + mark,
                    PROGRAMMES[terminal.lang][programme],
                    *(str(people[name] or "") for name in OUTCOMES),
                )  # fmt: skip
    console.print(table)
    for one in document["contradictions"]:
        is_several = one["why"] == "all-count"
        key = "results-several" if is_several else "results-open"
        key = key if one["is_open"] else "results-closed"
        console.print(
            t(key, day=one["day"], team=one["team"], village=one["village_name"],
              entries=", ".join(map(str, one["entries"])), counts=one["counts_entry_id"])
        )  # fmt: skip
    if document["missing"]:
        names = ", ".join(f"{one['village_name']} ({one['team']})" for one in document["missing"])
        console.print(t("results-missing", n=len(document["missing"]), names=names))
    sums = document["totals"]
    console.print(t("results-value", value=sums["value"], cleared=sums["cleared_value"]))


def print_entries(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show the ledger, a line an entry."""
    t = terminal.text
    table = Table(title=t("results-title", plan=document["plan_id"]))
    for key in ("number", "state", "day", "team", "point", "outcome-served", "account", "replaced"):
        table.add_column(t(key))
    for row in document["entries"]:
        served = ", ".join(
            f"{PROGRAMMES[terminal.lang][p]} {people['served']}"
            for p, people in row["programmes"].items()
            if people["served"]
        )
        table.add_row(
            str(row["entry_id"]), t(f"entry-{row['state']}"), str(row["day"]), row["team"],
            row["point_code"], served or "0", row["account"], str(row["replaced_by"] or ""),
        )  # fmt: skip
    console_of_run().print(table)


def print_need(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show who is left, of villages and programmes that were reported on."""
    t = terminal.text
    table = Table(title=t("need-title", regency=document["regency_code"], day=document["on"]))
    columns = ("village", "programme", "listed", "outcome-served", "outcome-already_had",
               "cleared", "left")  # fmt: skip
    for key in columns:
        table.add_column(t(key))
    for village in document["villages"]:
        for programme, row in village["programmes"].items():
            if row["last_day"] is not None:
                numbers = (f"{row['listed']:g}", row["served"], row["already_had"],
                           row["cleared"], f"{row['left']:g}")  # fmt: skip
                name = PROGRAMMES[terminal.lang][programme]
                table.add_row(village["village_name"], name, *map(str, numbers))
    console_of_run().print(table)


def print_rates(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show corrected rates beside what they rest on."""
    t = terminal.text
    table = Table(title=t("rates-title", regency=document["regency_code"]))
    for key in ("district", "rate", "rate-n", "observed", "default", "weight", "corrected-rate"):
        table.add_column(t(key))
    for district in document["districts"]:
        for name, rate in _rates(district, terminal):
            if rate["observed"] is not None:
                numbers = (f"{rate[key]:.2f}" for key in
                           ("observed", "default", "weight", "corrected"))  # fmt: skip
                table.add_row(district["district"], name, f"{rate['n']:g}", *numbers)
    console_of_run().print(table)
    if not document["is_used"]:
        console_of_run().print(t("rates-unused"))


def _rates(district: dict[str, Any], terminal: "Terminal") -> list[tuple[str, dict[str, Any]]]:
    t, names = terminal.text, PROGRAMMES[terminal.lang]
    return [
        (t("rate-turnout"), district["turnout"]),
        *((t("rate-reachable", programme=names[p]), rate)
          for p, rate in district["reachable_share"].items()),
        (t("rate-kit-minutes"), district["kit_minutes"]),
        (t("rate-desk-minutes"), district["desk_minutes"]),
    ]  # fmt: skip
