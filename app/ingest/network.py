"""Roads and rivers -> rows."""

from sqlmodel import Session

from app.ingest.source import Reading, Source, reading_of
from app.models import NetworkLine
from app.rows import insert_rows, plain


def read_network(source: Source) -> Reading:
    """Read lines of roads and rivers."""
    from geodata.network import read_network as read_file

    found = read_file(source.path)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        boxes = frame.geometry.bounds
        columns = (
            *("mode", "highway", "surface", "waterway", "name", "oneway"),
            *("structure", "flow", "fixed_min"),
        )
        rows = [
            {**plain(row, columns), "geometry": line, "west": box[0], "south": box[1],
             "east": box[2], "north": box[3], "import_id": import_id}
            for row, line, box in zip(
                frame.to_dict("records"), frame.geometry, boxes.itertuples(index=False), strict=True
            )
        ]  # fmt: skip
        insert_rows(session, NetworkLine, rows)

    west, south, east, north = map(float, frame.total_bounds)
    return reading_of(found, store, box=(west, south, east, north) if len(frame) else None)
