"""joined connectivity

Revision ID: b716312fdce7
Revises: 7c3f90d2b61e
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.db

revision = "b716312fdce7"
down_revision = "7c3f90d2b61e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connectivity_contradiction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_code", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("one", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("one_says", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("one_day", sa.Date(), nullable=True),
        sa.Column("other", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("other_says", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("other_day", sa.Date(), nullable=True),
        sa.Column("days_apart", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connectivity_contradiction")),
    )
    with op.batch_alter_table("connectivity_contradiction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_connectivity_contradiction_village_code"), ["village_code"], unique=False
        )

    op.create_table(
        "connectivity_join",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("joined_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_connectivity_join_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connectivity_join")),
    )
    op.create_table(
        "coverage_area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("signal", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("definition", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("confidence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "signal IN ('none', 'weak', 'strong', 'very_strong')",
            name=op.f("ck_coverage_area_signal"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_coverage_area_import_id_data_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_area")),
    )
    with op.batch_alter_table("coverage_area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coverage_area_import_id"), ["import_id"], unique=False)

    op.create_table(
        "coverage_raster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("definition", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("confidence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_coverage_raster_import_id_data_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_raster")),
    )
    with op.batch_alter_table("coverage_raster", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_coverage_raster_import_id"), ["import_id"], unique=False
        )

    op.create_table(
        "connectivity_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("says", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("definition", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("confidence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=True),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["data_import.id"],
            name=op.f("fk_connectivity_evidence_import_id_data_import"),
        ),
        sa.ForeignKeyConstraint(
            ["village_code"],
            ["village.code"],
            name=op.f("fk_connectivity_evidence_village_code_village"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connectivity_evidence")),
    )
    with op.batch_alter_table("connectivity_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_connectivity_evidence_village_code"), ["village_code"], unique=False
        )

    op.create_table(
        "village_connectivity",
        sa.Column("village_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("signal", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("definition", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("confidence", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("share_covered", sa.Float(), nullable=True),
        sa.Column("power", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("power_as_of", sa.Date(), nullable=True),
        sa.Column("power_source", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("power_import_id", sa.Integer(), nullable=True),
        sa.Column("n_contradictions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["data_import.id"],
            name=op.f("fk_village_connectivity_import_id_data_import"),
        ),
        sa.ForeignKeyConstraint(
            ["power_import_id"],
            ["data_import.id"],
            name=op.f("fk_village_connectivity_power_import_id_data_import"),
        ),
        sa.ForeignKeyConstraint(
            ["village_code"],
            ["village.code"],
            name=op.f("fk_village_connectivity_village_code_village"),
        ),
        sa.PrimaryKeyConstraint("village_code", name=op.f("pk_village_connectivity")),
    )
    with op.batch_alter_table("tower", schema=None) as batch_op:
        batch_op.add_column(sa.Column("definition", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("confidence", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("row", sa.Integer(), nullable=True))
        batch_op.alter_column("name", existing_type=sa.String(), nullable=True)
        batch_op.alter_column("status", existing_type=sa.String(), nullable=True)
    # What a list of towers that says nothing else is given when it is read.
    op.execute(
        "UPDATE tower SET definition = 'tower_range', "
        "confidence = CASE WHEN observed_on IS NULL THEN 'low' ELSE 'medium' END"
    )
    with op.batch_alter_table("tower", schema=None) as batch_op:
        batch_op.alter_column("definition", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("confidence", existing_type=sa.String(), nullable=False)


def downgrade() -> None:
    op.execute("UPDATE tower SET name = coalesce(name, ''), status = coalesce(status, '')")
    with op.batch_alter_table("tower", schema=None) as batch_op:
        batch_op.alter_column("status", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.alter_column("name", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.drop_column("row")
        batch_op.drop_column("confidence")
        batch_op.drop_column("definition")

    op.drop_table("village_connectivity")
    with op.batch_alter_table("connectivity_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connectivity_evidence_village_code"))

    op.drop_table("connectivity_evidence")
    with op.batch_alter_table("coverage_raster", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coverage_raster_import_id"))

    op.drop_table("coverage_raster")
    with op.batch_alter_table("coverage_area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coverage_area_import_id"))

    op.drop_table("coverage_area")
    op.drop_table("connectivity_join")
    with op.batch_alter_table("connectivity_contradiction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connectivity_contradiction_village_code"))

    op.drop_table("connectivity_contradiction")
