"""Polygons of an office or of a public source -> the villages frame.

Names of districts and regencies that the file does not have fall back to their codes. The point of
a village is inside its polygon, which is not where the people live; better points come from
elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.axes import settle_axes
from geodata.codes import KINDS, district_of, kind_of, regency_of
from geodata.crs import is_in_indonesia, to_storage
from geodata.errors import (
    AmbiguousLayer,
    EmptyFile,
    MissingColumn,
    MissingLayer,
    WrongCrs,
)
from geodata.findings import Finding, tally
from geodata.limits import MAX_VILLAGES
from geodata.map_codes import KnownCodes, some, with_codes
from geodata.numbers import NotNumber, read_decimal
from geodata.outlines import (
    AREAS,
    SLIVER_WIDTH_M,
    Pieces,
    area_parts,
    measure_gaps,
    measure_overlaps,
    repair,
)
from geodata.privacy import refuse_residents
from geodata.schema import STORAGE_CRS, check_villages
from geodata.tables import bare, text_of
from geodata.vectors import Layer, open_vectors

LAYER = "desa"
# In the order of preference: maps of the survey agency have several of them side by side.
COLUMNS = {
    "code": (
        "village_code", "kode_desa", "kdepum", "kode_kemendagri", "kode_desa_kelurahan", "kode_kel",
        "kode_wilayah", "kode_desa_", "kddesa", "kode", "code", "iddesa", "kode_bps", "bps_code",
    ),
    "name": (
        "desa", "nama_desa", "desa_kelurahan", "nama_kelurahan", "nama_kel", "nm_desa", "kelurahan",
        "kampung", "wadmkd", "namobj", "nama", "name", "village",
    ),
    "kind": ("kind", "jenis", "tipe"),
    "district": ("kecamatan", "nama_kecamatan", "nama_kec", "nm_kec", "wadmkc", "district"),
    "regency": (
        "kabupaten", "nama_kabupaten", "kabupaten_kota", "kab_kota", "nama_kab", "nm_kab", "wadmkk",
        "regency",
    ),
    "lon": ("lon", "lng", "long", "longitude", "bujur", "x"),
    "lat": ("lat", "latitude", "lintang", "y"),
}  # fmt: skip
_DBF_HEADING = 10  # characters that a Shapefile keeps of a heading
_SAMPLE = 50
_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class VillagesImport:
    """Villages of a file.

    Parameters
    ----------
    frame
        ``code, name, kind, district_code, district, regency_code, regency, lon, lat, geometry``,
        sorted by code; WGS 84; each geometry is a valid Polygon or MultiPolygon around (lon, lat),
        or None where only the point is known.
    """

    frame: gpd.GeoDataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_villages(path: Path, known: KnownCodes | None = None) -> VillagesImport:
    """Read the outlines of villages from any geographic file.

    Parameters
    ----------
    path
        A file or folder as ``vectors.open_vectors`` takes it; features of a server are fetched
        first (``oapif.py``).
    known
        With it the codes may also be BPS codes: where any of them stands in the crosswalk, names
        decide for the whole file whose codes they are (``resolve.py``). Default: the codes must be
        Kemendagri codes.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, no column of codes or names, codes that cannot be
        read for certain or stand twice, no usable reference system, several layers of villages, a
        limit passed.
    """
    with open_vectors(path, max_features=MAX_VILLAGES) as layers:
        layer = _choose_layer(layers, path.name)
        frame = layer.read()
    others = [other.name for other in layers if other is not layer]
    findings = []
    if others:
        facts = {"found": some(others)}
        findings.append(
            Finding(code="layer-chosen", severity="info", value=layer.name, params=facts)
        )
    texts = _attributes(frame, layer.place)
    frame, about_places = _in_degrees(frame, layer.place)
    texts = texts.loc[frame.index]
    texts, about_codes = with_codes(texts, path.name, known)
    texts, shapes, about_shapes = _settle(texts, frame.geometry.loc[texts.index])
    villages, outside = _in_indonesia(_villages(texts, shapes))
    findings += [*about_places, *about_codes, *about_shapes, *outside]
    if villages.empty:
        raise EmptyFile(place=path.name)
    findings += _neighbours(villages)
    villages = villages.drop(columns="row").sort_values("code", ignore_index=True)
    check_villages(villages)
    counted = tally(findings, len(villages))
    return VillagesImport(
        frame=villages,
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={"villages": len(villages)},
    )


def _choose_layer(layers: Sequence[Layer], place: str) -> Layer:
    """Take the layer that holds villages: areas, a column of names, one of ten-digit codes."""
    if len(layers) == 1:
        return layers[0]
    areas = [layer for layer in layers if _has_areas(layer)]
    found = [layer for layer in areas if _has_villages(layer)] or areas
    if len(found) > 1:
        named = [layer for layer in found if layer.name.lower() == LAYER]
        if len(named) != 1:
            names = some([layer.name for layer in found])
            raise AmbiguousLayer(place=place, found=names, layer=LAYER)
        return named[0]
    if not found:
        names = some([layer.name for layer in layers])
        raise MissingLayer(place=place, layer=LAYER, found=names or "-")
    return found[0]


def _has_areas(layer: Layer) -> bool:
    if "Polygon" in layer.geometry or "Surface" in layer.geometry:
        return True
    if layer.geometry not in ("Unknown", "GeometryCollection"):
        return False
    sample = layer.peek(_SAMPLE)
    return bool(sample.geometry.geom_type.isin((*AREAS, "GeometryCollection")).any())


def _has_villages(layer: Layer) -> bool:
    columns = _positions(layer.columns)
    if not {"code", "name"} <= set(columns):
        return False
    codes = layer.peek(_SAMPLE)[layer.columns[columns["code"][0]]].map(_text)
    n_long = sum(len(re.sub(r"[^0-9]", "", code)) == 10 for code in codes)
    return n_long * 2 > int((codes != "").sum())


def _positions(headings: Sequence[str]) -> dict[str, list[int]]:
    """Find every heading of each column, the preferred first; cut ones after whole ones."""
    places = {bare(heading): at for at, heading in reversed(list(enumerate(headings)))}
    found: dict[str, list[int]] = {}
    for column, aliases in COLUMNS.items():
        known = [*aliases, *(alias[:_DBF_HEADING] for alias in aliases)]
        present = dict.fromkeys(places[bare(one)] for one in known if bare(one) in places)
        if present:
            found[column] = list(present)
    return found


def _attributes(frame: pd.DataFrame, place: str) -> pd.DataFrame:
    """Give the known columns as text, and the number of each feature as ``row``."""
    if frame.empty:
        raise EmptyFile(place=place)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise MissingLayer(place=place, layer=LAYER, found="-")
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    headings = [str(heading) for heading in attributes.columns]
    refuse_residents([headings, *attributes.itertuples(index=False)], place)
    columns = _positions(headings)
    for column in ("code", "name"):
        if column not in columns:
            found = ", ".join(headings[:30]) or "-"
            accepted = ", ".join(COLUMNS[column])
            raise MissingColumn(place=place, column=column, found=found, accepted=accepted)
    texts = pd.DataFrame({"row": range(1, len(frame) + 1)}, index=frame.index)
    for column, places in columns.items():
        texts[column] = attributes.iloc[:, places[0]].map(_text)
        # Another code column is another code; another name of the same thing fills a blank.
        for at in places[1:] if column != "code" else ():
            filled = attributes.iloc[:, at].map(_text)
            texts[column] = texts[column].where(texts[column] != "", filled)
    return texts


def _text(value: Any) -> str:  # noqa: ANN401 (a cell of an attribute table)
    if isinstance(value, list | dict | np.ndarray):
        return ""
    return "" if pd.isna(value) else text_of(value)


def _in_degrees(frame: gpd.GeoDataFrame, place: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Give the rows that have usable coordinates, or none, in longitude and latitude."""
    frame, usable, findings = settle_axes(frame)
    frame = frame.loc[usable]
    if not (frame.geometry.notna() & ~frame.geometry.is_empty).any():
        return frame.set_crs(STORAGE_CRS, allow_override=True), findings
    if frame.crs is None:
        raise WrongCrs(place=place, value="-")
    frame, converted = to_storage(frame, place)
    return frame, [*findings, *converted]


