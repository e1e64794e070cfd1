"""headings that offices taught; what a report has besides rows and findings

Revision ID: 8a0f6d3b1c57
Revises: b716312fdce7
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.db

revision = "8a0f6d3b1c57"
down_revision = "b716312fdce7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learned_heading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("regency_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("meaning", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_heading")),
        sa.UniqueConstraint("regency_code", "key", name=op.f("uq_learned_heading_regency_code")),
    )
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.drop_column("details")
    op.drop_table("learned_heading")
