"""What each import said of a village, as GeoJSON: today's row holds only the newest."""

import shapely
from sqlmodel import Session, col, select

from app.errors import VillageNotFound
from app.features import Feature, encode_geometries
from app.models import DataImport, Village, VillageEdition


def edition_features(session: Session, code: str) -> list[Feature]:
    """Give the editions of a village, the newest first: its outline then, else its point.

    ``is_current`` tells the edition that its name and position are from today,
    ``is_current_outline`` the one that its outline is from, if it has any.

    Raises
    ------
    VillageNotFound
        When no village has this code.
    """
    village = session.get(Village, code)
    if village is None:
        raise VillageNotFound(code=code)
    rows = session.exec(
        select(VillageEdition, DataImport)
        .join(DataImport)
        .where(VillageEdition.village_code == code)
        .order_by(col(VillageEdition.import_id).desc())
    ).all()
    shapes = [row.geometry or shapely.Point(row.lon, row.lat) for row, _ in rows]
    return [
        {
            "type": "Feature",
            "id": f"{code}-{row.import_id}",
            "geometry": shape,
            "properties": {
                **row.model_dump(exclude={"id", "geometry"}),
                "has_outline": row.geometry is not None,
                "is_current": row.import_id == village.import_id,
                "is_current_outline": row.import_id == village.outline_import_id,
                **of.model_dump(include={"file_name", "sha256", "source", "as_of", "person"}),
                "imported_at": of.created_at,
            },
        }
        for (row, of), shape in zip(rows, encode_geometries(shapes), strict=True)
    ]
