"""what is ready the evening before a team goes out

Revision ID: 2f9c6a81d4e7
Revises: 4f8a3d61c9e2
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "2f9c6a81d4e7"
down_revision = "4f8a3d61c9e2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readiness_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("replan_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('go', 'no_go')", name=op.f("ck_readiness_entry_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_readiness_entry_job_id_job"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_readiness_entry_plan_id_plan"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["replan_id"], ["plan.id"], name=op.f("fk_readiness_entry_replan_id_plan"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_entry")),
    )  # fmt: skip
    op.create_index(op.f("ix_readiness_entry_day"), "readiness_entry", ["plan_id", "team", "day"])


def downgrade() -> None:
    op.drop_index(op.f("ix_readiness_entry_day"), table_name="readiness_entry")
    op.drop_table("readiness_entry")
