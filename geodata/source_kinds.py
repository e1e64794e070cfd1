"""What a file about connectivity is: a list, a map of areas, or a raster."""

from pathlib import Path
from typing import Literal

from geodata.errors import MissingFile, UnsupportedFormat
from geodata.tables import ACCEPTED_KINDS, TEXT_KINDS, WORKBOOK_KINDS

ConnectivityKind = Literal["list", "areas", "raster"]
# Other rasters, such as VRT, may name files and addresses that GDAL would open.
RASTER_KINDS = (".tif", ".tiff")
# Little and big endian, 32 and 64 bit.
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def connectivity_kind(path: Path) -> ConnectivityKind:
    """Tell what a file is by its first bytes, and where they do not say it, by its name.

    Raises
    ------
    MissingFile, UnsupportedFormat
        When there is no such file, or no reader for it.
    """
    if not path.exists():
        raise MissingFile(place=str(path))
    kind = path.suffix.lower()
    if kind in RASTER_KINDS or _starts_as_tiff(path):
        return "raster"
    if kind in (*TEXT_KINDS, *WORKBOOK_KINDS):
        return "list"
    # Imported here: a list is read without the libraries of maps.
    from geodata.vectors import ACCEPTED, SUFFIXES

    if kind in SUFFIXES:
        return "areas"
    accepted = f"{ACCEPTED_KINDS}, {ACCEPTED}, GeoTIFF"
    raise UnsupportedFormat(place=path.name, value=kind or path.name, accepted=accepted)


def _starts_as_tiff(path: Path) -> bool:
    if path.is_dir():
        return False
    with path.open("rb") as file:
        return file.read(4) in _TIFF_STARTS
