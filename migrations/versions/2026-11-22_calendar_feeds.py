"""secret addresses of teams' calendars

Revision ID: e5c07a1b84d2
Revises: b4e81f6a2d70
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "e5c07a1b84d2"
down_revision = "b4e81f6a2d70"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feed_secret_hash")),
    )
    op.create_index(op.f("ix_calendar_feed_team"), "calendar_feed", ["team"])


def downgrade() -> None:
    op.drop_table("calendar_feed")
