"""Villages and their outlines -> rows: what holds today, and the edition that each file gave."""

from collections.abc import Collection
from typing import Any

import pandas as pd
import sqlalchemy
from sqlalchemy import case, null
from sqlmodel import Session, col, select

from app.areas import limit
from app.current import VILLAGE_COLUMNS
from app.db import reading
from app.ingest.source import Reading, Source, reading_of
from app.models import Village, VillageEdition
from app.rows import plain, upsert
from geodata.findings import Finding

BOX_SIDES = ("west", "south", "east", "north")
OUTLINE = ("geometry", *BOX_SIDES, "outline_import_id")


def read_villages(source: Source) -> Reading:
    """Read villages with their outlines or points."""
    from geodata.boundaries import read_villages
    from geodata.map_codes import KnownCodes
    from geodata.village_changes import changed_villages

    known = None if source.bps is None else KnownCodes(source.villages, source.bps)
    found = read_villages(source.path, known)
    frame = found.frame
    left = _left_outlines(source, frame)
    gone = {finding.village_code for finding in left}

    def store(session: Session, import_id: int) -> None:
        rows = _rows(frame, import_id)
        # A file that knows only the point does not wipe out the outline of an earlier one. But the
        # newest point holds, as everywhere, and an outline that it is not in is another village's,
        # or an older one's: signal would be reckoned for land that the team does not go to. The
        # edition keeps that outline; a map imported once more brings it back.
        keeps = [row for row in rows if row["geometry"] is None and row["code"] not in gone]
        draws = [row for row in rows if row["geometry"] is not None or row["code"] in gone]
        upsert(session, Village, draws, key="code")
        upsert(session, Village, keeps, key="code", keep=OUTLINE)
        _keep_edition(session, import_id)

    return reading_of(found, store, remarks=[*changed_villages(frame, source.villages), *left])


def _rows(frame: Any, import_id: int) -> list[dict[str, Any]]:  # noqa: ANN401 (a GeoDataFrame)
    """Give the rows of ``village`` as a file has them."""
    import geopandas as gpd

    # A village without an outline has a point: a box of no size, there.
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=frame.crs)
    boxes = frame.geometry.where(frame.geometry.notna(), points).bounds
    return [
        {**plain(row, (*VILLAGE_COLUMNS, "lon", "lat")), "geometry": shape,
         "west": min(box[0], row["lon"]), "south": min(box[1], row["lat"]),
         "east": max(box[2], row["lon"]), "north": max(box[3], row["lat"]),
         "import_id": import_id, "outline_import_id": None if shape is None else import_id}
        for row, shape, box in zip(
            frame.to_dict("records"), frame.geometry, boxes.itertuples(index=False), strict=True
        )
    ]  # fmt: skip


def _keep_edition(session: Session, import_id: int) -> None:
    """Write what an import said of its villages beside what earlier ones said.

    Copied by the database from the rows just stored: outlines do not pass through here twice.
    """
    is_own = col(Village.outline_import_id) == import_id
    columns = (*VILLAGE_COLUMNS[1:], "lon", "lat", "import_id")
    copied = sqlalchemy.select(
        col(Village.code),
        *(getattr(Village, name) for name in columns),
        case((is_own, col(Village.geometry)), else_=null()),
    ).where(col(Village.import_id) == import_id)
    names = ["village_code", *columns, "geometry"]
    session.execute(sqlalchemy.insert(VillageEdition).from_select(names, copied))


def _left_outlines(source: Source, frame: pd.DataFrame) -> list[Finding]:
    """Tell which villages have a new point, and no outline, outside the outline kept of them."""
    from geodata.village_changes import left_outlines

    bare = frame.loc[frame["geometry"].isna(), ["code", "regency_code", "lon", "lat"]]
    found: list[Finding] = []
    with reading(source.engine) as session:
        limit(session, source.area)
        has_outline = col(Village.geometry).is_not(None)
        drawn = session.exec(select(Village.regency_code).where(has_outline).distinct()).all()
        known = bare.loc[bare["regency_code"].isin(drawn)]
        # One regency at a time: the outlines of the whole country would not fit.
        for regency, points in known.groupby("regency_code"):
            found += left_outlines(points, _outlines(session, str(regency), set(points["code"])))
    return found


def _outlines(session: Session, regency: str, codes: Collection[str]) -> dict[str, Any]:
    rows = session.exec(
        select(Village.code, Village.geometry)
        .where(Village.regency_code == regency)
        .where(col(Village.geometry).is_not(None))
    )
    return {code: outline for code, outline in rows if code in codes}
