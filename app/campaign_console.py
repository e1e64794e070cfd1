"""What a terminal shows of campaigns: numbers, targets, weeks, which week which district."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.campaign_document import district_table
from app.campaign_texts import CAMPAIGN
from app.console import console_of_run, number, percent

if TYPE_CHECKING:
    from app.terminal import Terminal

SHOWN_UNVISITED = 5


@contextmanager
def progress_of_campaign(terminal: "Terminal") -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show which weeks are being planned, and how many steps are done."""
    console = Console(stderr=True)
    if terminal.as_json or not console.is_terminal:
        yield lambda _: None
        return
    words = CAMPAIGN[terminal.lang]
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(words["phase-travel"], total=None)

        def show(state: dict[str, Any]) -> None:
            if state["phase"] == "solve":
                text = words["phase-weeks"].format(
                    weeks=", ".join(state["weeks"]), step=state["step"], n_steps=state["n_steps"]
                )
                progress.update(
                    task, description=text, completed=state["step"] - 1, total=state["n_steps"]
                )
            if state["phase"] == "proof":
                progress.update(task, description=words["phase-proof"], total=None)

        yield show


def print_campaigns(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each campaign."""
    words, console = CAMPAIGN[terminal.lang], console_of_run()
    if not rows:
        console.print(words["none"])
        return
    table = Table(title=words["list-title"])
    for key in ("campaign", "regency", "weeks", "created", "state", "reached"):
        table.add_column(words[key], justify="right" if key == "campaign" else "left")
    for row in rows:
        table.add_row(
            str(row["campaign_id"]), row["regency_code"],
            f"{row['first_week']}..{row['last_week']}", row["created_at"][:16],
            words["complete" if row["is_complete"] else "incomplete"], row["reached_week"] or "-",
        )  # fmt: skip
    console.print(table)


def print_campaign(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show a campaign: numbers, targets, weeks, which week which district, who is left."""
    words, console = CAMPAIGN[terminal.lang], console_of_run()
    if document["value"] is None:
        state = terminal.text(f"job-{document['job_state']}") if document["job_state"] else "-"
        console.print(words["waiting"].format(campaign_id=document["campaign_id"], state=state))
        return
    console.print(_numbers(document, terminal))
    console.print(_weeks(document, terminal))
    console.print(_districts(document, terminal))
    left = document["unvisited"]
    if left:
        names = ", ".join(
            f"{row['point_name']} ({row['district']}) {number(row['people'], terminal.lang)}"
            for row in left[:SHOWN_UNVISITED]
        )
        people = number(round(sum(row["people"] for row in left)), terminal.lang)
        text = words["unvisited"].format(n=len(left), people=people, names=names)
        console.print(text, highlight=False)


def _numbers(document: dict[str, Any], terminal: "Terminal") -> Table:
    words, lang = CAMPAIGN[terminal.lang], terminal.lang
    regency = f"{document['regency']['name']} ({document['regency']['code']})"
    table = Table(
        title=words["title"].format(
            campaign_id=document["campaign_id"], regency=regency, first=document["first_week"],
            last=document["last_week"],
        ),
        show_header=False,
    )  # fmt: skip
    table.add_column()
    table.add_column()
    bound = words["not-proven"]
    if document["bound"] is not None:
        bound = f"{number(document['bound'], lang)} / {percent(document['gap'], lang)}"
    rows = [
        (words["state"], words["complete" if document["is_complete"] else "incomplete"]),
        (words["value"], words["documents"].format(n=number(document["value"], lang))),
        (words["bound"], bound),
        (words["expected"], _expected(document, terminal)),
        (words["reached"], _reached(document, terminal)),
        (words["team_weeks"], number(document["team_weeks"], lang)),
        (words["cost"], f"Rp {number(document['cost_rupiah'], lang)}"),
    ]
    rows += [
        (
            words["target"].format(
                programme=target["programme"], share=percent(target["share"], lang)
            ),
            "\n".join(target_lines(document, target, terminal)),
        )
        for target in document["targets"]
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _expected(document: dict[str, Any], terminal: "Terminal") -> str:
    lang = terminal.lang
    low, high = document["expected_p10"], document["expected_p90"]
    return ", ".join(
        f"{name} {number(n, lang)}"
        + ("" if low is None else f" ({number(low[name], lang)}-{number(high[name], lang)})")
        for name, n in document["expected"].items()
    )


def _reached(document: dict[str, Any], terminal: "Terminal") -> str:
    words = CAMPAIGN[terminal.lang]
    if document["reached_week"] is None:
        return words["not-reached"].format(last=document["last_week"])
    return words["reached-in"].format(
        week=document["reached_week"], weeks=document["weeks_until_reached"],
        team_weeks=document["team_weeks_until_reached"],
    )  # fmt: skip


def target_lines(
    document: dict[str, Any], target: dict[str, Any], terminal: "Terminal"
) -> list[str]:
    """Word where a target stands, when it is reached and what is proven; goals in full."""
    words, lang, last = CAMPAIGN[terminal.lang], terminal.lang, document["last_week"]
    lines = [
        words[key].format(
            now=percent(standing["share"], lang),
            not_recorded=number(round(standing["not_recorded"]), lang),
            gap=number(standing["gap_to_target"], lang),
        )
        for key, standing in (
            ("target-start", target["start"]), ("target-end", target["standings"][-1])
        )
    ]  # fmt: skip
    if not target["is_goal"]:
        return lines
    never = words["never"].format(last=last)
    if target["reached_week"] is not None:
        lines.append(words["target-reached"].format(week=target["reached_week"]))
    if target["chance"] is None:
        return lines
    key = "target-range" if target["reached_p10"] is not None else "target-unlikely"
    lines.append(
        words[key].format(
            low=target["reached_p10"], high=target["reached_p90"] or never, last=last,
            chance=percent(target["chance"], lang),
        )
    )  # fmt: skip
    if target["earliest_week"] is None:
        ceiling = percent(target["ceiling"], lang)
        lines.append(words["target-never"].format(last=last, ceiling=ceiling))
    else:
        lines.append(words["target-earliest"].format(week=target["earliest_week"]))
    if target["to_verify"]:
        lines.append(words["target-verify"].format(people=number(target["to_verify"], lang)))
    return lines


def _weeks(document: dict[str, Any], terminal: "Terminal") -> Table:
    words, lang = CAMPAIGN[terminal.lang], terminal.lang
    goal = next(target for target in document["targets"] if target["is_goal"])
    standings = {standing["week"]: standing for standing in goal["standings"]}
    table = Table()
    for key in ("week", "working_days", "n_teams", "n_visits", "n_second_visits", "people",
                "cost_rupiah", "share", "not_recorded", "gap_to_target"):  # fmt: skip
        table.add_column(words[key], justify="left" if key == "week" else "right")
    for week in document["weeks"]:
        if week["idle"] is not None or not week["is_planned"]:
            why = words["unplanned"]
            if week["idle"] is not None:
                why = words["idle"].format(reason=week["idle"])
            table.add_row(f"{week['week']}: {why}")
            continue
        standing = standings[week["week"]]
        people = week["expected"]["ktp_el"] + week["expected"]["pemula"]
        table.add_row(
            week["week"], str(week["working_days"]), str(week["n_teams"]), str(week["n_visits"]),
            str(week["n_second_visits"]), number(people, lang), number(week["cost_rupiah"], lang),
            percent(standing["share"], lang), number(round(standing["not_recorded"]), lang),
            number(standing["gap_to_target"], lang),
        )  # fmt: skip
    return table


def _districts(document: dict[str, Any], terminal: "Terminal") -> Table:
    """Show how many visits each district gets in which week."""
    weeks, table = district_table(document)
    shown = Table()
    shown.add_column(CAMPAIGN[terminal.lang]["district"])
    for week in weeks:
        shown.add_column(week[-3:], justify="right")
    for district, by_week in table.items():
        cells = (str(by_week[week]["n_visits"]) if week in by_week else "" for week in weeks)
        shown.add_row(district, *cells)
    return shown
