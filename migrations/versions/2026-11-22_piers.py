"""piers

Revision ID: 7c3f90d2b61e
Revises: 5a1e0c7d2f40
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "7c3f90d2b61e"
down_revision = "5a1e0c7d2f40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_pier_import_id_data_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pier")),
    )
    with op.batch_alter_table("pier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pier_import_id"), ["import_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("pier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pier_import_id"))
    op.drop_table("pier")
