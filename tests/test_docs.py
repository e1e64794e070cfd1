"""Documents say what the program does."""

import re
from pathlib import Path

from app.ingest import KINDS
from benchmarks.tutorial import IMPORTS
from geodata.findings import FINDING_TEXTS
from tests.app.office import KOTIM_IMPORTS

ROOT = Path(__file__).resolve().parents[1]


def test_every_finding_is_explained():
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", text, flags=re.MULTILINE)
    told = {code: meaning for code, meaning in rows if code not in KINDS}
    assert told == {
        code: re.sub(r"[{}]", "*", sentence) for code, sentence in FINDING_TEXTS.items()
    }


def test_every_kind_of_import_has_an_example():
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"\n| `{kind}` |" not in text] == []


def test_the_tutorial_of_the_readme_is_the_one_that_is_tested_and_timed():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^jemput-bola import (\w+) +\$PACK/(\S+)$", text, flags=re.MULTILINE)
    assert told == list(KOTIM_IMPORTS) == list(IMPORTS)


def test_the_architecture_names_every_module():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    modules = [
        path.relative_to(ROOT)
        for package, files in (("routing", "**/*.py"), ("geodata", "*.py"), ("app", "*.py"))
        for path in (ROOT / package).glob(files)
        if path.name != "__init__.py"
    ]
    assert [
        str(m) for m in modules if f"{m.name}`" not in text and f"`{m.parent}/`" not in text
    ] == []
