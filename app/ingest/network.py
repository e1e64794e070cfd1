"""Roads and rivers -> rows."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlmodel import Session

from app.ingest.source import Box, Reading, Source, reading_of
from app.models import NetworkLine, Pier
from app.rows import insert_rows, plain

if TYPE_CHECKING:
    from geodata.network import NetworkImport

LINE_COLUMNS = (
    *("mode", "highway", "surface", "waterway", "name", "oneway"),
    *("structure", "flow", "fixed_min"),
)


def read_network(source: Source) -> Reading:
    """Read lines of roads and rivers, and piers; tell which networks are in several parts."""
    from geodata.graph import build_graphs
    from geodata.network import read_network as read_file
    from geodata.travel_checks import check_network

    found = read_file(source.path, flow_known=source.options.get("flow_known"))
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        boxes = frame.geometry.bounds
        rows = [
            {**plain(row, LINE_COLUMNS), "geometry": line, "west": box[0], "south": box[1],
             "east": box[2], "north": box[3], "import_id": import_id}
            for row, line, box in zip(
                frame.to_dict("records"), frame.geometry, boxes.itertuples(index=False), strict=True
            )
        ]  # fmt: skip
        piers = [
            {**plain(row, ("name", "lon", "lat")), "import_id": import_id}
            for row in found.piers.to_dict("records")
        ]
        insert_rows(session, NetworkLine, rows)
        insert_rows(session, Pier, piers)

    read = reading_of(found, store, box=_box(found))
    return replace(read, findings=(*read.findings, *check_network(build_graphs(frame))))


def _box(found: "NetworkImport") -> Box | None:
    """Tell which area a file is of: that of its lines, else of its piers."""
    if len(found.frame):
        west, south, east, north = map(float, found.frame.total_bounds)
        return west, south, east, north
    if len(found.piers):
        lons, lats = found.piers["lon"], found.piers["lat"]
        return float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max())
    return None
