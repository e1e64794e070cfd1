"""lodging places, and they as a kind of import

Revision ID: 61f0b7d94c2e
Revises: 3d7a91c5e20b
"""

import sqlalchemy as sa
from alembic import op

revision = "61f0b7d94c2e"
down_revision = "3d7a91c5e20b"
branch_labels = None
depends_on = None

KINDS = (
    "'villages', 'crosswalk', 'counts', 'connectivity', 'network', 'links', 'teams', 'points',"
    " 'staff'"
)


def upgrade() -> None:
    op.create_table(
        "lodging",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("cost_rupiah", sa.Integer(), nullable=True),
        sa.Column("teams", sa.JSON(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("cost_rupiah >= 0", name=op.f("ck_lodging_cost_rupiah")),
        sa.CheckConstraint(
            "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90",
            name=op.f("ck_lodging_position"),
        ),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name=op.f("ck_lodging_both")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_lodging_import_id_data_import")
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"], name=op.f("fk_lodging_village_code_village")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_lodging")),
    )
    op.create_index(op.f("ix_lodging_import_id"), "lodging", ["import_id"])
    op.create_index(op.f("ix_lodging_village_code"), "lodging", ["village_code"])
    _allow_kinds(f"{KINDS}, 'lodging'")


def downgrade() -> None:
    op.drop_index(op.f("ix_lodging_village_code"), table_name="lodging")
    op.drop_index(op.f("ix_lodging_import_id"), table_name="lodging")
    op.drop_table("lodging")
    # What only the newer version can hold goes with it.
    op.execute("DELETE FROM data_import WHERE kind = 'lodging'")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_data_import_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_data_import_kind"), f"kind IN ({kinds})")
