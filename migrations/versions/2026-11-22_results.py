"""what teams report of their sessions: entries that are only added

Revision ID: 7b2d94e0f6a3
Revises: e5c07a1b84d2
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "7b2d94e0f6a3"
down_revision = "e5c07a1b84d2"
branch_labels = None
depends_on = None

ENTRY, COUNT = "result_entry", "result_count"
OUTCOMES = (
    "served", "failed", "not_eligible", "already_had", "absent", "deceased", "moved", "not_found",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        ENTRY,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("corrects", sa.String(length=36), nullable=True),
        sa.Column("settles", sa.JSON(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("point_code", sa.String(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("serves", sa.JSON(), nullable=False),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.Column("stop_order", sa.Integer(), nullable=True),
        sa.Column("plan_version", sa.String(), nullable=True),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("signal", sa.String(), nullable=True),
        sa.Column("signal_mbps", sa.Float(), nullable=True),
        sa.Column("power", sa.String(), nullable=True),
        sa.Column("notes", sa.String(length=1000), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("plan_state", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('report', 'settlement')", name=op.f("ck_result_entry_kind")),
        sa.CheckConstraint(
            "via IN ('phone', 'sheet', 'planner')", name=op.f("ck_result_entry_via")
        ),
        sa.CheckConstraint(
            "signal IN ('none', 'weak', 'strong', 'very_strong')",
            name=op.f("ck_result_entry_signal"),
        ),
        sa.CheckConstraint("signal_mbps >= 0", name=op.f("ck_result_entry_signal_mbps")),
        sa.CheckConstraint("power IN ('yes', 'no')", name=op.f("ck_result_entry_power")),
        sa.CheckConstraint("started_at < ended_at", name=op.f("ck_result_entry_times")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_result_entry_plan_id_plan")
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"], name=op.f("fk_result_entry_village_code_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_entry")),
        sa.UniqueConstraint("digest", name=op.f("uq_result_entry_digest")),
    )
    for column in ("plan_id", "key", "team", "day", "village_code"):
        op.create_index(op.f(f"ix_result_entry_{column}"), ENTRY, [column])
    op.create_table(
        COUNT,
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in OUTCOMES),
        *(
            sa.CheckConstraint(f"{name} BETWEEN 0 AND 9999", name=op.f(f"ck_result_count_{name}"))
            for name in OUTCOMES
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["result_entry.id"], name=op.f("fk_result_count_entry_id_result_entry")
        ),
        sa.PrimaryKeyConstraint("entry_id", "programme", name=op.f("pk_result_count")),
    )
    for table in (ENTRY, COUNT):
        _append_only(table)


def _append_only(table: str) -> None:
    """Let the database itself refuse to rewrite what was reported."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def downgrade() -> None:
    for table in (COUNT, ENTRY):
        op.drop_table(table)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_refuse()")
