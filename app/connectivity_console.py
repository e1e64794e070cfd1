"""What a terminal shows of signal and power."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from app.console import WARNS, console_of_run, number, percent
from app.texts import SAYS

if TYPE_CHECKING:
    from app.terminal import Terminal

COUNTS = Text("*", style="green")


def print_connectivity(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show what is known of signal and power, of a village or of many, and what disagrees."""
    t, console = terminal.text, console_of_run()
    is_village = "evidence" in document
    place = document["regency"] or t("all-regencies") if not is_village else _place_of(document)
    table = Table(title=t("connectivity-title", place=place), show_header=False)
    table.add_column()
    table.add_column()
    rows = _village_facts(document, terminal) if is_village else _class_counts(document, terminal)
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)
    if is_village and document["evidence"]:
        console.print(t("evidence"))
        for row in document["evidence"]:
            console.print(COUNTS if row["counts"] else "-", row["message"], highlight=False)
    if not document["contradictions"]:
        console.print(t("no-contradictions"))
        return
    console.print(t("contradictions", n=number(len(document["contradictions"]), terminal.lang)))
    for row in document["contradictions"]:
        console.print(WARNS, row["message"], highlight=False)


def _place_of(document: dict[str, Any]) -> str:
    return f"{document['name']} ({document['district']}), {document['code']}"


def _village_facts(document: dict[str, Any], terminal: "Terminal") -> Iterator[tuple[str, str]]:
    t, lang = terminal.text, terminal.lang
    yield t("signal"), SAYS[lang][document["signal"]]
    if document["signal"] != "unknown":
        yield t("as-of"), str(document["as_of"] or SAYS[lang]["undated"])
        yield t("source"), document["source"]
    yield t("power"), SAYS[lang][document["power"]]
    yield t("share-covered"), percent(document["share_covered"], lang)


def _class_counts(document: dict[str, Any], terminal: "Terminal") -> Iterator[tuple[str, str]]:
    for kind in ("signal", "power"):
        for name, n in document[kind].items():
            said = f"{terminal.text(kind)}: {SAYS[terminal.lang][name]}"
            yield said, terminal.text("n-villages", n=number(n, terminal.lang))
