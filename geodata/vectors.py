"""Open any geographic file without trusting it: an allow-list of formats, looked at before GDAL is.

GDAL lets every driver it has look at a file and takes the first that says yes, whatever the name
ends in; some of them then open other files or the network. So a file is judged here by its own
bytes, GDAL sees it only under a name made here, and the driver that took it must be the expected.
"""

import re
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import geopandas as gpd
import pyogrio
import pyogrio.errors
import shapely
import shapely.errors

from geodata import limits
from geodata.archives import unpack
from geodata.errors import (
    FileTooLarge,
    ForeignContent,
    MissingFile,
    MissingParts,
    TooManyFeatures,
    TooManyLayers,
    TooManyVertices,
    UnreadableSource,
    UnsafeName,
    UnsupportedFormat,
)
from geodata.geojson import read_geojson
from geodata.vector_checks import check_content

ACCEPTED = "GeoPackage, GeoJSON, Shapefile, KML, KMZ, FlatGeobuf, File Geodatabase, ZIP"
_NAMES = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "Shapefile",
    ".kml": "KML",
    ".fgb": "FlatGeobuf",
    ".gdb": "File Geodatabase",
}
_ARCHIVES = (".zip", ".kmz")
SUFFIXES = (*_NAMES, *_ARCHIVES)
"""How the names of files end that can be opened."""
_DRIVERS = {
    ".gpkg": ("GPKG",),
    ".shp": ("ESRI Shapefile",),
    ".kml": ("LIBKML", "KML"),
    ".fgb": ("FlatGeobuf",),
    ".gdb": ("OpenFileGDB",),
}
_SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHAPE_NEEDS = (".shx", ".dbf")
_GDB_FILE = re.compile(r"[\w$.-]+\.(gdbtable|gdbtablx|gdbindexes|atx|spx|freelist|horizon)")
_GDB_CATALOGUE = "a00000001.gdbtable"
_UNREADABLE = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    shapely.errors.ShapelyError,
    UnicodeDecodeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of an opened file.

    Parameters
    ----------
    place
        The layer for a message: the file, and the layer where that is called otherwise.
    geometry
        What the file declares it to be: ``Polygon``, ``MultiPolygon Z``, ``Unknown``, ``None``.
    """

    name: str
    place: str
    columns: tuple[str, ...]
    geometry: str
    load: Callable[[int], gpd.GeoDataFrame] = field(repr=False)
    max_features: int = field(repr=False)

    def read(self) -> gpd.GeoDataFrame:
        """Read all features, heights and measures dropped; without any column of shapes, a frame.

        Raises
        ------
        TooManyFeatures, TooManyVertices
            When a limit is passed.
        UnreadableSource
            When the file is damaged further in than its head.
        """
        frame = self.load(self.max_features + 1)
        if len(frame) > self.max_features:
            raise TooManyFeatures(place=self.place, limit=self.max_features)
        if not isinstance(frame, gpd.GeoDataFrame):
            return frame
        shapes = frame.geometry.to_numpy()
        n_vertices = shapely.get_num_coordinates(shapes)
        if len(shapes) and n_vertices.max() > limits.MAX_VERTICES:
            raise TooManyVertices(
                place=self.place,
                row=int(n_vertices.argmax()) + 1,
                value=int(n_vertices.max()),
                limit=limits.MAX_VERTICES,
            )
        return frame.set_geometry(gpd.GeoSeries(shapely.force_2d(shapes), frame.index, frame.crs))

    def peek(self, n_features: int) -> gpd.GeoDataFrame:
        """Read the first features only."""
        return self.load(n_features)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dataset:
    """What is opened as one: a file, a Shapefile's parts, the folder of a geodatabase."""

    kind: str
    name: str
    files: Mapping[str, Path]