def _settle(
    texts: pd.DataFrame, outlines: gpd.GeoSeries
) -> tuple[pd.DataFrame, gpd.GeoSeries, list[Finding]]:
    """Repair outlines and find the point of each village; rows without either are set aside."""
    findings: list[Finding] = []
    shapes = outlines.to_numpy(copy=True)
    points = np.full((len(shapes), 2), np.nan)
    is_whole = np.isin(outlines.geom_type, AREAS) & shapely.is_valid(shapes)
    is_whole &= ~shapely.is_empty(shapes)
    drawn = _plain_points(outlines)
    points[drawn] = shapely.get_coordinates(shapes[drawn])
    shapes[drawn] = None
    if drawn.any():
        findings += _about_points(texts.loc[drawn], points[drawn], has_areas=bool(is_whole.any()))
    for at in np.flatnonzero(~is_whole & ~drawn):
        row = texts.iloc[at]
        about = {"row": int(row["row"]), "village_code": row["code"]}
        shape, found = _area(shapes[at], about)
        if shape is None:
            points[at], found = _point(shapes[at], row, about)
        shapes[at] = shape
        findings += found
    has_area = ~shapely.is_missing(shapes)
    inside = shapely.point_on_surface(shapes[has_area])
    points[has_area] = shapely.get_coordinates(inside)
    texts = texts.assign(lon=points[:, 0], lat=points[:, 1])
    is_kept = ~np.isnan(points[:, 0])
    kept = gpd.GeoSeries(shapes[is_kept], outlines.index[is_kept], crs=STORAGE_CRS)
    findings.sort(key=lambda found: int(found.row or 0))
    return texts.loc[is_kept], kept, findings


