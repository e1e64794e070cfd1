"""straight lines

Revision ID: c41d7be90a35
Revises: 7c3f5d9e1b62
"""

import sqlalchemy as sa
from alembic import op

revision = "c41d7be90a35"
down_revision = "7c3f5d9e1b62"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stop", schema=None) as batch_op:
        batch_op.add_column(sa.Column("off_network_m", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("is_straight_line", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("follows_network", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("is_straight_line", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    # Walks bear no note, scheduled links their name.
    leg = sa.table(
        "leg",
        *(sa.column(name, sa.String()) for name in ("mode", "note")),
        sa.column("follows_network", sa.Boolean()),
    )
    is_link = sa.and_(leg.c.note.is_not(None), leg.c.note != "hired motorcycle")
    op.execute(
        leg.update().where(sa.or_(leg.c.mode == "walk", is_link)).values(follows_network=sa.false())
    )


def downgrade() -> None:
    with op.batch_alter_table("leg", schema=None) as batch_op:
        batch_op.drop_column("is_straight_line")
        batch_op.drop_column("follows_network")
    with op.batch_alter_table("stop", schema=None) as batch_op:
        batch_op.drop_column("is_straight_line")
        batch_op.drop_column("off_network_m")
