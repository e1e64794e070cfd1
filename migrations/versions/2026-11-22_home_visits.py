"""home visits: a count by village, and how many ride on a stop

Revision ID: 90d3e7b25c1a
Revises: 2f9c6a81d4e7
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "90d3e7b25c1a"
down_revision = "2f9c6a81d4e7"
branch_labels = None
depends_on = None

KINDS = (
    "'villages', 'crosswalk', 'counts', 'connectivity', 'network', 'links', 'teams', 'points',"
    " 'staff', 'lodging', 'requests'"
)


def upgrade() -> None:
    op.create_table(
        "home_visit_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_home_visit_count_number")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"],
            name=op.f("fk_home_visit_count_import_id_data_import"),
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"],
            name=op.f("fk_home_visit_count_village_code_village"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_visit_count")),
    )  # fmt: skip
    op.create_index(op.f("ix_home_visit_count_village_code"), "home_visit_count", ["village_code"])
    with op.batch_alter_table("stop", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("home_visits", sa.Integer(), server_default="0", nullable=False)
        )
    _allow_kinds(f"{KINDS}, 'home_visits'")


def downgrade() -> None:
    with op.batch_alter_table("stop", schema=None) as batch_op:
        batch_op.drop_column("home_visits")
    op.drop_index(op.f("ix_home_visit_count_village_code"), table_name="home_visit_count")
    op.drop_table("home_visit_count")
    # What only the newer version can hold goes with it.
    op.execute("DELETE FROM data_import WHERE kind = 'home_visits'")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_data_import_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_data_import_kind"), f"kind IN ({kinds})")