def _plain_points(outlines: gpd.GeoSeries) -> np.ndarray:
    """Tell which rows are drawn as a point in Indonesia; exchanged axes would not be there."""
    is_point: np.ndarray = np.isin(outlines.geom_type, ["Point"]) & ~outlines.is_empty.to_numpy()
    places = shapely.get_coordinates(outlines.to_numpy()[is_point])
    is_point[is_point] = [is_in_indonesia(lon, lat) for lon, lat in places]
    return is_point


def _about_points(texts: pd.DataFrame, points: np.ndarray, *, has_areas: bool) -> list[Finding]:
    """Tell which villages have only a point, once for a layer of points."""
    if len(texts) > 1 and not has_areas:
        return [Finding(code="geometry-points", severity="warning", value=str(len(texts)))]
    rows = zip(texts["row"], texts["code"], points.round(6).tolist(), strict=True)
    return [
        Finding(code="geometry-point", severity="warning", row=int(row), village_code=code,
                params={"lon": lon, "lat": lat})
        for row, code, (lon, lat) in rows
    ]  # fmt: skip


def _area(outline: Any, about: dict[str, Any]) -> tuple[Any, list[Finding]]:  # noqa: ANN401 (shapely)
    """Give the valid areas of an outline, None when it has none."""
    areas, others = area_parts(outline)
    if areas is None:
        return None, []
    findings = []
    if others:
        value = ", ".join(others)
        findings.append(
            Finding(code="geometry-areas-kept", severity="corrected", value=value, **about)
        )
    if areas.is_valid:
        return areas, findings
    repaired = repair(areas)
    if repaired is None:
        return None, []
    facts: dict[str, object] = {
        "reason": repaired.reason,
        "before_ha": round(repaired.before_ha, 2),
        "after_ha": round(repaired.after_ha, 2),
    }
    findings.append(Finding(code="geometry-repaired", severity="corrected", params=facts, **about))
    return repaired.shape, findings


