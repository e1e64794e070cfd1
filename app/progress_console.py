"""What a terminal shows of progress and targets."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import console_of_run, number, percent
from app.itineraries.words import PROGRAMMES
from app.progress_texts import PROGRESS
from app.progress_workbook import areas_of
from app.schemas.campaigns import MOST_WEEKS

if TYPE_CHECKING:
    from app.terminal import Terminal

Row = dict[str, Any]
_COLUMNS = (
    "area", "programme", "base", "recorded", "share", "not_recorded", "target", "gap_to_target",
)  # fmt: skip


def print_targets(rows: list[Row], terminal: "Terminal") -> None:
    """Show a line for each target."""
    words, lang = PROGRESS[terminal.lang], terminal.lang
    if not rows:
        console_of_run().print(words["no-targets"])
        return
    table = Table(title=words["targets"])
    for key in ("year", "programme", "area", "target", "source", "changed_by"):
        table.add_column(words[key])
    for row in rows:
        table.add_row(
            str(row["year"]), PROGRAMMES[lang][row["programme"]],
            row["area"] or words["level-national"], percent(row["share"], lang), row["source"],
            row["changed_by"] or "",
        )  # fmt: skip
    console_of_run().print(table)


def print_progress(document: Row, terminal: "Terminal") -> None:
    """Show coverage beside targets, what is over 100 %, and when targets are reached."""
    words, lang, console = PROGRESS[terminal.lang], terminal.lang, console_of_run()
    name = document["name"] or document["code"] or words["nation"]
    table = Table(
        title=words["title"].format(name=name, year=document["year"], today=document["today"])
    )
    for key in _COLUMNS:
        table.add_column(words[key], justify="left" if key in _COLUMNS[:2] else "right")
    for area in areas_of(document):
        for n, row in enumerate(area["programmes"]):
            place = (area["name"] or area["code"] or words["nation"]) if n == 0 else ""
            table.add_row(place, *_cells(row, terminal), end_section=row["programme"] == "ikd")
    console.print(table)
    for row in document["programmes"]:
        if row["n_over"]:
            said = words["over"].format(
                programme=PROGRAMMES[lang][row["programme"]], n=row["n_over"],
                share=percent(row["share"], lang),
            )  # fmt: skip
            console.print(f"! {said}", highlight=False)
        told = row["with_reports"]
        if told and (told["served"] or told["cleared"]):
            gap = told["gap_to_target"]
            said = words["since"].format(
                programme=PROGRAMMES[lang][row["programme"]], served=number(told["served"], lang),
                cleared=number(told["cleared"], lang), share=percent(told["share"], lang),
                gap="-" if gap is None else number(gap, lang),
            )  # fmt: skip
            console.print(said, highlight=False)
    for area in areas_of(document):
        if area["forecast"]:
            for line in forecast_lines(document, area, terminal):
                console.print(line, highlight=False)


def _cells(row: Row, terminal: "Terminal") -> Iterator[str]:
    words, lang = PROGRESS[terminal.lang], terminal.lang
    yield PROGRAMMES[lang][row["programme"]]
    if row["base"] is None:
        yield from (words["withheld"] if row["withheld"] else "-", "", "", "")
    else:
        yield number(row["base"], lang)
        yield number(row["recorded"], lang)
        yield percent(row["share"], lang)
        yield number(row["not_recorded"], lang)
    target = row["target"]
    share = percent(target and target["share"], lang)
    is_carried = target is not None and target["is_carried"]
    yield words["carried"].format(share=share, year=target["year"]) if is_carried else share
    gap = row["gap_to_target"]
    yield "-" if gap is None else number(gap, lang) if gap else words["reached"]


def forecast_lines(document: Row, area: Mapping[str, Any], terminal: "Terminal") -> Iterator[str]:
    """Say what is expected of each programme, by which campaign, and what would tell more."""
    words, seen = PROGRESS[terminal.lang], area["forecast"]
    asked = {"regency": area["code"], "until": _until(document)}
    place = area["name"] or area["code"]
    if seen["missing"] is not None:
        yield f"{place}: " + words[f"missing-{seen['missing']}"].format(**asked)
        return
    span = {key: seen[f"{key}_week"] for key in ("first", "last")}
    yield f"{place}: " + words["of-campaign"].format(campaign_id=seen["campaign_id"], **span)
    for row in seen["programmes"]:
        yield "  " + _expected(row, seen["last_week"], terminal)
    if seen["is_outdated"]:
        yield "! " + words["outdated"].format(campaign_id=seen["campaign_id"], **asked)


def _until(document: Row) -> date:
    """Name the last day of the year, or how far one campaign goes."""
    today = date.fromisoformat(document["today"])
    year = max(document["year"], today.year)
    return min(date(year, 12, 31), today + timedelta(weeks=MOST_WEEKS - 1))


def _expected(row: Row, last: str, terminal: "Terminal") -> str:
    words, lang = PROGRESS[terminal.lang], terminal.lang
    facts = {
        "programme": PROGRAMMES[lang][row["programme"]], "last": last,
        "share": percent(row["target_share"], lang),
    }  # fmt: skip
    if row["reached_week"] is None:
        end = row["standings"][-1]
        low, high = (percent(end[name], lang) for name in ("share_p10", "share_p90"))
        shown = percent(end["share"], lang)
        return words["reached-not"].format(**facts, end=shown, low=low, high=high)
    return words["reached-in"].format(
        **facts, week=row["reached_week"], low=row["reached_p10"] or f"> {last}",
        high=row["reached_p90"] or f"> {last}", chance=percent(row["chance"], lang),
    )  # fmt: skip
