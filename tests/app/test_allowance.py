"""What makes the machine work may not be asked for without end."""

import ast
from collections.abc import Iterator
from pathlib import Path

from app.api.allowance import RATES

ROOT = Path(__file__).resolve().parents[2]
DEFER = ("app.jobs.defer", "defer")
DEFERRING = {
    "create_plan", "solve_plan_again", "repair_plan", "replan_plan", "reproduce_plan",
    "create_scenario", "tell_readiness", "create_campaign", "resume_campaign", "create_import",
}  # fmt: skip
"""Found by reading; the test finds at least these."""

Name = tuple[str, str]


def _module(path: Path) -> tuple[str, ast.Module]:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return name, ast.parse(path.read_text(encoding="utf-8"))


def _known(module: str, tree: ast.Module) -> dict[str, Name]:
    """Tell what each name of a module stands for: a function of its own, or one it imports."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known |= {a.asname or a.name: (node.module, a.name) for a in node.names}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            known[node.name] = (module, node.name)
    return known


def _named(node: ast.AST, known: dict[str, Name]) -> Iterator[Name]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in known:
            yield known[inner.id]
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            module, name = known.get(inner.value.id, ("", ""))
            yield f"{module}.{name}", inner.attr


def _operation(node: ast.FunctionDef) -> str | None:
    calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
    found = [k.value for call in calls for k in call.keywords if k.arg == "operation_id"]
    return str(ast.literal_eval(found[0])) if found else None


def _operations_that_defer() -> set[str]:
    """Follow who calls whom, by the text of the modules, from each operation to ``defer``."""
    calls: dict[Name, set[Name]] = {}
    operations: dict[str, Name] = {}
    for module, tree in map(_module, sorted((ROOT / "app").rglob("*.py"))):
        known = _known(module, tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                calls[module, node.name] = set(_named(node, known)) - {(module, node.name)}
                operation = _operation(node)
                if operation:
                    operations[operation] = (module, node.name)
    reaching, before = {DEFER}, 0
    while len(reaching) > before:
        before = len(reaching)
        reaching |= {name for name, named in calls.items() if named & reaching}
    return {operation for operation, name in operations.items() if name in reaching}


def test_every_operation_that_defers_a_job_is_limited():
    found = _operations_that_defer()
    assert found >= DEFERRING
    assert found <= RATES.keys()


def test_hands_are_fast_but_not_without_end():
    """Four changes by hand in a second, for a minute; what works longer comes less often."""
    assert {"edit_plan", "undo_edit", "suggest_dates", "export_progress"} <= RATES.keys()
    assert RATES["edit_plan"].most / RATES["edit_plan"].seconds == 4