def _point(outline: Any, row: pd.Series, about: dict[str, Any]) -> tuple[Any, list[Finding]]:  # noqa: ANN401 (shapely)
    """Give the position of a village without areas: its drawn point, or its columns lon, lat."""
    nowhere = (np.nan, np.nan)
    is_drawn = outline is not None and not outline.is_empty
    lon, lat = _printed_position(row)
    if is_drawn and outline.geom_type == "Point":
        lon, lat = outline.x, outline.y
    if lon is None or lat is None:
        code = "geometry-not-area" if is_drawn else "geometry-missing"
        value = outline.geom_type if is_drawn else None
        return nowhere, [Finding(code=code, severity="refused", value=value, **about)]
    facts = {"lon": round(lon, 6), "lat": round(lat, 6)}
    if is_in_indonesia(lat, lon):
        code = "coordinates-swapped"
        return nowhere, [Finding(code=code, severity="refused", params=facts, **about)]
    if not is_in_indonesia(lon, lat):
        return (lon, lat), []  # refused with all that are elsewhere
    return (lon, lat), [Finding(code="geometry-point", severity="warning", params=facts, **about)]


def _printed_position(row: pd.Series) -> tuple[float | None, float | None]:
    try:
        lon, lat = (read_decimal(row.get(column, "")) for column in ("lon", "lat"))
    except NotNumber:
        return None, None
    return lon, lat


def _neighbours(villages: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Tell where outlines overlap or leave a gap; they are stored as they are."""
    drawn = villages.loc[villages.geometry.notna()]
    codes = drawn["code"].tolist()
    for code, pieces in (
        ("outlines-overlap", measure_overlaps(drawn.geometry, codes)),
        ("outlines-gap", measure_gaps(drawn.geometry, codes)),
    ):
        if pieces.count:
            yield _piece_finding(code, pieces)


def _piece_finding(code: str, pieces: Pieces) -> Finding:
    facts = {
        "area_ha": round(pieces.area_ha, 2),
        "slivers": pieces.n_slivers,
        "slivers_ha": round(pieces.slivers_ha, 2),
        "width_m": f"{SLIVER_WIDTH_M:g}",
        "largest": pieces.listed(),
    }
    return Finding(code=code, severity="warning", value=str(pieces.count), params=facts)


def _villages(texts: pd.DataFrame, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    code = texts["code"]

    def named(column: str, otherwise: pd.Series) -> pd.Series:
        if column not in texts:
            return otherwise
        return texts[column].where(texts[column] != "", otherwise)

    kind = code.map(kind_of)
    printed = named("kind", kind).str.lower()
    columns = {
        "code": code,
        "name": named("name", code),
        "kind": printed.where(printed.isin(KINDS.values()), kind),
        "district_code": code.map(district_of),
        "district": named("district", code.map(district_of)),
        "regency_code": code.map(regency_of),
        "regency": named("regency", code.map(regency_of)),
        "lon": texts["lon"],
        "lat": texts["lat"],
        "row": texts["row"],
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=STORAGE_CRS)
    text_columns = [name for name in columns if name not in ("lon", "lat", "row")]
    return frame.astype(dict.fromkeys(text_columns, "str"))


def _in_indonesia(villages: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Iterator[Finding]]:
    """Set aside villages whose point is elsewhere: exchanged axes, a wrong zone."""
    inside = [
        is_in_indonesia(lon, lat) for lon, lat in zip(villages["lon"], villages["lat"], strict=True)
    ]
    outside = villages.loc[[not is_inside for is_inside in inside]]
    findings = (
        Finding(code="coordinates-out-of-range", severity="refused", row=row, village_code=code,
                params={"lon": round(lon, 6), "lat": round(lat, 6)})
        for row, code, lon, lat in zip(
            outside["row"], outside["code"], outside["lon"], outside["lat"], strict=True
        )
    )  # fmt: skip
    return villages.loc[inside], findings
