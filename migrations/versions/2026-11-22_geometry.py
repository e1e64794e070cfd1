"""geometry as PostGIS keeps it, and indexes by box

Revision ID: 0d6c2e8b51f7
Revises: a90e4f6b2c71
"""

import sqlalchemy as sa
from alembic import op

from app.geometry import drop_indexes, make_indexes

revision = "0d6c2e8b51f7"
down_revision = "a90e4f6b2c71"
branch_labels = None
depends_on = None

TABLES = ("village", "village_edition", "coverage_area", "network_line", "leg")
SEARCHED = ("village", "coverage_area", "network_line")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")  # `db.migrate` has seen to it
        _change_to("geometry(Geometry,4326)", "ST_GeomFromWKB(geometry, 4326)")
    make_indexes(op.get_bind(), SEARCHED)


def downgrade() -> None:
    drop_indexes(op.get_bind(), SEARCHED)
    if op.get_bind().dialect.name == "postgresql":
        # The extension stays: others may use it.
        _change_to("bytea", "ST_AsBinary(geometry, 'NDR')")


def _change_to(kind: str, expression: str) -> None:
    for table in TABLES:
        op.execute(sa.text(f"ALTER TABLE {table} ALTER geometry TYPE {kind} USING {expression}"))
