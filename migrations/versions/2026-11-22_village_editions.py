"""villages as each import gave them

Revision ID: f2a6c9d01b73
Revises: e19a6f3d5b08
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "f2a6c9d01b73"
down_revision = "e19a6f3d5b08"
branch_labels = None
depends_on = None

_COPIED = (
    "import_id, name, kind, district_code, district, regency_code, regency, lon, lat, geometry"
)


def upgrade() -> None:
    op.create_table(
        "village_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_code", sqlmodel.sql.sqltypes.AutoString(length=13), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("district_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("district", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("regency_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("regency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90",
            name=op.f("ck_village_edition_position"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["data_import.id"],
            name=op.f("fk_village_edition_import_id_data_import"),
        ),
        sa.ForeignKeyConstraint(
            ["village_code"],
            ["village.code"],
            name=op.f("fk_village_edition_village_code_village"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village_edition")),
        sa.UniqueConstraint(
            "village_code", "import_id", name=op.f("uq_village_edition_village_code")
        ),
    )
    with op.batch_alter_table("village_edition", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_village_edition_import_id"), ["import_id"], unique=False
        )
    with op.batch_alter_table("village", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outline_import_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_village_outline_import_id_data_import"),
            "data_import",
            ["outline_import_id"],
            ["id"],
        )
        batch_op.create_index(
            batch_op.f("ix_village_outline_import_id"), ["outline_import_id"], unique=False
        )
    # Which earlier import drew an outline was not kept: the newest import of the village stands
    # for it.
    op.execute("UPDATE village SET outline_import_id = import_id WHERE geometry IS NOT NULL")
    op.execute(
        f"INSERT INTO village_edition (village_code, {_COPIED}) SELECT code, {_COPIED} FROM village"  # noqa: S608 (constant text)
    )


def downgrade() -> None:
    with op.batch_alter_table("village", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_village_outline_import_id"))
        batch_op.drop_constraint(
            batch_op.f("fk_village_outline_import_id_data_import"), type_="foreignkey"
        )
        batch_op.drop_column("outline_import_id")
    op.drop_table("village_edition")
