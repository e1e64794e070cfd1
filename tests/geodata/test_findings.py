"""Findings: texts for every code in use, summaries, tallies."""

import ast
import pickle
import string
from pathlib import Path

import pytest

from geodata.findings import FINDING_TEXTS, Finding, summarise, tally

PACKAGE = Path(__file__).parents[2] / "geodata"


def codes_in_use():
    """Read every ``Finding(code="...")`` of the package from its source."""
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                for keyword in node.keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield keyword.value.value


def test_every_code_in_use_has_a_text():
    used = set(codes_in_use())
    assert len(used) > 10
    assert used - set(FINDING_TEXTS) == set()


@pytest.mark.parametrize("code", sorted(FINDING_TEXTS))
def test_texts_name_their_facts(code):
    names = {name for _, name, _, _ in string.Formatter().parse(FINDING_TEXTS[code]) if name}
    own = {"row": 7, "village_code": "62.02.01.1009", "column": "kits", "value": "abc"}
    params = {name: f"<{name}>" for name in names - set(own)}
    message = Finding(code=code, severity="info", params=params, **own).message
    assert all(str({**own, **params}[name]) in message for name in names)


def test_summary_groups_by_code_and_sorts_rows_as_numbers():
    found = [
        Finding(code="b-code", severity="refused", row="Berau!10"),
        Finding(code="b-code", severity="refused", row="Berau!9"),
        Finding(code="a-code", severity="info"),
        Finding(code="c-code", severity="info", row=10),
        Finding(code="c-code", severity="info", row=9),
        Finding(code="c-code", severity="info", row=9),
    ]
    assert summarise(found) == [
        {"code": "a-code", "count": 1, "rows": []},
        {"code": "b-code", "count": 2, "rows": ["Berau!9", "Berau!10"]},
        {"code": "c-code", "count": 3, "rows": [9, 10]},
    ]


def test_a_row_counts_once_and_refused_before_corrected():
    found = [
        Finding(code="x", severity="corrected", row=1),
        Finding(code="y", severity="corrected", row=1),
        Finding(code="x", severity="corrected", row=2),
        Finding(code="z", severity="refused", row=2),
        Finding(code="z", severity="refused", row=2),
        Finding(code="w", severity="warning", row=3),
    ]
    assert tally(found, 5) == (5, 1, 1)


def test_findings_survive_a_process_boundary():
    finding = Finding(code="value-missing", severity="refused", row=3, column="kits")
    assert pickle.loads(pickle.dumps(finding)) == finding  # noqa: S301
    assert finding.message == "Row 3: kits is empty."
