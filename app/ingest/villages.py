"""Villages and their outlines -> rows."""

from sqlmodel import Session

from app.current import VILLAGE_COLUMNS
from app.ingest.source import Reading, Source, reading_of
from app.models import Village
from app.rows import plain, upsert

BOX_SIDES = ("west", "south", "east", "north")


def read_villages(source: Source) -> Reading:
    """Read villages with their outlines or points."""
    import geopandas as gpd

    from geodata.boundaries import read_villages
    from geodata.map_codes import KnownCodes
    from geodata.village_changes import changed_villages

    known = None if source.bps is None else KnownCodes(source.villages, source.bps)
    found = read_villages(source.path, known)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        # A village without an outline has a point: a box of no size, there.
        points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=frame.crs)
        boxes = frame.geometry.where(frame.geometry.notna(), points).bounds
        rows = [
            {**plain(row, (*VILLAGE_COLUMNS, "lon", "lat")), "geometry": shape,
             "west": min(box[0], row["lon"]), "south": min(box[1], row["lat"]),
             "east": max(box[2], row["lon"]), "north": max(box[3], row["lat"]),
             "import_id": import_id}
            for row, shape, box in zip(
                frame.to_dict("records"), frame.geometry, boxes.itertuples(index=False), strict=True
            )
        ]  # fmt: skip
        drawn = [row for row in rows if row["geometry"] is not None]
        bare = [row for row in rows if row["geometry"] is None]
        upsert(session, Village, drawn, key="code")
        # A file that knows only the point does not wipe out the outline of an earlier one.
        upsert(session, Village, bare, key="code", keep=("geometry", *BOX_SIDES))

    return reading_of(found, store, remarks=changed_villages(frame, source.villages))
