"""Compile loops to machine code once, and keep it on disk until any of them changes.

The compiler keeps a function until its own file changes. Code of another file that it took in would
stay as it was, so what is kept is thrown away when any file of compiled loops, or of the arrays and
numbers that they take in, is another than when it was kept.
"""

import contextlib
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = Path(__file__).parent
SOURCES = ("*kernels.py", "*layout.py", "detours.py", "jit.py")


def compiled(function: F) -> F:
    """Compile on first call and keep the result on disk; runs without the interpreter's lock."""
    return cast("F", numba.njit(nogil=True, cache=True)(function))


def inner(function: F) -> F:
    """Compile like ``compiled`` what only compiled loops call.

    The way in from Python, which takes arguments apart, is most of what there is to compile.
    """
    options: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("F", numba.njit(nogil=True, cache=True, **options)(function))


def discard_outdated(folder: Path = FOLDER) -> bool:
    """Throw away what was compiled from other sources; tell whether anything was outdated.

    Where the folder cannot be written nothing is done: an installed program does not change.
    """
    digest = _digest(file for pattern in SOURCES for file in folder.rglob(pattern))
    kept = folder / "__pycache__"
    stamp = kept / "compiled.sha256"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return False
    with contextlib.suppress(OSError):
        for file in (*folder.rglob("*.nbi"), *folder.rglob("*.nbc")):
            file.unlink(missing_ok=True)
        kept.mkdir(exist_ok=True)
        stamp.write_text(digest, encoding="ascii")
    return True


def _digest(files: Iterable[Path]) -> str:
    whole = sha256()
    for file in sorted(files):
        whole.update(f"{file.name} {sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


discard_outdated()
