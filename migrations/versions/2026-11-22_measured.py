"""rows about signal and power that no file told, but a team measured

Revision ID: 4c1e07d95ab8
Revises: c86f1d0e47b9
"""

import sqlalchemy as sa
from alembic import op

revision = "4c1e07d95ab8"
down_revision = "c86f1d0e47b9"
branch_labels = None
depends_on = None


def _needs_import(needed: bool) -> None:
    with op.batch_alter_table("connectivity_evidence", schema=None) as batch_op:
        batch_op.alter_column("import_id", existing_type=sa.Integer(), nullable=not needed)


def upgrade() -> None:
    _needs_import(False)


def downgrade() -> None:
    op.execute("DELETE FROM connectivity_evidence WHERE import_id IS NULL")
    _needs_import(True)
