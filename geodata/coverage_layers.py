"""Maps of coverage: areas of one signal each from any vector file, rasters of signal.

Neither kind is stored pixel by pixel or trusted beyond what it says: an area speaks for what lies
in it, a raster for its cells that hold a value.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import pyproj.exceptions
import rasterio
import rasterio.errors
import shapely

from geodata.crs import EAST, NORTH, SOUTH, WEST, frame_name, meets_indonesia, to_storage
from geodata.dates import as_of_from_text, date_fault, past_day
from geodata.errors import (
    BadValue,
    EmptyFile,
    MissingColumn,
    MissingFile,
    MissingLayer,
    UnreadableSource,
    UnsupportedFormat,
    WrongCrs,
)
from geodata.findings import Finding, tally
from geodata.privacy import refuse_residents
from geodata.schema import SIGNALS, STORAGE_CRS, check_coverage
from geodata.signal_words import ACCEPTED_WORDS, DBM_FROM, confidence_of, signal_of_text
from geodata.source_kinds import RASTER_KINDS
from geodata.tables import bare, text_of
from geodata.vectors import open_vectors

RASTER_DRIVER = "GTiff"
MAX_CELLS = 1_000_000_000
COLUMNS = {
    "signal": (
        "sinyal", "signal", "status", "kelas", "kelas_sinyal", "class", "cakupan", "coverage",
        "kekuatan_sinyal", "rsrp", "dbm", "gridcode",
    ),
    "observed_on": ("tanggal", "tahun", "date", "tgl", "periode", "observed_on"),
    "source": ("sumber", "source", "operator", "url"),
}  # fmt: skip
MAX_AREAS = 100_000
_DBM = (-200.0, 0.0)
_SAMPLE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageImport:
    """Areas of one file.

    Parameters
    ----------
    frame
        ``id, signal, status, observed_on, source, definition, confidence, row, geometry``; WGS 84;
        each geometry a Polygon or MultiPolygon, ``signal`` a class of ``schema.SIGNALS``,
        ``status`` the attribute as it stands.
    """

    frame: gpd.GeoDataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRaster:
    """A raster of signal that stays in its file; only the cells asked for are read.

    Parameters
    ----------
    classes
        Class of ``schema.SIGNALS`` of each value; None when the values are levels in dBm. Values
        that are not listed say nothing.
    dbm_from
        Levels in dBm, inclusive, where weak, strong and very strong begin.
    """

    path: Path
    id: str
    observed_on: date | None
    source: str
    definition: str
    confidence: str
    classes: Mapping[int, str] | None = None
    dbm_from: tuple[float, float, float] = DBM_FROM

    def strengths(self, values: npt.ArrayLike) -> npt.NDArray[np.int8]:
        """Give the place of each value's class in ``schema.SIGNALS``; -1 where it says nothing.

        Masked values and NaN say nothing.
        """
        plain: npt.NDArray[np.float64] = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
        if self.classes is None:
            found = np.searchsorted(self.dbm_from, plain, side="right")
            return np.where(np.isnan(plain), -1, found).astype(np.int8)
        strengths = np.full(plain.shape, -1, dtype=np.int8)
        for value, signal in self.classes.items():
            strengths[plain == value] = SIGNALS.index(signal)
        return strengths


def read_coverage_areas(
    path: Path,
    *,
    signal: str | None = None,
    classes: Mapping[str, str] | None = None,
    layer: str | None = None,
    as_of: date | None = None,
    source: str | None = None,
) -> CoverageImport:
    """Read areas of signal from any vector file.

    Parameters
    ----------
    signal
        The class of every area; default: what each area's attribute says, as a word, a level in
        dBm, or a code of ``classes``.
    classes
        Class of each code that the attribute holds, such as ``{"3": "strong"}``.
    layer
        Which layer; needed when several have areas.
    as_of
        The day of areas that tell none; default: what the file's name says.
    source
        The source of areas that name none; default: the file's name.

    Raises
    ------
    GeodataError
        When the whole file is refused: not readable, no reference system, no class to go by.
    """
    for given in (signal, *(classes or {}).values()):
        if given is not None and given not in SIGNALS:
            raise BadValue(place=path.name, value=given, column="signal",
                           accepted=", ".join(SIGNALS))  # fmt: skip
    areas = _read_areas(path, layer)
    texts = _texts(areas, path.name, needs_signal=signal is None)
    areas, findings = to_storage(areas, path.name)
    day = as_of or as_of_from_text(path.stem)
    rows: list[dict[str, Any]] = []
    for number, (shape, text) in enumerate(
        zip(areas.geometry, texts.to_dict("records"), strict=True), start=1
    ):
        found = _area(number, shape, text, signal, classes, findings)
        if found:
            observed_on = found.pop("day") or day
            rows.append({
                **found, "id": f"{path.name}:{number}", "observed_on": observed_on,
                "source": text["source"] or source or path.name, "definition": "coverage_area",
                "confidence": confidence_of("coverage_area", is_dated=observed_on is not None),
                "row": number,
            })  # fmt: skip
    return _result(rows, findings)


def _result(rows: list[dict[str, Any]], findings: list[Finding]) -> CoverageImport:
    columns = ["id", "signal", "status", "observed_on", "source", "definition", "confidence", "row"]
    table = pd.DataFrame(rows, columns=[*columns, "geometry"], dtype=object)
    frame = gpd.GeoDataFrame(
        table[columns].astype({"id": "str", "signal": "str"}),
        geometry=gpd.GeoSeries(list(table["geometry"]), crs=STORAGE_CRS),
    )
    check_coverage(frame)
    counted = tally(findings, len(frame))
    totals = frame["signal"].value_counts()
    return CoverageImport(
        frame=frame,
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={name: int(totals.get(name, 0)) for name in SIGNALS},
    )


def _read_areas(path: Path, wanted: str | None) -> gpd.GeoDataFrame:
    """Read the layer asked for, or the only one that can have areas."""
    with open_vectors(path, max_features=MAX_AREAS) as layers:
        can_have = [layer for layer in layers if _can_have_areas(layer.geometry)]
        found = [layer for layer in layers if layer.name == wanted] if wanted else can_have
        if len(found) != 1:
            names = ", ".join(layer.name for layer in layers) or "-"
            raise MissingLayer(place=path.name, layer=wanted or "areas", found=names)
        frame = found[0].read()
    if not isinstance(frame, gpd.GeoDataFrame):
        raise MissingLayer(place=path.name, layer=wanted or "areas", found=found[0].name)
    if frame.empty:
        raise EmptyFile(place=path.name)
    return frame


def _can_have_areas(geometry: str) -> bool:
    return "Polygon" in geometry or geometry in ("Unknown", "Surface", "GeometryCollection")


def _texts(areas: gpd.GeoDataFrame, place: str, *, needs_signal: bool) -> pd.DataFrame:
    attributes = areas.drop(columns=areas.geometry.name)
    refuse_residents([list(attributes.columns), *attributes.itertuples(index=False)], place)
    at = {bare(heading): number for number, heading in enumerate(attributes.columns)}
    texts = pd.DataFrame(index=range(len(areas)))
    for column, aliases in COLUMNS.items():
        number = next((at[bare(alias)] for alias in aliases if bare(alias) in at), None)
        if number is not None:
            texts[column] = [
                "" if pd.isna(value) else text_of(value) for value in attributes.iloc[:, number]
            ]
        elif column == "signal" and needs_signal:
            found = ", ".join(map(str, attributes.columns[:30])) or "-"
            accepted = ", ".join(aliases)
            raise MissingColumn(place=place, column=column, found=found, accepted=accepted)
        else:
            texts[column] = ""
    return texts


def _area(
    row: int,
    shape: Any,  # noqa: ANN401 (shapely has no types)
    text: Mapping[Any, str],
    signal: str | None,
    classes: Mapping[str, str] | None,
    findings: list[Finding],
) -> dict[str, Any] | None:
    """Read one area; None, with a finding, when it is set aside."""

    def refuse(code: str, column: str | None, value: str, **params: object) -> None:
        findings.append(
            Finding(code=code, severity="refused", row=row, column=column, value=value,
                    params=params)
        )  # fmt: skip

    said = signal or signal_of_text(text["signal"], classes)
    if said is None:
        listed = ", ".join(classes) if classes else f"{ACCEPTED_WORDS}, dBm"
        refuse("word-unknown", "status", text["signal"], accepted=listed)
        return None
    try:
        day = past_day(text["observed_on"])
    except BadValue:
        refuse(date_fault(text["observed_on"]), "observed_on", text["observed_on"])
        return None
    area = _only_areas(shape)
    if area is None:
        refuse("area-missing", None, "-" if shape is None else shape.geom_type)
        return None
    if not meets_indonesia(*area.bounds):
        lon, lat = area.bounds[:2]
        refuse("coordinates-out-of-range", None, text["signal"], lon=f"{lon:g}", lat=f"{lat:g}")
        return None
    if not shape.is_valid:
        findings.append(
            Finding(code="area-repaired", severity="corrected", row=row,
                    params={"reason": shapely.is_valid_reason(shape)})
        )  # fmt: skip
    return {"signal": said, "status": text["signal"], "day": day, "geometry": area}


def _only_areas(shape: Any) -> Any:  # noqa: ANN401 (shapely has no types)
    """Flatten and repair a shape and keep what has an area; None if nothing has."""
    if shape is None or shape.is_empty:
        return None
    valid = shapely.make_valid(shapely.force_2d(shape))
    if valid.geom_type in ("Polygon", "MultiPolygon"):
        return valid
    parts = [p for p in shapely.get_parts(valid) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else None


def read_signal_raster(
    path: Path,
    *,
    classes: Mapping[int, str] | None = None,
    dbm_from: tuple[float, float, float] = DBM_FROM,
    as_of: date | None = None,
    source: str | None = None,
) -> SignalRaster:
    """Open a raster of signal, in dBm or in codes of classes, and check that it can be used.

    Parameters
    ----------
    classes
        Class of each code, such as ``{0: "none", 1: "weak"}``; without it the values must be levels
        in dBm, all below 0.
    as_of
        Its day; default: what the file's name says.
    source
        Its source; default: the file's name.

    Raises
    ------
    GeodataError
        When it cannot be read, has no reference system, more than one band or ``MAX_CELLS``, or its
        values are neither levels nor among the codes.
    """
    if not path.is_file():
        raise MissingFile(place=str(path))
    kind = path.suffix.lower()
    if kind not in RASTER_KINDS:
        raise UnsupportedFormat(place=path.name, value=kind, accepted=", ".join(RASTER_KINDS))
    _check_classes(path.name, classes, dbm_from)
    sample = _sample(path)
    _check_values(path.name, sample, classes)
    day = as_of or as_of_from_text(path.stem)
    return SignalRaster(
        path=path,
        id=path.name,
        observed_on=day,
        source=source or path.name,
        definition="signal_raster",
        confidence=confidence_of("signal_raster", is_dated=day is not None),
        classes=classes,
        dbm_from=dbm_from,
    )


def _sample(path: Path) -> npt.NDArray[np.float64]:
    """Read at most a million cells, evenly spread; those without a value are left out."""
    try:
        with warnings.catch_warnings():
            # Said below, as an error that names the remedy.
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(path, driver=RASTER_DRIVER) as dataset:
                if dataset.crs is None or dataset.transform.is_identity:
                    raise WrongCrs(place=path.name, value="-")
                _check_place(path.name, dataset)
                if dataset.count != 1:
                    raise BadValue(
                        place=path.name, value=dataset.count, column="bands", accepted="1"
                    )
                if dataset.width * dataset.height > MAX_CELLS:
                    size = f"{dataset.width} x {dataset.height}"
                    raise BadValue(
                        place=path.name, value=size, column="cells", accepted=f"<= {MAX_CELLS}"
                    )
                step = max(1, int(np.ceil(np.sqrt(dataset.width * dataset.height / _SAMPLE))))
                shape = (-(-dataset.height // step), -(-dataset.width // step))
                cells = dataset.read(1, masked=True, out_shape=shape).compressed()
    except rasterio.errors.RasterioError as error:
        expected = path.suffix[1:].upper()
        raise UnreadableSource(place=path.name, expected=expected, reason=str(error)) from error
    values = np.asarray(cells, dtype=float)
    return np.asarray(values[~np.isnan(values)])


def _check_place(place: str, dataset: Any) -> None:  # noqa: ANN401 (rasterio has no types)
    """Refuse a raster that is not on the Earth, or on another part of it."""
    name = dataset.crs.to_wkt()
    try:
        to_degrees = pyproj.Transformer.from_crs(name, STORAGE_CRS, always_xy=True)
        box = to_degrees.transform_bounds(*dataset.bounds)
    except pyproj.exceptions.ProjError as error:
        raise WrongCrs(place=place, value=frame_name(name)) from error
    if not meets_indonesia(*box):
        raise BadValue(
            place=place, value=", ".join(f"{edge:g}" for edge in box), column="position",
            accepted=f"{WEST}..{EAST}, {SOUTH}..{NORTH}",
        )  # fmt: skip


def _check_classes(
    place: str, classes: Mapping[int, str] | None, dbm_from: tuple[float, float, float]
) -> None:
    for value in (classes or {}).values():
        if value not in SIGNALS:
            raise BadValue(place=place, value=value, column="signal", accepted=", ".join(SIGNALS))
    if list(dbm_from) != sorted(set(dbm_from)):
        raise BadValue(place=place, value=dbm_from, column="dbm_from", accepted="-115 < -100 < -85")


def _check_values(
    place: str, cells: npt.NDArray[np.float64], classes: Mapping[int, str] | None
) -> None:
    if not cells.size:
        raise EmptyFile(place=place)
    if classes is not None:
        wrong = cells[~np.isin(cells, list(classes))]
        accepted = ", ".join(map(str, sorted(classes)))
    else:
        wrong = cells[(cells < _DBM[0]) | (cells >= _DBM[1])]
        accepted = "dBm, -200 <= x < 0; for codes give the class of each"
    if wrong.size:
        raise BadValue(place=place, value=f"{wrong[0]:g}", column="signal", accepted=accepted)
