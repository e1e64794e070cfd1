"""A list of places, or a map of them, as rows alike: a map's points become ``lon`` and ``lat``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from geodata.crs import to_storage
from geodata.errors import EmptyFile, MissingColumn, MissingLayer
from geodata.findings import Finding
from geodata.limits import MAX_VILLAGES
from geodata.privacy import refuse_residents
from geodata.tables import Record, find_column, read_records
from geodata.vectors import Layer, open_vectors

MAP_KINDS = frozenset(
    (".gpkg", ".geojson", ".json", ".shp", ".zip", ".kml", ".kmz", ".fgb", ".gdb")
)
_POINT_SHAPES = frozenset(("Point", "MultiPoint", "Unknown"))


def read_places(
    path: Path, *, columns: Mapping[str, tuple[str, ...]], required: Sequence[str], layer: str
) -> tuple[Sequence[Record], list[Finding]]:
    """Read the rows of a list of places, or the points of a map.

    Parameters
    ----------
    columns, required
        As ``tables.read_records`` takes them; ``lon`` and ``lat`` of a map are those of its points.
    layer
        The layer of a map to take when it has several of points.

    Returns
    -------
    tuple
        The rows, and what was seen in reading a map; a point without a place has none in ``lon``
        and ``lat``.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, a missing column or layer, no row.
    """
    if path.suffix.lower() not in MAP_KINDS:
        return read_records(path, columns=columns, required=required).rows, []
    with open_vectors(path, max_features=MAX_VILLAGES) as layers:
        chosen = _choose_layer(layers, path.name, layer)
        frame = chosen.read()
    if frame.empty:
        raise EmptyFile(place=chosen.place)
    frame, findings = to_storage(frame, chosen.place)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    headings = [str(heading) for heading in attributes.columns]
    refuse_residents([headings, *attributes.itertuples(index=False)], chosen.place)
    names = {column: (column, *aliases) for column, aliases in columns.items()}
    at = find_column(headings, names, chosen.place)
    for column in required:
        if column not in (*at, "lon", "lat"):
            raise MissingColumn(
                place=chosen.place, column=column, found=", ".join(headings[:30]) or "-",
                accepted=", ".join(names[column]),
            )  # fmt: skip
    return [
        Record(number, {**_cells(attributes, position, at), **_position(shape)})
        for number, (position, shape) in enumerate(enumerate(frame.geometry), start=1)
    ], findings


def _choose_layer(layers: tuple[Layer, ...], place: str, name: str) -> Layer:
    """Take the layer of points; the one called ``name`` when there are several."""
    points = [layer for layer in layers if layer.geometry.split(" ")[0] in _POINT_SHAPES]
    named = [layer for layer in points if layer.name == name]
    if len(points) != 1 and len(named) != 1:
        found = ", ".join(layer.name for layer in layers) or "-"
        raise MissingLayer(place=place, layer=name, found=found)
    return (named or points)[0]


def _cells(attributes: pd.DataFrame, position: int, at: Mapping[str, int]) -> dict[str, Any]:
    cells: dict[str, Any] = {name: attributes.iloc[position, place] for name, place in at.items()}
    # The readers of cells know Python's numbers, not numpy's.
    return {
        name: None if pd.isna(cell) else getattr(cell, "item", lambda cell=cell: cell)()
        for name, cell in cells.items()
    }


def _position(shape: Any) -> dict[str, float | None]:  # noqa: ANN401 (shapely has no types)
    """Give the one place of a shape; anything that is not one place has none."""
    if isinstance(shape, shapely.MultiPoint) and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    if not isinstance(shape, shapely.Point) or shape.is_empty:
        return {"lon": None, "lat": None}
    return {"lon": shape.x, "lat": shape.y}
