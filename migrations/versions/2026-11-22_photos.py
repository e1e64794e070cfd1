"""photos of stops

Revision ID: c86f1d0e47b9
Revises: 90d3e7b25c1a
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "c86f1d0e47b9"
down_revision = "90d3e7b25c1a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stop_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("n_bytes", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "width > 0 AND height > 0 AND n_bytes > 0", name=op.f("ck_stop_photo_size")
        ),
        sa.CheckConstraint(
            "(deleted_at IS NULL) = (deleted_by IS NULL)", name=op.f("ck_stop_photo_deleted")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_stop_photo_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"], name=op.f("fk_stop_photo_village_code_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_photo")),
    )
    op.create_index(op.f("ix_stop_photo_sha256"), "stop_photo", ["sha256"])
    op.create_index(op.f("ix_stop_photo_stop"), "stop_photo", ["plan_id", "team", "day", "order"])


def downgrade() -> None:
    op.drop_index(op.f("ix_stop_photo_stop"), table_name="stop_photo")
    op.drop_index(op.f("ix_stop_photo_sha256"), table_name="stop_photo")
    op.drop_table("stop_photo")