@contextmanager
def open_vectors(path: Path, *, max_features: int) -> Iterator[tuple[Layer, ...]]:
    """Open a file, a zip archive of files or the folder of a File Geodatabase.

    Layers can be read as long as the context lasts.

    Parameters
    ----------
    max_features
        Of one layer, inclusive.

    Raises
    ------
    MissingFile, UnsupportedFormat, MissingParts, FileTooLarge, UnreadableSource
        When there is nothing to open.
    ForeignContent
        When it has other content than its name says, or parts that would make a reader open or run
        something else.
    GeodataError
        Whatever ``archives.unpack`` refuses.
    """
    kind = path.suffix.lower()
    with tempfile.TemporaryDirectory(prefix="jemput-bola-") as folder:
        files = _files(path, kind, Path(folder))
        datasets = _datasets(files, path)
        if not datasets:
            raise UnsupportedFormat(place=path.name, value=kind, accepted=ACCEPTED)
        layers: list[Layer] = []
        for number, dataset in enumerate(datasets):
            source = _stage(dataset, Path(folder) / f"source-{number}")
            layers += _layers(dataset, source, max_features)
        if len(layers) > limits.MAX_LAYERS:
            raise TooManyLayers(place=path.name, value=len(layers), limit=limits.MAX_LAYERS)
        times = Counter(layer.name for layer in layers)
        yield tuple(
            replace(layer, name=layer.place) if times[layer.name] > 1 else layer for layer in layers
        )


def _files(path: Path, kind: str, folder: Path) -> dict[PurePosixPath, Path]:
    """Find all files that belong to a path, by the names they have there."""
    if not path.exists():
        raise MissingFile(place=str(path))
    if kind not in SUFFIXES or path.is_dir() != (kind == ".gdb"):
        raise UnsupportedFormat(place=path.name, value=kind or path.name, accepted=ACCEPTED)
    files = [path]
    if kind == ".shp":
        stem = path.stem.casefold()
        files = [file for file in path.parent.iterdir() if file.stem.casefold() == stem]
        files = sorted(file for file in files if file.suffix.lower() in _SHAPE_PARTS)
    elif kind == ".gdb":
        files = sorted(path.iterdir())
        for file in files:
            if file.is_symlink() or not file.is_file():
                raise UnsafeName(place=path.name, value=file.name)
    n_bytes = sum(file.stat().st_size for file in files)
    if n_bytes > limits.MAX_FILE_BYTES:
        raise FileTooLarge(place=path.name, value=n_bytes, limit=limits.MAX_FILE_BYTES)
    if kind in _ARCHIVES:
        return unpack(path, folder, is_wanted=_is_wanted)
    inside = PurePosixPath(path.name) if kind == ".gdb" else PurePosixPath()
    return {inside / file.name: file.resolve() for file in files}


def _is_wanted(name: PurePosixPath) -> bool:
    """Tell what to take out of an archive; not the copies that one maker of archives adds."""
    if name.parts[0] == "__MACOSX" or name.name.startswith("._"):
        return False
    is_part = name.suffix.lower() in (*_NAMES, *_SHAPE_PARTS)
    return is_part or bool(_GDB_FILE.fullmatch(name.name))


def _datasets(files: Mapping[PurePosixPath, Path], path: Path) -> list[_Dataset]:
    found = []
    for name in files:
        kind = name.suffix.lower()
        parts = {f"source{kind}": files[name]}
        label = PurePosixPath(path.name) / name if path.suffix.lower() in _ARCHIVES else name
        if name.name == _GDB_CATALOGUE:
            kind, label = ".gdb", label.parent
            parts = {
                other.name: file
                for other, file in files.items()
                if other.parent == name.parent and _GDB_FILE.fullmatch(other.name)
            }
        elif kind == ".shp":
            parts = _shape_parts(name, files, str(label))
        elif kind not in _NAMES:
            continue
        found.append(_Dataset(kind=kind, name=str(label), files=parts))
    # In an archive a .json may be anything; alone in one it is meant.
    return [one for one in found if one.kind != ".json"] or found


