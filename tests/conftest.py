"""What every test may use."""

import os
from pathlib import Path

import pytest

EVERYWHERE = "--on-both"
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests marked `search` run on PostgreSQL too."""
    parser.addoption(EVERYWHERE, action="store_true", help="run the tests of the search on both")


@pytest.hookimpl(tryfirst=True)  # before the one that reads these groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker do the tests that share what a module makes once, else each would make it.

    A database on another server is another one. The longest single step comes first, so that no
    worker ends with it alone.
    """
    items.sort(key=lambda item: item.path.name != "test_setup_files.py")
    for item in items:
        if isinstance(item, pytest.Function) and _shares(item):
            kind = item.callspec.params.get("databases", "") if hasattr(item, "callspec") else ""
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{kind}"))


def _shares(item: pytest.Function) -> bool:
    """Tell whether a test uses a fixture that its module makes once."""
    known = item._fixtureinfo.name2fixturedefs.values()
    return any(found[-1].scope == "module" for found in known)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Where the pilot areas lie, read in place; missing, it fails in CI and skips elsewhere."""
    if not SHARED_DATA.is_dir():
        message = f"pilot data not found: expected the folder ../shared/data ({SHARED_DATA.name})"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return SHARED_DATA


@pytest.fixture(scope="session")
def kotim(shared_data: Path) -> Path:
    """Kotawaringin Timur, 185 villages."""
    return shared_data / "pilot" / "kotim"
