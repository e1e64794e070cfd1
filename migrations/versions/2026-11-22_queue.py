"""order, versions and uniqueness of jobs; the queue of PostgreSQL

Revision ID: d5b07c3e8a14
Revises: 61f0b7d94c2e
"""

import sqlalchemy as sa
from alembic import op

revision = "d5b07c3e8a14"
down_revision = "61f0b7d94c2e"
branch_labels = None
depends_on = None

KINDS = "'solve', 'import', 'campaign'"


def upgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("once", sa.String(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_job_once"), ["once"])
        batch_op.drop_constraint(batch_op.f("ck_job_kind"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_job_kind"), f"kind IN ({KINDS}, 'plan_all')"
        )
    if op.get_bind().dialect.name == "postgresql":
        from app.jobs.queue_tables import bring_up

        bring_up(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        from app.jobs.queue_tables import drop

        drop(op.get_bind())
    op.execute("DELETE FROM job WHERE kind = 'plan_all'")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_job_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_job_kind"), f"kind IN ({KINDS})")
        batch_op.drop_constraint(batch_op.f("uq_job_once"), type_="unique")
        batch_op.drop_column("once")
        batch_op.drop_column("version")
        batch_op.drop_column("priority")
