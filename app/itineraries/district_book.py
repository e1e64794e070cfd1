"""The recap of a week as a workbook: a sheet for each district, and one that sums them up."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from app.cells import safe_cell
from app.itineraries.reported import OffPlan, off_plan, people, report_on
from app.itineraries.team_day import Itineraries, Reported, TeamDay, TeamStop
from app.itineraries.words import OUTCOMES, PROGRAMMES, WORDS, clock, place_text, plan_label
from app.models.results import OUTCOMES as OUTCOME_NAMES
from app.sheets import sheet_name, workbook

_BESIDE_SERVED = tuple(name for name in OUTCOME_NAMES if name != "served")
_HEAD = 2  # rows above the first stop
_WIDE, _TEXTS = 22, 4  # of the first columns, which hold names


class _Placed(NamedTuple):
    """A district, the sheet it has, its stops, its rows (what was off the plan too), their sums."""

    name: str
    sheet: str
    n_stops: int
    n_rows: int
    sums: list[float]


def districts_of(given: Itineraries) -> bytes:
    """Write the workbook; sums are formulas, so that they follow an edit."""
    data, book = workbook(given.solved_at)
    stops = [(day, stop) for day in given.days for stop in day.stops]
    others = off_plan(given)
    names = sorted({*(stop.district for _, stop in stops), *(o.told.district for o in others)})
    first = book.add_worksheet(WORDS[given.lang]["recap"])
    taken = {first.name}
    placed = []
    for name in names:
        here = [pair for pair in stops if pair[1].district == name]
        sheet = book.add_worksheet(sheet_name(name, taken))
        rows = [_stop_row(given, *pair) for pair in sorted(here, key=lambda pair: pair[1].start)]
        rows += [_off_plan_row(given, one) for one in others if one.told.district == name]
        sums = _district(book, sheet, given, name, rows)
        placed.append(_Placed(name, sheet.name, len(here), len(rows), sums))
    _recap(book, first, given, placed)
    book.close()
    return data.getvalue()


def _heads(given: Itineraries) -> list[str]:
    """Name the columns with numbers: planned and served by programme, then other outcomes."""
    words, names = WORDS[given.lang], PROGRAMMES[given.lang]
    told = OUTCOMES[given.lang]
    return [
        *(f"{name}: {words['planned']}" for name in names.values()),
        *(f"{name}: {told['served']}" for name in names.values()),
        *(told[outcome] for outcome in _BESIDE_SERVED),
    ]


class _Row(NamedTuple):
    """A session: day, team, village, place, begin and end; what was planned, what was told."""

    texts: tuple[str, ...]
    expected: Mapping[str, float]
    told: Reported | None


def _stop_row(given: Itineraries, day: TeamDay, stop: TeamStop) -> _Row:
    texts = (day.day.isoformat(), day.team, stop.village, place_text(stop, given.lang),
             clock(stop.start), clock(stop.depart))  # fmt: skip
    return _Row(texts, stop.expected, report_on(given, day, stop))


def _off_plan_row(given: Itineraries, one: OffPlan) -> _Row:
    where = WORDS[given.lang]["off-plan"]
    return _Row((one.day.isoformat(), one.team, one.told.village, where, "", ""), {}, one.told)


def _numbers(given: Itineraries, row: _Row) -> list[float | None]:
    """Give the numbers of a session; what was not reported is empty, not 0."""
    names, told = PROGRAMMES[given.lang], row.told
    planned = [round(row.expected[p], 1) if p in row.expected else None for p in names]
    if told is None:
        return [*planned, *[None] * (len(names) + len(_BESIDE_SERVED))]
    served = [told.counts[p].served if p in told.counts else None for p in names]
    return [*planned, *served, *(people(told.counts, outcome) for outcome in _BESIDE_SERVED)]


def _district(
    book: xlsxwriter.Workbook, sheet: Worksheet, given: Itineraries, name: str,
    sessions: Sequence[_Row],
) -> list[float]:  # fmt: skip
    """Write a row for each session, and their sums, which it gives."""
    words = WORDS[given.lang]
    texts = [words["day"], words["team"], words["village"], words["place"], words["start"],
             words["end"]]  # fmt: skip
    title = f"{words['district']} {name}, {plan_label(given)}"
    _head(book, sheet, title, [*texts, words["reported"], *_heads(given), words["remarks"]])
    rows = []
    for y, one in enumerate(sessions, start=_HEAD):
        for x, text in enumerate(one.texts):
            sheet.write_string(y, x, safe_cell(text))
        rows.append([int(one.told is not None), *_numbers(given, one)])
        for x, number in enumerate(rows[-1], start=len(texts)):
            if number is not None:
                sheet.write_number(y, x, number)
        if one.told is not None and one.told.notes:
            sheet.write_string(y, len(texts) + len(rows[-1]), safe_cell(one.told.notes))
    return _sums(book, sheet, words["total"], len(texts), rows)


def _recap(
    book: xlsxwriter.Workbook, sheet: Worksheet, given: Itineraries, placed: Sequence[_Placed]
) -> None:
    """Sum up what stands on the sheets of the districts."""
    words = WORDS[given.lang]
    heads = [words["district"], words["sessions"], words["reported"], *_heads(given)]
    _head(book, sheet, f"{words['recap']}, {plan_label(given)}", heads)
    for y, one in enumerate(placed, start=_HEAD):
        sheet.write_string(y, 0, safe_cell(one.name))
        sheet.write_number(y, 1, one.n_stops)
        for x, total in enumerate(one.sums, start=2):
            # Numbers of a district begin in the seventh column of its sheet.
            cell = xl_rowcol_to_cell(_HEAD + one.n_rows, x + 4)
            sheet.write_formula(y, x, f"='{one.sheet}'!{cell}", value=total)
    _sums(book, sheet, words["total"], 1, [[one.n_stops, *one.sums] for one in placed])


def _head(book: xlsxwriter.Workbook, sheet: Worksheet, title: str, heads: Sequence[str]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, safe_cell(title), book.add_format({"bold": True, "font_size": 14}))
    sheet.write_row(1, 0, heads, bold)
    for x, head in enumerate(heads):
        sheet.set_column(x, x, _WIDE if x < _TEXTS else max(map(len, head.split())) + 2)
    sheet.freeze_panes(_HEAD, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)


def _sums(
    book: xlsxwriter.Workbook, sheet: Worksheet, word: str, left: int,
    rows: Sequence[Sequence[float | None]],
) -> list[float]:  # fmt: skip
    """Write sums under rows of numbers that begin in column ``left``."""
    bold = book.add_format({"bold": True, "top": 1})
    last = _HEAD + len(rows)
    sheet.write_string(last, 0, word, bold)
    sums = [round(sum(filter(None, column)), 1) for column in zip(*rows, strict=True)]
    for x, total in enumerate(sums, start=left):
        span = f"{xl_rowcol_to_cell(_HEAD, x)}:{xl_rowcol_to_cell(last - 1, x)}"
        # With its value, for programs that show a workbook without working it out.
        sheet.write_formula(last, x, f"=SUM({span})", bold, total)
    return sums
