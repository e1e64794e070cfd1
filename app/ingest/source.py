"""A file to read, and what came of reading it: what every reader takes and gives."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine
from sqlmodel import Session

from app.rows import none
from geodata.crosswalk import Crosswalk
from geodata.errors import UnknownCodes
from geodata.findings import Finding

Box = tuple[float, float, float, float]
"""West, south, east, north."""

# Beyond this part of unknown codes a file is about another place or in another code list.
MAX_UNKNOWN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader found, and how to store it under an import's number.

    ``details`` is what the report shows beside rows and findings, plain JSON values.
    """

    accepted: int
    corrected: int
    refused: int
    totals: dict[str, Any]
    findings: tuple[Finding, ...]
    store: Callable[[Session, int], None]
    as_of: date | None = None
    box: Box | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to read, and what the person said about it.

    ``villages`` and ``teams`` are those of ``area``, see ``areas.py``. ``options`` are read already
    (``options.py``); one that was not given is absent. ``headings`` are those taught with this
    file: as printed -> what it means.
    """

    engine: Engine
    area: str
    path: Path
    as_of: date | None
    source: str
    person: str | None
    villages: pd.DataFrame
    bps: Crosswalk | None
    changes: Crosswalk | None
    teams: Mapping[str, str]
    options: Mapping[str, Any]
    headings: Mapping[str, str]


def reading_of(
    found: Any,  # noqa: ANN401 (each reader has its own result class, all with these fields)
    store: Callable[[Session, int], None],
    *,
    set_aside: Iterable[Finding] = (),
    remarks: Iterable[Finding] = (),
    totals: dict[str, Any] | None = None,
    as_of: date | None = None,
    box: Box | None = None,
    details: dict[str, Any] | None = None,
) -> Reading:
    """Turn a reader's result into a reading.

    Rows ``set_aside`` here count as refused; ``remarks`` are findings about rows that stay.
    """
    extra = tuple(set_aside)
    return Reading(
        accepted=found.accepted - len(extra),
        corrected=found.corrected,
        refused=found.refused + len(extra),
        totals=dict(found.totals) if totals is None else totals,
        findings=(*found.findings, *extra, *remarks),
        store=store,
        as_of=as_of,
        box=box,
        details=details or {},
    )


def known_only(frame: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, list[Finding]]:
    """Set rows of unknown villages aside; refuse the file when they are most of it."""
    is_known = frame["code"].isin(source.villages["code"])
    unknown = frame.loc[~is_known]
    if len(unknown) > MAX_UNKNOWN * len(frame):
        first = ", ".join(unknown["code"].head(5))
        raise UnknownCodes(place=source.path.name, count=len(unknown), value=first)
    rows = unknown["row"] if "row" in unknown else pd.Series(index=unknown.index, dtype=object)
    found = [
        Finding(code="village-unknown", severity="refused", row=none(row), village_code=code)
        for code, row in zip(unknown["code"], rows, strict=True)
    ]
    return frame.loc[is_known], found
