"""What every test may use."""

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

EVERYWHERE = "--on-both"
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests marked `search` run on PostgreSQL too."""
    parser.addoption(EVERYWHERE, action="store_true", help="run the tests of the search on both")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest single step come first, so that no worker ends with it alone."""
    items.sort(key=lambda item: item.path.name != "test_setup_files.py")


class ByModule(LoadScopeScheduling):
    """Give a module on a database to one worker: what it makes once, each worker would make."""

    def _split_scope(self, nodeid: str) -> str:
        module, _, name = nodeid.partition("::")
        kinds = [kind for kind in ("sqlite", "postgresql") if f"[{kind}" in name]
        return "-".join([module, *kinds])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    """Share tests out among workers in the order of the collection."""
    config.option.loadscopereorder = False
    return ByModule(config, log)


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
