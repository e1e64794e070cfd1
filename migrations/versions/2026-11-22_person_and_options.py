"""who imported a file and what was said about it

Revision ID: 5e1d0c7a94b2
Revises: bc2e60bbb484
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "5e1d0c7a94b2"
down_revision = "bc2e60bbb484"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("options", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.drop_column("options")
        batch_op.drop_column("person")
