"""accounts, what opens them, and who did what

Revision ID: a7d20f4c9e13
Revises: f2a6c9d01b73
"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "a7d20f4c9e13"
down_revision = "f2a6c9d01b73"
branch_labels = None
depends_on = None

LOG = "audit_entry"


def upgrade() -> None:
    for table in ("data_import", "job"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("area", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'planner', 'approver', 'team', 'viewer')",
            name=op.f("ck_account_role"),
        ),
        sa.CheckConstraint("(role = 'team') = (team IS NOT NULL)", name=op.f("ck_account_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('session', 'token', 'link')", name=op.f("ck_credential_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_credential_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_credential_secret_hash")),
    )
    op.create_index(op.f("ix_credential_account_id"), "credential", ["account_id"])
    op.create_table(
        LOG,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    for column in ("at", "account", "action"):
        op.create_index(op.f(f"ix_audit_entry_{column}"), LOG, [column])
    _append_only()


def _append_only() -> None:
    """Let the database itself refuse to rewrite what was done."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {LOG}_no_{event.lower()} BEFORE {event} ON {LOG} "
                f"BEGIN SELECT RAISE(ABORT, '{LOG} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {LOG}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{LOG} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {LOG}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {LOG} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {LOG}_refuse()"
    )


def downgrade() -> None:
    op.drop_table(LOG)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {LOG}_refuse()")
    op.drop_table("credential")
    op.drop_table("account")
    for table in ("job", "data_import"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("area")
