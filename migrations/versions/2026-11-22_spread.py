"""P10, P90 and the factors of each stop

Revision ID: c4b8e2716a90
Revises: c41d8e2f9a06
"""

import sqlalchemy as sa
from alembic import op

revision = "c4b8e2716a90"
down_revision = "c41d8e2f9a06"
branch_labels = None
depends_on = None

COLUMNS = {
    "expected_p10": sa.JSON,
    "expected_p90": sa.JSON,
    "worth_p10": sa.Float,
    "worth_p90": sa.Float,
    "factors": sa.JSON,
}


def upgrade() -> None:
    with op.batch_alter_table("stop", schema=None) as batch_op:
        for name, kind in COLUMNS.items():
            batch_op.add_column(sa.Column(name, kind(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("stop", schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
