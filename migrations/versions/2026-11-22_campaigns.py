"""campaigns of several weeks

Revision ID: 3d7a91c5e20b
Revises: a7d20f4c9e13
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import app.db

revision = "3d7a91c5e20b"
down_revision = "a7d20f4c9e13"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("state IN ('todo', 'doing')")


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("regency_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_week", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("last_week", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("solved_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.CheckConstraint("step >= 0", name=op.f("ck_campaign_step")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_regency_code"), ["regency_code"])
    op.create_table(
        "campaign_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("week", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("planned_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_week_campaign_id_campaign"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_week")),
        sa.UniqueConstraint("campaign_id", "week", name=op.f("uq_campaign_week_campaign_id")),
    )
    with op.batch_alter_table("campaign_week", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_week_campaign_id"), ["campaign_id"])
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_job_campaign_id_campaign"),
            "campaign",
            ["campaign_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.drop_constraint(batch_op.f("ck_job_kind"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_job_kind"), "kind IN ('solve', 'import', 'campaign')"
        )
    op.create_index(
        "uq_job_active_campaign",
        "job",
        ["campaign_id"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )


def downgrade() -> None:
    op.drop_index("uq_job_active_campaign", table_name="job")
    op.execute("DELETE FROM job WHERE kind = 'campaign'")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_job_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_job_kind"), "kind IN ('solve', 'import')")
        batch_op.drop_constraint(batch_op.f("fk_job_campaign_id_campaign"), type_="foreignkey")
        batch_op.drop_column("campaign_id")
    op.drop_table("campaign_week")
    op.drop_table("campaign")
