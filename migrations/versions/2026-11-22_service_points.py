"""service points; staff as a kind of import

Revision ID: 7c3f5d9e1b62
Revises: 9be40c1d7a35
"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "7c3f5d9e1b62"
down_revision = "9be40c1d7a35"
branch_labels = None
depends_on = None

KINDS = "'villages', 'crosswalk', 'counts', 'connectivity', 'network', 'links', 'teams'"


def upgrade() -> None:
    op.create_table(
        "service_point",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("power", sa.String(), nullable=True),
        sa.Column("signal", sa.String(), nullable=True),
        sa.Column("opens", sa.String(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.Column("changed_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('village_hall', 'district_office', 'mpp', 'school', 'company', 'prison',"
            " 'other')",
            name=op.f("ck_service_point_kind"),
        ),
        sa.CheckConstraint(
            "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90",
            name=op.f("ck_service_point_position"),
        ),
        sa.CheckConstraint("power IN ('yes', 'no')", name=op.f("ck_service_point_power")),
        sa.CheckConstraint(
            "signal IN ('none', 'weak', 'strong', 'very_strong')",
            name=op.f("ck_service_point_signal"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_service_point_import_id_data_import")
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"], name=op.f("fk_service_point_village_code_village")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service_point")),
    )
    op.create_index(op.f("ix_service_point_import_id"), "service_point", ["import_id"])
    op.create_index(op.f("ix_service_point_village_code"), "service_point", ["village_code"])
    op.create_table(
        "point_village",
        sa.Column("point_code", sa.String(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_code"],
            ["service_point.code"],
            name=op.f("fk_point_village_point_code_service_point"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"], name=op.f("fk_point_village_village_code_village")
        ),
        sa.PrimaryKeyConstraint("point_code", "village_code", name=op.f("pk_point_village")),
    )
    op.create_index(op.f("ix_point_village_village_code"), "point_village", ["village_code"])
    with op.batch_alter_table("stop", schema=None) as batch_op:
        batch_op.add_column(sa.Column("point_code", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("point_name", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("point_kind", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("lon", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("lat", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("serves", sa.JSON(), nullable=False, server_default="[]"))
    _allow_kinds(f"{KINDS}, 'points', 'staff'")


def downgrade() -> None:
    # What only the newer version can hold goes with it.
    op.drop_index(op.f("ix_point_village_village_code"), table_name="point_village")
    op.drop_table("point_village")
    op.drop_index(op.f("ix_service_point_village_code"), table_name="service_point")
    op.drop_index(op.f("ix_service_point_import_id"), table_name="service_point")
    op.drop_table("service_point")
    op.execute("DELETE FROM data_import WHERE kind IN ('points', 'staff')")
    with op.batch_alter_table("stop", schema=None) as batch_op:
        for name in ("serves", "lat", "lon", "point_kind", "point_name", "point_code"):
            batch_op.drop_column(name)
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("data_import", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_data_import_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_data_import_kind"), f"kind IN ({kinds})")
