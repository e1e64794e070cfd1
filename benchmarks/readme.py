"""Put the tutorial's real output, and its timing, into README between their markers.

``python -m benchmarks.readme PACK [--runs 3]``, PACK the folder ``pilot/kotim``.
"""

import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

from benchmarks import tutorial

README = Path(__file__).resolve().parent.parent / "README.md"
COMMANDS = (
    *(("import", kind, file) for kind, file in tutorial.IMPORTS),
    ("plan", "--regency", "62.02", "--week", "2026-W49", "--seconds", "10"),
    ("export", "1", "--format", "geojson", "--output", "minggu-49.geojson"),
)


def output(pack: Path) -> str:
    """Run the tutorial in an empty folder and give what its commands print."""
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "JEMPUTBOLA_DATA_DIR": f"{folder}/data"}
        for words in COMMANDS:
            shown = " ".join(f"$PACK/{w}" if (pack / w).is_file() else w for w in words)
            real = [str(pack / w) if (pack / w).is_file() else w for w in words]
            done = subprocess.run(  # noqa: S603 (our own command)
                [sys.executable, "-m", "app.cli", "--lang", "en", *real],
                env={**env, "PYTHONPATH": str(README.parent)}, cwd=folder,
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            lines = [line.rstrip() for line in done.stdout.splitlines()]
            parts.append("\n".join([f"$ jemput-bola {shown}", *lines]))
    return "```\n" + "\n\n".join(parts) + "\n```"


def table(pack: Path, runs: int) -> str:
    """Measure the tutorial and give its table."""
    text = io.StringIO()
    words = ["tutorial", str(pack), "--runs", str(runs)]
    with mock.patch.object(sys, "argv", words), contextlib.redirect_stdout(text):
        tutorial.main()
    return text.getvalue().strip()


def put(text: str, name: str, new: str) -> str:
    """Replace what stands between a pair of markers."""
    begin = f"<!-- {name}: python -m benchmarks.readme writes it -->\n"
    end = f"<!-- end of {name} -->"
    head, rest = text.split(begin)
    return head + begin + new + "\n" + end + rest.split(end)[1]


def main() -> None:
    """Write both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    text = README.read_text(encoding="utf-8")
    text = put(text, "tutorial output", output(arguments.pack.resolve()))
    text = put(text, "timing table", table(arguments.pack.resolve(), arguments.runs))
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
