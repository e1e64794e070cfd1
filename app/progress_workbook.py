"""Progress as a workbook (coverage, how it went, forecast, weeks, targets), or as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.cells import safe_cell
from app.itineraries.words import PROGRAMMES
from app.progress_texts import PROGRESS
from app.sheets import workbook, write_sheet
from app.texts import Lang

Document = Mapping[str, Any]
Table = tuple[Sequence[str], list[list[Any]]]
COVERAGE = (
    "code", "name", "programme", "base", "recorded", "share", "not_recorded", "target", "wanted",
    "gap_to_target", "n_villages", "n_over", "oldest", "newest", "served_reported",
    "cleared_reported", "share_reported", "gap_to_target_reported",
)  # fmt: skip
TRAJECTORY = ("day", "programme", "base", "recorded", "share", "not_recorded", "n_villages")
FORECAST = (
    "code", "programme", "week", "ends", "base", "recorded", "share", "share_p10", "share_p90",
    "not_recorded", "gap_to_target",
)  # fmt: skip
TARGETS = ("year", "programme", "level", "area", "share", "source", "changed_by")


def progress_xlsx(document: Document, targets: Iterable[Document], lang: Lang) -> bytes:
    """Write a progress document and the targets behind it; shares are fractions.

    Parameters
    ----------
    targets
        Rows of ``app.targets.target_rows``.
    """
    words = PROGRESS[lang]
    data, book = workbook(datetime.fromisoformat(document["today"]))
    tables = (
        ("coverage", (COVERAGE, _rows(_coverage(document), COVERAGE, lang))),
        ("trajectory", (TRAJECTORY, _rows(document["trajectory"], TRAJECTORY, lang))),
        ("forecast", (FORECAST, _forecast(document, lang))),
        ("weeks", _weeks(document, lang)),
        ("targets", (TARGETS, _rows(targets, TARGETS, lang))),
    )
    for name, (heads, rows) in tables:
        write_sheet(book, words[name], [words.get(head, head) for head in heads], rows)
    book.close()
    return data.getvalue()


def progress_csv(document: Document) -> str:
    """Write the coverage of a progress document as CSV with a header; shares are fractions."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COVERAGE)
    for row in _coverage(document):
        writer.writerow([safe_cell(row[name]) for name in COVERAGE])
    return text.getvalue()


def _since(reports: Document) -> dict[str, Any]:
    names = ("served", "cleared", "share", "gap_to_target")
    return {f"{name}_reported": reports.get(name) for name in names}


def areas_of(document: Document) -> list[Document]:
    """Give the whole area and then its parts."""
    return [document, *document["parts"]]


def _coverage(document: Document) -> list[Document]:
    rows: list[Document] = []
    for area in areas_of(document):
        place = {"code": area["code"], "name": area["name"]}
        for row in area["programmes"]:
            target = row["target"] and row["target"]["share"]
            since = row["with_reports"] or {}
            rows.append({**row, **place, **_since(since), "target": target})
    return rows


def _forecast(document: Document, lang: Lang) -> list[list[Any]]:
    rows = [
        {**standing, "code": area["code"], "programme": programme["programme"]}
        for area in areas_of(document)
        if area["forecast"]
        for programme in area["forecast"]["programmes"]
        for standing in programme["standings"]
    ]
    return _rows(rows, FORECAST, lang)


def _weeks(document: Document, lang: Lang) -> Table:
    words, names = PROGRESS[lang], PROGRAMMES[lang]
    told = [words["expected"].format(programme=name) for name in names.values()]
    told += [words["served"].format(programme=name) for name in names.values()]
    rows = [
        [
            row["week"], row["plan_id"], row["state"], row["n_sessions"],
            *(row["expected"].get(p) for p in names), *(row["served"].get(p) for p in names),
        ]
        for row in document["weeks"]
    ]  # fmt: skip
    return ("week", "plan_id", "state", "n_sessions", *told), rows


def _rows(rows: Iterable[Document], columns: Sequence[str], lang: Lang) -> list[list[Any]]:
    levels = {f: PROGRESS[lang][f"level-{f}"] for f in ("national", "province", "regency")}
    readings = {"programme": PROGRAMMES[lang], "level": levels}
    return [[readings.get(name, {}).get(row[name], row[name]) for name in columns] for row in rows]
