"""What a terminal shows of an import: its numbers, how its sheets were read, what was seen."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from app.console import REFUSES, WARNS, console_of_run, number
from app.texts import finding_text
from geodata.findings import Finding

if TYPE_CHECKING:
    from app.ingest import ImportOutcome
    from app.terminal import Terminal

SHOWN_FINDINGS = 12


def print_import(outcome: "ImportOutcome", terminal: "Terminal") -> None:
    """Show what came of a file."""
    t, lang = terminal.text, terminal.lang
    console = console_of_run()
    table = Table(
        title=t("import-title", kind=outcome.kind, file=outcome.file_name), show_header=False
    )
    table.add_column()
    table.add_column(justify="right")
    if outcome.as_of is not None:
        table.add_row(t("as-of"), outcome.as_of.isoformat())
    table.add_row(t("source"), outcome.source)
    table.add_row(t("accepted"), number(outcome.accepted, lang))
    table.add_row(t("corrected"), number(outcome.corrected, lang))
    table.add_row(t("refused-rows"), number(outcome.refused, lang))
    for column, total in outcome.totals.items():
        table.add_row(f"{t('totals')}: {_total_name(column, terminal)}", number(total, lang))
    console.print(table)
    if outcome.dry_run:
        _print_layout(outcome.details.get("sheets", ()), t, console)
    _print_findings(outcome.findings, terminal, console)
    stored = outcome.import_id is not None
    console.print(t("import-stored", import_id=outcome.import_id) if stored else t("import-dry"))


def _print_findings(findings: tuple[Finding, ...], terminal: "Terminal", console: Console) -> None:
    """Show the gravest findings first; corrections and remarks are only counted."""
    grave = [f for f in findings if f.severity in {"refused", "warning"}]
    grave.sort(key=lambda f: f.severity != "refused")
    for found in grave[:SHOWN_FINDINGS]:
        mark = REFUSES if found.severity == "refused" else WARNS
        text = finding_text({"code": found.code, **found.facts}, terminal.lang)
        console.print(mark, text, highlight=False)
    if len(grave) > SHOWN_FINDINGS:
        console.print(terminal.text("more", n=len(grave) - SHOWN_FINDINGS))


def _total_name(column: str, terminal: "Terminal") -> str:
    names = {"not_recorded": "not-recorded", "people_to_look_for": "to-look-for"}
    return terminal.text(names[column]) if column in names else column


def _print_layout(sheets: Iterable[Mapping[str, Any]], t: Any, console: Console) -> None:  # noqa: ANN401 (a bound method)
    """Show what each heading was read as; sheets that were read alike stand together."""
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for sheet in sheets:
        alike.setdefault(str(sheet["headings"]), []).append(sheet)
    for group in alike.values():
        names = ", ".join(sheet["sheet"] for sheet in group)
        if group[0]["first_row"] is None:
            console.print(WARNS, t("sheet-skipped", sheets=names), highlight=False)
            continue
        table = Table(title=t("sheet-read", sheets=names))
        for key in ("column", "heading", "read-as"):
            table.add_column(t(key))
        for heading in group[0]["headings"]:
            meaning = heading["column"] or t("not-read")
            learned = t("as-taught", meaning=meaning) if heading["learned"] else meaning
            table.add_row(heading["letters"], heading["text"], learned)
        console.print(table)
        console.print(t("sheet-rows", **_rows(group)), highlight=False)


def _rows(group: list[Mapping[str, Any]]) -> dict[str, str]:
    """Name the rows of titles and header and the first of data, once for sheets that agree."""
    found = {
        name: " / ".join(dict.fromkeys(_span(sheet[name]) for sheet in group))
        for name in ("titles", "header")
    }
    firsts = dict.fromkeys(str(sheet["first_row"]) for sheet in group)
    return {**found, "first": " / ".join(firsts)}


def _span(rows: list[int]) -> str:
    return ", ".join(map(str, rows)) or "-"


def print_headings(rows: Iterable[Mapping[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each heading that was taught."""
    t = terminal.text
    table = Table(title=t("headings-title"))
    for key in ("number", "regency", "heading", "read-as", "by", "created"):
        table.add_column(t(key))
    for row in rows:
        table.add_row(
            str(row["heading_id"]), row["regency_code"] or t("every-office"), row["heading"],
            row["meaning"], row["person"] or "-", row["created_at"][:16],
        )  # fmt: skip
    if table.row_count:
        console_of_run().print(table)
    else:
        console_of_run().print(t("no-headings"))


def print_corrections(rows: Iterable[Mapping[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each correction: both numbers, who, why, and what became of it."""
    t = terminal.text
    table = Table(title=t("corrections-title"))
    for key in ("number", "village", "column", "imported", "corrected-to", "day", "by", "reason",
                "state"):  # fmt: skip
        is_number = key in {"number", "imported", "corrected-to"}
        table.add_column(t(key), justify="right" if is_number else "left")
    for row in rows:
        imported = "-" if row["imported"] is None else number(row["imported"], terminal.lang)
        table.add_row(
            str(row["correction_id"]), f"{row['village_name']} ({row['village_code']})",
            row["column"], imported, number(row["value"], terminal.lang), row["day"],
            row["person"], row["reason"],
            t(f"correction-{row['state']}", outdated_by=row["outdated_by"]),
        )  # fmt: skip
    if table.row_count:
        console_of_run().print(table)
    else:
        console_of_run().print(t("no-corrections"))
