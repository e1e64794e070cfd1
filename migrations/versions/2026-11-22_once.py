"""imports by the job that stored them; versions of plans

Revision ID: a90e4f6b2c71
Revises: d5b07c3e8a14
"""

import sqlalchemy as sa
from alembic import op

revision = "a90e4f6b2c71"
down_revision = "d5b07c3e8a14"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("job_id", sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_data_import_job_id"), ["job_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_data_import_job_id_job"), "job", ["job_id"], ["id"], ondelete="SET NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_data_import_job_id_job"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_data_import_job_id"), type_="unique")
        batch_op.drop_column("job_id")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_column("version")
