"""Every public name of routing says what it gives; shapes of arrays and refusals with it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROUTING = Path(__file__).resolve().parents[2] / "routing"
Documented = ast.FunctionDef | ast.ClassDef


@cache
def modules() -> dict[str, ast.Module]:
    files = sorted(ROUTING.rglob("*.py"))
    return {
        path.relative_to(ROUTING).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in files
    }


def public(node: ast.AST, prefix: str) -> Iterator[tuple[str, Documented]]:
    """Every public function, class and method below a node, with its dotted name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            name = f"{prefix} {child.name}"
            yield name, child
            if isinstance(child, ast.ClassDef):
                yield from public(child, name)


def names() -> list[tuple[str, Documented]]:
    return [found for name, module in modules().items() for found in public(module, name)]


def functions() -> list[tuple[str, ast.FunctionDef, str]]:
    return [
        (name, node, ast.get_docstring(node) or "")
        for name, node in names()
        if isinstance(node, ast.FunctionDef)
    ]


def test_every_public_name_has_a_docstring() -> None:
    assert len(modules()) > 60
    assert [name for name, module in modules().items() if not ast.get_docstring(module)] == []
    assert [name for name, node in names() if not ast.get_docstring(node)] == []


def test_what_is_refused_is_told() -> None:
    assert [
        name for name, node, text in functions() if _refuses(node) and "Raises\n------" not in text
    ] == []


def test_the_shape_of_arrays_is_told() -> None:
    """By the word, or as (rows, columns)."""
    assert [
        name
        for name, node, text in functions()
        if _has_array(node) and "shape" not in text and "(" not in text
    ] == []


def _refuses(node: ast.FunctionDef) -> bool:
    raised = (x.exc for x in ast.walk(node) if isinstance(x, ast.Raise))
    # An AssertionError is a mistake of our own, nothing that a caller might do.
    return any(
        isinstance(error, ast.Call) and ast.unparse(error.func) != "AssertionError"
        for error in raised
    )


def _has_array(node: ast.FunctionDef) -> bool:
    hints = [x.annotation for x in (*node.args.args, *node.args.kwonlyargs)] + [node.returns]
    return any("Array" in ast.unparse(hint) for hint in hints if hint is not None)
