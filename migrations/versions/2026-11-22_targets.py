"""targets by year, programme and area, in place of four parameters

Revision ID: 4f8a3d61c9e2
Revises: 6b1f04d8a7c2
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "4f8a3d61c9e2"
down_revision = "6b1f04d8a7c2"
branch_labels = None
depends_on = None

PROGRAMMES = ("ktp_el", "kia", "akta", "ikd")
PARAMS = sa.table(
    "param_change",
    sa.column("id", sa.Integer),
    sa.column("name", sa.String),
    sa.column("value", sa.JSON),
    sa.column("changed_by", sa.String),
    sa.column("changed_at", UtcDateTime(timezone=True)),
    sa.column("reason", sa.String),
)


def upgrade() -> None:
    target = op.create_table(
        "target_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share >= 0 AND share <= 1", name=op.f("ck_target_change_share")),
        sa.CheckConstraint("year >= 2011 AND year <= 2100", name=op.f("ck_target_change_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_change")),
    )
    op.create_index(op.f("ix_target_change_area"), "target_change", ["area"])
    names = {f"target.{programme}": programme for programme in PROGRAMMES}
    connection = op.get_bind()
    decided = connection.execute(
        sa.select(PARAMS).where(PARAMS.c.name.in_(names)).order_by(PARAMS.c.id)
    ).all()
    for row in decided:  # what an office had decided holds for the year in which it did so
        connection.execute(
            target.insert().values(
                year=row.changed_at.year, programme=names[row.name], area="", share=row.value,
                source=row.reason, changed_by=row.changed_by, changed_at=row.changed_at,
            )
        )  # fmt: skip


def downgrade() -> None:
    op.drop_index(op.f("ix_target_change_area"), table_name="target_change")
    op.drop_table("target_change")
