"""office parameters

Revision ID: 5a1e0c7d2f40
Revises: 5e1d0c7a94b2
"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "5a1e0c7d2f40"
down_revision = "5e1d0c7a94b2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "param_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_param_change")),
    )
    op.create_index(op.f("ix_param_change_name"), "param_change", ["name"])


def downgrade() -> None:
    op.drop_index(op.f("ix_param_change_name"), table_name="param_change")
    op.drop_table("param_change")
