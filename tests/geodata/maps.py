"""Two villages, in every format an office sends."""

import zipfile
from pathlib import Path

import geopandas as gpd
from shapely.geometry import box

from geodata.boundaries import read_villages

SQUARE = box(112.0, -2.0, 112.1, -1.9)
OTHER = box(112.5, -2.0, 112.6, -1.9)
DRIVERS = {".kml": "LIBKML", ".gdb": "OpenFileGDB"}


def rows(**others):
    return gpd.GeoDataFrame(
        {"kode_desa": ["62.02.01.1009", "62.02.01.1010"], "nama_desa": ["Hulu", "Hilir"], **others},
        geometry=[SQUARE, OTHER],
        crs="EPSG:4326",
    )


def write(path: Path, frame=None, **options) -> Path:
    frame = rows() if frame is None else frame
    frame.to_file(path, driver=DRIVERS.get(path.suffix), **options)
    return path


def zipped(path: Path, *sources: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sources:
            files = sorted(source.iterdir()) if source.is_dir() else [source]
            for file in files:
                name = f"{source.name}/{file.name}" if source.is_dir() else file.name
                archive.write(file, inside + name)
    return path


def shapefile(folder: Path, stem="desa", frame=None) -> list[Path]:
    write(folder / f"{stem}.shp", frame)
    return sorted(folder.glob(f"{stem}.*"))


def assert_read(path: Path) -> None:
    frame = read_villages(path).frame
    assert frame[["code", "name"]].to_numpy().tolist() == [
        ["62.02.01.1009", "Hulu"], ["62.02.01.1010", "Hilir"],
    ]  # fmt: skip
    # A geodatabase keeps coordinates on a grid of 1e-9 degrees.
    for shape, expected in zip(frame.geometry, (SQUARE, OTHER), strict=True):
        assert shape.symmetric_difference(expected).area < 1e-8
