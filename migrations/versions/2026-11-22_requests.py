"""requests for visits with their steps, and they as a kind of import

Revision ID: 7d1b4e60a9c3
Revises: 7b2d94e0f6a3
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "7d1b4e60a9c3"
down_revision = "7b2d94e0f6a3"
branch_labels = None
depends_on = None

KINDS = (
    "'villages', 'crosswalk', 'counts', 'connectivity', 'network', 'links', 'teams', 'points',"
    " 'staff', 'lodging'"
)


def upgrade() -> None:
    op.create_table(
        "visit_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=False),
        sa.Column("programmes", sa.JSON(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('village', 'school', 'complaint')", name=op.f("ck_visit_request_kind")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'verified', 'scheduled', 'done', 'refused')",
            name=op.f("ck_visit_request_state"),
        ),
        sa.CheckConstraint("people > 0", name=op.f("ck_visit_request_people")),
        sa.CheckConstraint("number <> ''", name=op.f("ck_visit_request_number")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_visit_request_import_id_data_import")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_visit_request_plan_id_plan"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"], name=op.f("fk_visit_request_village_code_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request")),
        sa.UniqueConstraint(
            "number", "village_code", "kind", name=op.f("uq_visit_request_number")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_visit_request_village_code"), "visit_request", ["village_code"])
    op.create_index(op.f("ix_visit_request_plan_id"), "visit_request", ["plan_id"])
    op.create_table(
        "request_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"],
            name=op.f("fk_request_step_request_id_visit_request"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_step")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_request_step_request_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_request_step_request_id"), "request_step", ["request_id"])
    _allow_kinds(f"{KINDS}, 'requests'")


def downgrade() -> None:
    op.drop_index(op.f("ix_request_step_request_id"), table_name="request_step")
    op.drop_table("request_step")
    op.drop_index(op.f("ix_visit_request_plan_id"), table_name="visit_request")
    op.drop_index(op.f("ix_visit_request_village_code"), table_name="visit_request")
    op.drop_table("visit_request")
    # What only the newer version can hold goes with it.
    op.execute("DELETE FROM data_import WHERE kind = 'requests'")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_data_import_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_data_import_kind"), f"kind IN ({kinds})")
