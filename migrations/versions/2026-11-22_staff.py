"""staff and their leave

Revision ID: e19a6f3d5b08
Revises: c4b8e2716a90
"""

import sqlalchemy as sa
from alembic import op

revision = "e19a6f3d5b08"
down_revision = "c4b8e2716a90"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("nip", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('leader', 'operator', 'verifier', 'printer', 'driver', 'other')",
            name=op.f("ck_staff_role"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_staff_import_id_data_import")
        ),
        sa.PrimaryKeyConstraint("nip", name=op.f("pk_staff")),
    )
    op.create_index(op.f("ix_staff_import_id"), "staff", ["import_id"])
    op.create_index(op.f("ix_staff_team"), "staff", ["team"])
    op.create_table(
        "staff_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nip", sa.String(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.CheckConstraint("starts <= ends", name=op.f("ck_staff_leave_days")),
        sa.ForeignKeyConstraint(
            ["nip"], ["staff.nip"], name=op.f("fk_staff_leave_nip_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_leave")),
    )
    op.create_index(op.f("ix_staff_leave_nip"), "staff_leave", ["nip"])


def downgrade() -> None:
    op.drop_index(op.f("ix_staff_leave_nip"), table_name="staff_leave")
    op.drop_table("staff_leave")
    op.drop_index(op.f("ix_staff_team"), table_name="staff")
    op.drop_index(op.f("ix_staff_import_id"), table_name="staff")
    op.drop_table("staff")
