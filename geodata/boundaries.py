"""Polygons of an office or of a public source -> the villages frame.

Names of districts and regencies that the file does not have fall back to their codes. The point of
a village is inside its polygon, which is not where the people live; better points come from
elsewhere.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geodata.codes import KINDS, district_of, kind_of, parse_code, regency_of
from geodata.crs import is_in_indonesia, to_storage
from geodata.errors import (
    BadCode,
    BadCodes,
    DuplicateCodes,
    EmptyFile,
    GeodataError,
    MissingColumn,
    MissingLayer,
    UnreadableSource,
    UnsupportedFormat,
)
from geodata.findings import Finding, tally
from geodata.privacy import refuse_residents
from geodata.schema import STORAGE_CRS, check_villages
from geodata.tables import bare, check_file, text_of

LAYER = "desa"
KINDS_OF_FILE = (".gpkg", ".geojson", ".json", ".shp", ".zip", ".kml", ".fgb", ".gml")
MAX_VILLAGES = 100_000
# In the order of preference: maps of the survey agency have several of them side by side.
COLUMNS = {
    "code": (
        "village_code", "kode_desa", "kdepum", "kode_kemendagri", "kode_desa_kelurahan", "kode_kel",
        "kode_wilayah", "kddesa", "kode", "code",
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
}  # fmt: skip
_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class VillagesImport:
    """Villages of a file.

    Parameters
    ----------
    frame
        ``code, name, kind, district_code, district, regency_code, regency, lon, lat, geometry``,
        sorted by code; WGS 84; each geometry is a Polygon or MultiPolygon around (lon, lat).
    """

    frame: gpd.GeoDataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_villages(path: Path) -> VillagesImport:
    """Read the outlines of villages from any vector file: GPKG, GeoJSON, Shapefile, KML.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, no column of codes or names, codes that cannot be
        read for certain or stand twice, no usable reference system.
    """
    frame = _read_layer(path)
    place = path.name
    attributes = frame.drop(columns=frame.geometry.name)
    refuse_residents([list(attributes.columns), *attributes.itertuples(index=False)], place)
    columns = _find_columns([str(heading) for heading in attributes.columns], place)
    texts = pd.DataFrame(
        {column: attributes.iloc[:, at].map(_text) for column, at in columns.items()}
    )
    texts["row"] = range(1, len(texts) + 1)
    frame, findings = to_storage(frame, place)
    texts, about_codes = _with_codes(texts, place)
    shapes, about_shapes = _areas(frame.geometry, texts)
    findings += [*about_codes, *about_shapes]
    villages = _villages(texts.loc[shapes.index], shapes)
    villages, outside = _in_indonesia(villages)
    findings += outside
    if villages.empty:
        raise EmptyFile(place=place)
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


def _find_columns(headings: Sequence[str], place: str) -> dict[str, int]:
    positions = {bare(heading): at for at, heading in reversed(list(enumerate(headings)))}
    columns: dict[str, int] = {}
    for column, aliases in COLUMNS.items():
        present = [positions[bare(alias)] for alias in aliases if bare(alias) in positions]
        if present:
            columns[column] = present[0]
        elif column in ("code", "name"):
            found = ", ".join(headings[:30]) or "-"
            accepted = ", ".join(aliases)
            raise MissingColumn(place=place, column=column, found=found, accepted=accepted)
    return columns


def _text(value: Any) -> str:  # noqa: ANN401 (a cell of an attribute table)
    return "" if pd.isna(value) else text_of(value)


def _read_layer(path: Path) -> gpd.GeoDataFrame:
    check_file(path)
    kind = path.suffix.lower()
    if kind not in KINDS_OF_FILE:
        accepted = ", ".join(KINDS_OF_FILE)
        raise UnsupportedFormat(place=path.name, value=kind, accepted=accepted)
    try:
        layer = _choose_layer(path)
        with warnings.catch_warnings():
            # Measured or three-dimensional outlines are flattened below, which is all we want.
            warnings.simplefilter("ignore")
            frame = gpd.read_file(path, layer=layer, rows=MAX_VILLAGES)
    except GeodataError:
        raise
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        expected = kind[1:].upper()
        raise UnreadableSource(place=path.name, expected=expected, reason=str(error)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise MissingLayer(place=path.name, layer=LAYER, found=layer)
    if frame.empty:
        raise EmptyFile(place=path.name)
    return frame


def _choose_layer(path: Path) -> str:
    """Take the layer called ``desa``, or the only one that has areas."""
    layers = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(path)]
    names = [name for name, _ in layers]
    if LAYER in names:
        return LAYER
    areas = [name for name, kind in layers if "Polygon" in kind or kind in ("Unknown", "Surface")]
    if len(areas) != 1 and len(layers) != 1:
        raise MissingLayer(place=path.name, layer=LAYER, found=", ".join(names) or "-")
    return (areas or names)[0]


def _with_codes(texts: pd.DataFrame, place: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the codes; rows without one (remainders of the map) are set aside."""
    findings: list[Finding] = []
    bad: list[str] = []
    codes: dict[int, str] = {}
    for index, printed, name, row in zip(
        texts.index, texts["code"], texts["name"], texts["row"], strict=True
    ):
        if not any(sign.isdigit() and sign != "0" for sign in printed):
            facts = {"name": name or "-"}
            findings.append(Finding(code="code-missing", severity="refused", row=row, params=facts))
            continue
        try:
            codes[index] = parse_code(printed)
        except BadCode:
            bad.append(f"{row}: '{printed}'")
            continue
        if codes[index] != printed:
            findings.append(
                Finding(code="code-undotted", severity="corrected", row=row,
                        village_code=codes[index], column="code", value=printed)
            )  # fmt: skip
    if bad:
        raise BadCodes(place=place, count=len(bad), value=_some(bad))
    kept = texts.loc[list(codes)].assign(code=pd.Series(codes, dtype="str"))
    _refuse_duplicates(kept, place)
    return kept, findings


