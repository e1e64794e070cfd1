"""A raster of signal made small enough to keep: its classes alone, as a compressed GeoTIFF.

What a plan is made with are classes, so they are what has to be kept; a coverage map of a province
shrinks to a hundredth of its levels in dBm.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import rasterio
from rasterio.io import MemoryFile

from geodata.coverage_layers import RASTER_DRIVER, SignalRaster
from geodata.errors import FileTooLarge
from geodata.schema import SIGNALS

MAX_PACKED_BYTES = 100_000_000
_NOTHING = 255
_CLASSES = dict(enumerate(SIGNALS))
_TILE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRaster:
    """The bytes of a GeoTIFF, and the number of cells of each class."""

    cells: bytes = field(repr=False)
    totals: dict[str, int]


def pack_raster(raster: SignalRaster) -> PackedRaster:
    """Write the class of each cell as a GeoTIFF: places in ``schema.SIGNALS``, 255 for no value.

    Raises
    ------
    FileTooLarge
        When that has more than ``MAX_PACKED_BYTES``.
    """
    with rasterio.open(raster.path, driver=RASTER_DRIVER) as source, MemoryFile() as memory:
        counted = np.zeros(len(SIGNALS), dtype=np.int64)
        with memory.open(
            driver=RASTER_DRIVER, dtype="uint8", count=1, nodata=_NOTHING, crs=source.crs,
            transform=source.transform, width=source.width, height=source.height,
            tiled=True, blockxsize=_TILE, blockysize=_TILE, compress="deflate",
        ) as target:  # fmt: skip
            for _, window in target.block_windows(1):
                strengths = raster.strengths(source.read(1, window=window, masked=True))
                counted += np.bincount(strengths[strengths >= 0], minlength=len(SIGNALS))
                # -1, for no value, is 255 as an unsigned byte.
                target.write(strengths.astype("uint8"), 1, window=window)
        cells = bytes(memory.getbuffer())
    if len(cells) > MAX_PACKED_BYTES:
        raise FileTooLarge(place=raster.id, value=len(cells), limit=MAX_PACKED_BYTES)
    return PackedRaster(cells=cells, totals=dict(zip(SIGNALS, counted.tolist(), strict=True)))


@contextmanager
def unpacked(cells: bytes, raster: SignalRaster) -> Iterator[SignalRaster]:
    """Give a packed raster as one to read, as long as the context lasts.

    Parameters
    ----------
    cells
        Of a ``PackedRaster``.
    raster
        What is known of it; its ``path`` and ``classes`` are replaced.
    """
    with tempfile.TemporaryDirectory(prefix="jemput-bola-") as folder:
        path = Path(folder) / "classes.tif"
        path.write_bytes(cells)
        yield replace(raster, path=path, classes=_CLASSES)
