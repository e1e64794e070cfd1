"""the life of plans: versions, steps, assignment letters; one published plan a week

Revision ID: b4e81f6a2d70
Revises: 0d6c2e8b51f7
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "b4e81f6a2d70"
down_revision = "0d6c2e8b51f7"
branch_labels = None
depends_on = None

CARRIED_OUT = sa.text("state IN ('published', 'in_progress')")


def upgrade() -> None:
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaced_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_plan_replaced_by_plan"), "plan", ["replaced_by"], ["id"]
        )
        batch_op.create_index(
            "uq_plan_carried_out", ["regency_code", "week"], unique=True,
            sqlite_where=CARRIED_OUT, postgresql_where=CARRIED_OUT,
        )  # fmt: skip
    op.create_table(
        "plan_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_plan_step_version")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_step_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_step")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_plan_step_plan_id")),
    )
    op.create_index(op.f("ix_plan_step_plan_id"), "plan_step", ["plan_id"])
    op.create_table(
        "assignment_letter",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("ck_assignment_letter_number")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_assignment_letter_plan_id_plan"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "team", name=op.f("pk_assignment_letter")),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("assignment_letter")
    op.drop_index(op.f("ix_plan_step_plan_id"), table_name="plan_step")
    op.drop_table("plan_step")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index("uq_plan_carried_out")
        batch_op.drop_constraint(batch_op.f("fk_plan_replaced_by_plan"), type_="foreignkey")
        batch_op.drop_column("replaced_by")