def _shape_parts(
    name: PurePosixPath, files: Mapping[PurePosixPath, Path], label: str
) -> dict[str, Path]:
    stem = str(name.with_suffix("")).casefold()
    parts = {
        f"source{other.suffix.lower()}": file
        for other, file in files.items()
        if str(other.with_suffix("")).casefold() == stem and other.suffix.lower() in _SHAPE_PARTS
    }
    missing = [suffix for suffix in _SHAPE_NEEDS if f"source{suffix}" not in parts]
    if missing:
        raise MissingParts(place=label, found=", ".join(missing))
    return parts


def _stage(dataset: _Dataset, folder: Path) -> Path:
    """Give the dataset under names made here: a name of the outside may be an address to GDAL."""
    target = folder / "source.gdb" if dataset.kind == ".gdb" else folder
    target.mkdir(parents=True)
    for name, file in dataset.files.items():
        try:
            (target / name).symlink_to(file)
        except OSError:  # a system where links are a privilege
            shutil.copyfile(file, target / name)
    return target if dataset.kind == ".gdb" else folder / f"source{dataset.kind}"


def _layers(dataset: _Dataset, source: Path, max_features: int) -> Iterator[Layer]:
    check_content(source, dataset.kind, place=dataset.name, expected=_NAMES[dataset.kind])
    if _NAMES[dataset.kind] == "GeoJSON":
        yield _geojson_layer(dataset, source, max_features)
        return
    with _told(dataset, source):
        listed = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(source)]
    if len(listed) > limits.MAX_LAYERS:
        raise TooManyLayers(place=dataset.name, value=len(listed), limit=limits.MAX_LAYERS)
    for name, _ in listed:
        with _told(dataset, source):
            info = pyogrio.read_info(source, layer=name)
        if info["driver"] not in _DRIVERS[dataset.kind]:
            raise ForeignContent(
                place=dataset.name, value=info["driver"], expected=_NAMES[dataset.kind]
            )
        shown = PurePosixPath(dataset.name).stem if dataset.kind == ".shp" else name
        is_file = shown == PurePosixPath(dataset.name).stem
        place = dataset.name if is_file else f"{dataset.name}!{shown}"
        if info["features"] > max_features:
            raise TooManyFeatures(place=place, limit=max_features)
        yield Layer(
            name=shown,
            place=place,
            columns=tuple(str(column) for column in info["fields"]),
            geometry=str(info["geometry_type"]),
            load=_loader(dataset, source, name),
            max_features=max_features,
        )


def _loader(dataset: _Dataset, source: Path, layer: str) -> Callable[[int], gpd.GeoDataFrame]:
    def load(n_features: int) -> gpd.GeoDataFrame:
        with _told(dataset, source):
            return pyogrio.read_dataframe(
                source, layer=layer, max_features=n_features, force_2d=True, on_invalid="fix"
            )

    return load


def _geojson_layer(dataset: _Dataset, source: Path, max_features: int) -> Layer:
    name, frame = read_geojson(source.read_bytes(), dataset.name)
    return Layer(
        name=name or PurePosixPath(dataset.name).stem,
        place=dataset.name,
        columns=tuple(str(column) for column in frame.columns.drop("geometry")),
        geometry="Unknown",
        load=lambda n_features: frame.head(n_features),
        max_features=max_features,
    )


@contextmanager
def _told(dataset: _Dataset, source: Path) -> Iterator[None]:
    """Turn what GDAL complains of into an error that names the file."""
    try:
        with warnings.catch_warnings():
            # Measures that are dropped, dates out of range: nothing that is used.
            warnings.simplefilter("ignore")
            yield
    except _UNREADABLE as error:
        reason = str(error).replace(str(source), dataset.name)
        raise UnreadableSource(
            place=dataset.name, expected=_NAMES[dataset.kind], reason=reason
        ) from error
