"""how plans were made, so that they can be made again

Revision ID: 6b1f04d8a7c2
Revises: 7d1b4e60a9c3
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "6b1f04d8a7c2"
down_revision = "7d1b4e60a9c3"
branch_labels = None
depends_on = None

KINDS = "'solve', 'import', 'campaign', 'plan_all'"


def upgrade() -> None:
    op.create_table(
        "plan_record",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("problem_digest", sa.String(length=64), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_record_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_record")),
    )
    _allow(f"{KINDS}, 'reproduce'")


def downgrade() -> None:
    op.execute("DELETE FROM job WHERE kind = 'reproduce'")
    _allow(KINDS)
    op.drop_table("plan_record")


def _allow(kinds: str) -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_job_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_job_kind"), f"kind IN ({kinds})")
