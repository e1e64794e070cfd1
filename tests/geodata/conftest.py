"""What several modules read, read once: frames are never changed by whom they are given to."""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from geodata.boundaries import VillagesImport, read_villages

VillagesOf = Callable[[str], VillagesImport]


@pytest.fixture(scope="session")
def villages_of(shared_data: Path) -> VillagesOf:
    """Read the villages of a pilot area, ``kotim``, ``kaltara`` or ``kaltim``, the first time."""

    @functools.cache
    def read(pack: str) -> VillagesImport:
        return read_villages(shared_data / "pilot" / pack / "batas_desa.gpkg")

    return read
