"""What every test may use."""

import os
from pathlib import Path

import pytest

EVERYWHERE = "--on-both"
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests marked `search` run on PostgreSQL too."""
    parser.addoption(EVERYWHERE, action="store_true", help="run the tests of the search on both")


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
