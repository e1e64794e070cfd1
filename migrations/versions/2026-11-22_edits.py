"""changes of plans by hand

Revision ID: 2fd8a60b91ce
Revises: 4c1e07d95ab8
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "2fd8a60b91ce"
down_revision = "4c1e07d95ab8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.CheckConstraint("version > 0", name=op.f("ck_plan_edit_version")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_edit_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_edit")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_plan_edit_plan_id")),
    )
    op.create_index(op.f("ix_plan_edit_plan_id"), "plan_edit", ["plan_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_plan_edit_plan_id"), table_name="plan_edit")
    op.drop_table("plan_edit")
