"""counts that planners put right or estimate

Revision ID: c41d8e2f9a06
Revises: c41d7be90a35
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.db

revision = "c41d8e2f9a06"
down_revision = "c41d7be90a35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "count_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("imported", sa.Integer(), nullable=True),
        sa.Column("imported_as_of", sa.Date(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("withdraws", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('correction', 'estimate', 'withdrawal')",
            name=op.f("ck_count_correction_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'withdrawal') = (value IS NULL) AND"
            " (kind = 'withdrawal') = (withdraws IS NOT NULL)",
            name=op.f("ck_count_correction_withdrawal"),
        ),
        sa.CheckConstraint(
            "reason <> '' AND person <> ''", name=op.f("ck_count_correction_accounted")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["data_import.id"],
            name=op.f("fk_count_correction_import_id_data_import"),
        ),
        sa.ForeignKeyConstraint(
            ["village_code"],
            ["village.code"],
            name=op.f("fk_count_correction_village_code_village"),
        ),
        sa.ForeignKeyConstraint(
            ["withdraws"],
            ["count_correction.id"],
            name=op.f("fk_count_correction_withdraws_count_correction"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_correction")),
        sa.UniqueConstraint("withdraws", name=op.f("uq_count_correction_withdraws")),
    )
    with op.batch_alter_table("count_correction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_count_correction_village_code"), ["village_code"], unique=False
        )


def downgrade() -> None:
    op.drop_table("count_correction")