def _refuse_duplicates(texts: pd.DataFrame, place: str) -> None:
    doubled = texts.loc[texts["code"].duplicated(keep=False)].groupby("code")["row"]
    listed = [f"{code} ({', '.join(map(str, rows))})" for code, rows in doubled]
    if listed:
        raise DuplicateCodes(place=place, count=len(listed), value=_some(listed))


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_LISTED]) + (", ..." if len(texts) > _LISTED else "")


def _areas(outlines: gpd.GeoSeries, texts: pd.DataFrame) -> tuple[gpd.GeoSeries, list[Finding]]:
    """Flatten and repair outlines; rows without an area are set aside."""
    findings: list[Finding] = []
    shapes: dict[int, Any] = {}
    for index, code, row in zip(texts.index, texts["code"], texts["row"], strict=True):
        about = {"row": row, "village_code": code}
        outline = outlines.loc[index]
        if outline is None or outline.is_empty:
            findings.append(Finding(code="geometry-missing", severity="refused", **about))
            continue
        shape = shapely.force_2d(outline)
        if not shape.is_valid:
            facts = {"reason": shapely.is_valid_reason(shape)}
            shape = _only_areas(shapely.make_valid(shape))
            if shape is not None:
                findings.append(
                    Finding(code="geometry-repaired", severity="corrected", params=facts, **about)
                )
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
            value = outline.geom_type
            findings.append(
                Finding(code="geometry-not-area", severity="refused", value=value, **about)
            )
            continue
        shapes[index] = shape
    return gpd.GeoSeries(shapes, crs=STORAGE_CRS), findings


def _only_areas(shape: Any) -> Any:  # noqa: ANN401 (shapely has no types)
    """Drop the lines and points that a repair leaves beside the areas; None if no area is left."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else None


def _villages(texts: pd.DataFrame, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    code = texts["code"]
    points = shapes.representative_point()

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
        "lon": points.x,
        "lat": points.y,
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
