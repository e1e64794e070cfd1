"""What was said of one village, import by import."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.conditional import encode, respond
from app.api.deps import ReadDep, VillageCode
from app.api.features import MEDIA_TYPE
from app.api.problems import problems
from app.errors import VillageNotFound
from app.features import collection
from app.village_editions import edition_features

router = APIRouter(prefix="/api/v1/villages", tags=["villages"])

_EDITION = {
    "village_code": "62.02.01.2003",
    "import_id": 1,
    "name": "Palangan",
    "kind": "desa",
    "district_code": "62.02.01",
    "district": "Kota Besi",
    "regency_code": "62.02",
    "regency": "Kotawaringin Timur",
    "lon": 112.739984,
    "lat": -2.365385,
    "has_outline": False,
    "is_current": True,
    "is_current_outline": False,
    "file_name": "titik_desa.geojson",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "source": "Dinas PMD",
    "as_of": "2025-06-30",
    "person": "Siti",
    "imported_at": "2026-11-22T03:00:00+00:00",
}
_FEATURE = {
    "type": "Feature",
    "id": "62.02.01.2003-1",
    "geometry": {"type": "Point", "coordinates": [112.739984, -2.365385]},
    "properties": _EDITION,
}


@router.get(
    "/{code}/editions",
    operation_id="list_village_editions",
    summary="What each import said of a village",
    response_class=Response,
    responses={
        200: {
            "description": "A FeatureCollection (RFC 7946), the newest edition first.",
            "content": {
                MEDIA_TYPE: {
                    "schema": {"type": "object"},
                    "example": {"type": "FeatureCollection", "features": [_FEATURE]},
                }
            },
            "headers": {"ETag": {"description": "Strong.", "schema": {"type": "string"}}},
        },
        304: {"description": "Nothing has changed since the ETag sent."},
        **problems(VillageNotFound),
    },
)
def get_editions(request: Request, session: ReadDep, code: VillageCode) -> Response:
    """Give name, position and outline of every import that named the village; none is ever lost.

    Where an import has no outline its point is drawn. `is_current` marks the edition that holds
    today, `is_current_outline` the one whose outline does.
    """
    document = encode(collection(edition_features(session, code)))
    return respond(request, document, MEDIA_TYPE)
