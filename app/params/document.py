"""The table of parameters as a document: ``python -m app.params.document > docs/parameters.md``."""

import sys
from itertools import groupby
from typing import Any

from app.params.definition import Definition, Kind
from app.params.stored import DEFINITIONS, default_params

_HEAD = """# Parameters

Every number that a plan rests on and that no import gives, with its default. An office changes one
by `jemput-bola params set NAME VALUE --reason WHY` or `PUT /api/v1/params`, and puts it back by
`jemput-bola params reset NAME --reason WHY`; who, when and why are kept. A plan keeps all the
values it was made with, and names those that differ from the default. `jemput-bola params` shows
those that hold.

Limits are included. *domain* and *planning model* are the project's own dossiers; "judgement" and
"assumed" mark a figure without a published source. Of a list of words the office gives all; of a
table only the words it changes. This page is written by `python -m app.params.document`; a test
holds it.
"""
_GROUPS = {
    "worth": "Worth",
    "office": "Days and hours",
    "cost": "Money",
    "plan": "Plans",
    "travel": "Travel",
    "signal": "Signal",
    "results": "Results",
}


def parameters_page() -> str:
    """Write ``docs/parameters.md``."""
    default = default_params().to_dict()
    parts = [_HEAD]
    for group, rows in groupby(DEFINITIONS.values(), key=lambda row: row.group):
        parts += [
            f"\n## {_GROUPS[group]}\n\n",
            "| name | default | unit | accepted | meaning | source |\n|---|---|---|---|---|---|\n",
            *(_line(row, default) for row in rows),
        ]
    return "".join(parts)


def _line(row: Definition, default: dict[str, Any]) -> str:
    value: Any = default
    for part in row.name.split("."):
        value = value[part]
    cells = [f"`{row.name}`", _value(row, value), row.unit, row.accepted, row.meaning["en"]]
    return f"| {' | '.join([*cells, row.source])} |\n".replace("true | false", "true, false")


def _value(row: Definition, value: Any) -> str:  # noqa: ANN401 (any JSON value)
    if row.kind is Kind.TABLE:
        by_class: dict[str, list[str]] = {}
        for word, leads_to in value.items():
            by_class.setdefault(leads_to, []).append(word)
        return "; ".join(f"{name}: {', '.join(words)}" for name, words in by_class.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int) else f"{value}"


if __name__ == "__main__":
    sys.stdout.write(parameters_page())
