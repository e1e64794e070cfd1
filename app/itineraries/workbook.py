"""Itineraries and their costs as workbooks."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter

from app.cells import safe_cell
from app.itineraries.letterhead import Letterhead
from app.itineraries.team_day import COST_LINES, Itineraries, TeamDay, TeamStop
from app.itineraries.words import (
    PROGRAMMES,
    WORDS,
    clock,
    long_date,
    place_text,
    plan_label,
    service_text,
    warning_text,
)
from app.sheets import sheet_name, workbook
from app.texts import Lang

_WIDEST = 60


def xlsx_of(given: Itineraries, letterhead: Letterhead) -> bytes:
    """Write a workbook: every stop, a sheet for each team, and the costs."""
    data, book = _book(given)
    words = WORDS[given.lang]
    _sheet(book, words["itinerary"], _heads(given), _rows(given, given.days), plan_label(given))
    taken = {words["itinerary"], words["costs"]}
    for team in given.teams:
        title = f"{words['team']} {team}, {plan_label(given)}"
        _sheet(
            book, sheet_name(team, taken), _heads(given), _rows(given, given.of_team(team)), title
        )
    _cost_sheet(book, given, letterhead)
    book.close()
    return data.getvalue()


def costs_of(given: Itineraries, letterhead: Letterhead) -> bytes:
    """Write the cost sheet by itself: what each team spends on each budget line."""
    data, book = _book(given)
    _cost_sheet(book, given, letterhead)
    book.close()
    return data.getvalue()


def cost_lines(given: Itineraries, team: str) -> dict[str, int] | None:
    """Sum a team's costs by line; None where the plan does not keep them."""
    days = [day.costs for day in given.of_team(team)]
    kept = [costs for costs in days if costs is not None]
    if len(kept) < len(days):
        return None
    return {line: sum(costs[line] for costs in kept) for line in COST_LINES}


def _book(given: Itineraries) -> tuple[io.BytesIO, xlsxwriter.Workbook]:
    data, book = workbook(given.solved_at)
    book.set_properties({"title": plan_label(given), "created": given.solved_at})
    return data, book


def _heads(given: Itineraries) -> tuple[str, ...]:
    words, names = WORDS[given.lang], PROGRAMMES[given.lang]
    zone = given.zone_label
    return (
        words["team"], words["day"], words["order"], words["village"], words["district"],
        words["place"], f"{words['arrive'].capitalize()} ({zone})", f"{words['start']} ({zone})",
        f"{words['end']} ({zone})", words["minutes"].format(n="").strip().capitalize(),
        words["signal"], words["no-signal"].capitalize(), words["km"], words["longitude"],
        words["latitude"], *names.values(), words["sleeps"],
    )  # fmt: skip


def _rows(given: Itineraries, days: Iterable[TeamDay]) -> Iterator[tuple[Any, ...]]:
    for day in days:
        for stop in day.stops:
            last = stop is day.stops[-1]
            yield _row(given, day, stop, day.ends_at if last and day.sleeps else "")
        if not day.stops:
            empty = [""] * (len(_heads(given)) - 4)
            date = long_date(day.day, given.lang)
            yield (day.team, date, "", WORDS[given.lang]["day-out"], *empty[:-1],
                   day.ends_at if day.sleeps else "")  # fmt: skip


def _row(given: Itineraries, day: TeamDay, stop: TeamStop, sleeps: str) -> tuple[Any, ...]:
    lang = given.lang
    return (
        day.team, long_date(day.day, lang), stop.order, stop.village, stop.district,
        place_text(stop, lang), clock(stop.arrive), clock(stop.start), clock(stop.depart),
        stop.minutes, service_text(stop, lang),
        warning_text(stop, lang) if stop.is_blank_spot else "", round(stop.distance_m / 1000, 1),
        stop.lon, stop.lat, *_people(stop, lang), sleeps,
    )  # fmt: skip


def _people(stop: TeamStop, lang: Lang) -> list[float | str]:
    """Give how many are expected by programme, or a word where the reader may not know."""
    if not stop.expected:
        return [WORDS[lang]["withheld"]] * len(PROGRAMMES[lang])
    return [round(stop.expected.get(p, 0.0), 1) for p in PROGRAMMES[lang]]


def _sheet(
    book: xlsxwriter.Workbook, name: str, heads: Sequence[str], rows: Iterable[tuple[Any, ...]],
    title: str,
) -> None:  # fmt: skip
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    large = book.add_format({"bold": True, "font_size": 14})
    sheet.write_string(0, 0, safe_cell(title), large)
    sheet.write_row(1, 0, heads, bold)
    widths = [max(map(len, head.split())) for head in heads]
    for y, row in enumerate(rows, start=2):
        for x, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(y, x, value)
            elif value:
                sheet.write_string(y, x, safe_cell(value))
            widths[x] = max(widths[x], len(str(value)))
    for x, width in enumerate(widths):
        sheet.set_column(x, x, min(width, _WIDEST) + 2)
    sheet.freeze_panes(2, 4)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)


def _cost_sheet(book: xlsxwriter.Workbook, given: Itineraries, letterhead: Letterhead) -> None:
    """Write rupiah by team and budget line; sums are formulas, so that they follow an edit."""
    words = WORDS[given.lang]
    sheet = book.add_worksheet(words["costs"])
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "bottom": 1})
    money = book.add_format({"num_format": "#,##0"})
    sums = book.add_format({"num_format": "#,##0", "bold": True, "top": 1})
    sheet.write_string(0, 0, f"{words['costs']}: {plan_label(given)}", bold)
    sheet.write_row(1, 0, (words["team"], words["budget-line"], words["code"], words["rupiah"]),
                    head)  # fmt: skip
    y, subtotals, total = 2, [], 0
    for team in given.teams:
        first = y
        for line, code, rupiah in _cost_rows(given, team, letterhead):
            for x, text in enumerate((team, line, code)):
                sheet.write_string(y, x, safe_cell(text))
            sheet.write_number(y, 3, rupiah, money)
            total += rupiah
            y += 1
        spent = sum(rupiah for *_, rupiah in _cost_rows(given, team, letterhead))
        sheet.write_string(y, 1, f"{words['team-total']} {team}", bold)
        sheet.write_formula(y, 3, f"=SUM(D{first + 1}:D{y})", sums, spent)
        subtotals.append(f"D{y + 1}")
        y += 2
    sheet.write_string(y, 1, words["total"], bold)
    sheet.write_formula(y, 3, "=" + "+".join(subtotals), sums, total)
    for x, width in enumerate((14, 44, 26, 18)):
        sheet.set_column(x, x, width)
    sheet.freeze_panes(2, 0)
    sheet.set_paper(9)


def _cost_rows(given: Itineraries, team: str, letterhead: Letterhead) -> list[tuple[str, str, int]]:
    words = WORDS[given.lang]
    found = cost_lines(given, team)
    if found is None:
        return [(words["not-kept"], "", given.rupiah[team])]
    names = {"travel": words["travel-cost"]}
    return [
        (names.get(line, words.get(line, line)), letterhead.account_codes.get(line, ""), rupiah)
        for line, rupiah in found.items()
    ]
