"""rapids on the way to a stop

Revision ID: 9be40c1d7a35
Revises: 8a0f6d3b1c57
"""

import sqlalchemy as sa
from alembic import op

revision = "9be40c1d7a35"
down_revision = "8a0f6d3b1c57"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("stop", "leg"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("n_rapids", sa.Integer(), nullable=False, server_default="0")
            )


def downgrade() -> None:
    for table in ("leg", "stop"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("n_rapids")
