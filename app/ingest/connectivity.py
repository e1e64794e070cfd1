"""Signal, power, towers and maps of coverage -> rows."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

import pandas as pd
from sqlmodel import Session

from app.errors import BadOption, UnknownOption
from app.ingest.options import Option
from app.ingest.source import Reading, Source, known_only, reading_of
from app.models import CoverageArea, CoverageRaster, PowerReport, SignalReport, Tower
from app.rows import insert_rows, none, plain
from geodata.schema import SIGNALS
from geodata.towers import MAX_RADIUS_KM

_CLASSES = "CODE:CLASS,CODE:CLASS; " + ", ".join(SIGNALS)


def _signal(text: str) -> str:
    word = text.strip().lower().replace(" ", "_")
    if word not in SIGNALS:
        raise ValueError(text)
    return word


def _classes(text: str) -> dict[str, str]:
    """Read ``1:weak,2:strong``."""
    found: dict[str, str] = {}
    for part in text.split(","):
        code, sign, word = part.rpartition(":")
        if not sign or not code.strip() or code.strip() in found:
            raise ValueError(text)
        found[code.strip()] = _signal(word)
    return found


def _radius(text: str) -> float:
    """Read how far towers reach, in km."""
    radius_km = float(text.replace(",", "."))
    if not 0 < radius_km <= MAX_RADIUS_KM:
        raise ValueError(text)
    return radius_km


OPTIONS = (
    Option("signal", ", ".join(SIGNALS), _signal),
    Option("classes", _CLASSES, _classes),
    Option("layer", "NAME", str),
    Option("radius_km", f"0 < km <= {MAX_RADIUS_KM}", _radius),
)
"""For maps: the class of every area, the class of each code, which layer. For lists of towers: how
far those reach whose radius is not told."""


def read_connectivity(source: Source) -> Reading:
    """Read a list of signal, power or towers, or a map of areas or cells, whichever it is."""
    from geodata.source_kinds import connectivity_kind

    kind = connectivity_kind(source.path)
    read, taken = _READERS[kind]
    _refuse_others(source, taken, kind)
    return read(source)


def _refuse_others(source: Source, taken: Collection[str], kind: str) -> None:
    for name in source.options:
        if name not in taken:
            accepted = ", ".join(taken) or "-"
            raise UnknownOption(kind=f"connectivity ({kind})", option=name, accepted=accepted)


def _read_list(source: Source) -> Reading:
    from geodata.connectivity import read_connectivity as read_file

    found = read_file(
        source.path, villages=source.villages, as_of=source.as_of, source=source.source,
        crosswalk=source.bps, changes=source.changes,
    )  # fmt: skip
    if found.kind == "tower":
        frame = found.frame
        if "radius_km" in source.options:
            frame = frame.fillna({"radius_km": source.options["radius_km"]})
        return reading_of(
            found, lambda session, number: _store_towers(session, number, frame), as_of=found.as_of
        )
    _refuse_others(source, (), "list")
    signals, unknown = known_only(found.frame, source)
    power, powerless = known_only(found.power, source)

    def store(session: Session, import_id: int) -> None:
        common = ("status", "observed_on", "source", "confidence", "row")
        insert_rows(
            session, SignalReport, _reports(signals, import_id, (*common, "signal", "definition"))
        )
        insert_rows(session, PowerReport, _reports(power, import_id, (*common, "power")))

    told = {found.row for found in unknown}
    return reading_of(
        found, store, set_aside=[*unknown, *(f for f in powerless if f.row not in told)],
        as_of=found.as_of, totals=_totals(found.totals, signals, power),
    )  # fmt: skip


def _totals(named: Iterable[str], signals: pd.DataFrame, power: pd.DataFrame) -> dict[str, int]:
    """Count the rows of each class that are stored: those of known villages."""
    counted = Counter(signals["signal"]) + Counter("power_" + power["power"])
    return {name: counted[name] for name in named}


def _reports(frame: pd.DataFrame, import_id: int, columns: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {**plain(row, columns), "village_code": row["code"], "import_id": import_id}
        for row in frame.to_dict("records")
    ]


def _store_towers(session: Session, import_id: int, frame: pd.DataFrame) -> None:
    columns = (
        "site_id", "name", "status", "state", "radius_km", "lon", "lat", "source", "observed_on",
        "definition", "confidence", "row",
    )  # fmt: skip
    rows = [
        {**plain(row, columns), "village_code": none(row["code"]), "import_id": import_id}
        for row in frame.to_dict("records")
    ]
    insert_rows(session, Tower, rows)


def _read_areas(source: Source) -> Reading:
    from geodata.coverage_layers import read_coverage_areas

    found = read_coverage_areas(
        source.path, as_of=source.as_of, source=source.source, **source.options
    )

    def store(session: Session, import_id: int) -> None:
        columns = ("signal", "status", "observed_on", "source", "definition", "confidence", "row")
        boxes = found.frame.geometry.bounds
        rows = [
            {**plain(row, columns), "geometry": shape, "west": box[0], "south": box[1],
             "east": box[2], "north": box[3], "import_id": import_id}
            for row, shape, box in zip(
                found.frame.to_dict("records"), found.frame.geometry,
                boxes.itertuples(index=False), strict=True,
            )
        ]  # fmt: skip
        insert_rows(session, CoverageArea, rows)

    return reading_of(found, store)


def _read_raster(source: Source) -> Reading:
    from geodata.coverage_layers import read_signal_raster
    from geodata.packed_raster import pack_raster

    raster = read_signal_raster(
        source.path, as_of=source.as_of, source=source.source,
        classes=_numbered(source.options.get("classes")),
    )  # fmt: skip
    packed = pack_raster(raster)

    def store(session: Session, import_id: int) -> None:
        columns = ("observed_on", "source", "definition", "confidence")
        row = {name: getattr(raster, name) for name in columns}
        insert_rows(
            session, CoverageRaster, [{**row, "cells": packed.cells, "import_id": import_id}]
        )

    return Reading(
        accepted=1,
        corrected=0,
        refused=0,
        totals={f"cells_{name}": n for name, n in packed.totals.items()},
        findings=(),
        store=store,
        as_of=raster.observed_on,
    )


def _numbered(classes: dict[str, str] | None) -> dict[int, str] | None:
    """Give the class of each value of a raster, whose codes are whole numbers."""
    if classes is None:
        return None
    try:
        return {int(code): signal for code, signal in classes.items()}
    except ValueError as error:
        raise BadOption(option="classes", value=", ".join(classes), accepted=_CLASSES) from error


_READERS: dict[str, tuple[Callable[[Source], Reading], tuple[str, ...]]] = {
    "list": (_read_list, ("radius_km",)),
    "areas": (_read_areas, ("signal", "classes", "layer")),
    "raster": (_read_raster, ("classes",)),
}
"""Who reads each kind of file, and the options it takes."""
