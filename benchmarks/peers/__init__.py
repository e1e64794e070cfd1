"""Other solvers on the same problem: what each is asked, and what it may answer.

Every module here has ``solve(problem, seconds, cores, seed) -> Answer``: the same matrices, prizes
and hours as ours, the same seconds on the same cores. What a peer answers is timed and judged by
``routing.timed`` and ``routing.check``, never taken at its word.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

from routing import Problem, Solution

PACKAGES = {"pyvrp": "pyvrp", "vroom": "pyvroom", "ortools": "ortools"}
"""Name of a peer, as in ``method`` of every CSV, and the package that it is installed as."""
REMEDY = "pip install --require-hashes -r requirements/bench.lock"


class PeerMissing(RuntimeError):
    """A peer is not installed; the message names the remedy."""


class NotModelled(ValueError):
    """A problem has a rule that the interface of a peer cannot express."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer found: a plan, the memory it took at most (MB), and its version.

    ``has_ended`` tells that it stopped by itself: more time would have brought nothing.
    """

    solution: Solution
    peak_mb: int
    version: str
    has_ended: bool = False


Solver = Callable[[Problem, float, int, int], Answer]


def peer(name: str) -> Solver:
    """Give the ``solve`` of a peer.

    Raises
    ------
    PeerMissing
        When its package is not installed.
    ValueError
        When there is no such peer.
    """
    if name not in PACKAGES:
        raise ValueError(f"peer {name!r}: known are {', '.join(PACKAGES)}")
    if find_spec(name) is None:
        raise PeerMissing(f"peer {name}: {PACKAGES[name]} is not installed; {REMEDY}")
    solver: Solver = import_module(f"benchmarks.peers.by_{name}").solve
    return solver


def peers(text: str) -> list[str]:
    """Read ``pyvrp,vroom,ortools``, an argument of every command that measures peers."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        try:
            peer(name)
        except (PeerMissing, ValueError) as error:
            raise argparse.ArgumentTypeError(str(error)) from error
    return names


def version_of(name: str) -> str:
    """Give the version of a peer's package."""
    return version(PACKAGES[name])
