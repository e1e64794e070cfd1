"""Commands about accounts, tokens and the log of what was done."""

import getpass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import open_database, parse_date, print_json, say, terminal

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.models import Account
    from app.settings import Settings

accounts = typer.Typer()
tokens = typer.Typer()
log = typer.Typer()
Name = Annotated[str, typer.Argument(metavar="NAME")]
Area = Annotated[str | None, typer.Option("--area", metavar="62 | 62.02")]
TeamName = Annotated[str | None, typer.Option("--team", metavar="TEAM")]


@accounts.callback(invoke_without_command=True)
def account(context: typer.Context) -> None:
    """Show accounts, or change them."""
    if context.invoked_subcommand is None:
        list_accounts()


@accounts.command("list")
def list_accounts() -> None:
    """List accounts with role and area."""
    with open_database() as (engine, _):
        from app.accounts import account_rows
        from app.console import print_accounts
        from app.db import reading

        with reading(engine) as session:
            rows = account_rows(session)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_accounts(rows, terminal)


@accounts.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option("--role", metavar="admin|planner|approver|team|viewer")],
    area: Area = None,
    team: TeamName = None,
) -> None:
    """Add an account, and print the link with which it signs in the first time."""
    with open_database() as (engine, settings):
        from app.accounts import add_account
        from app.db import transaction

        with transaction(engine) as session:
            made = add_account(session, name, role=role, area=area or "", team=team)
            _record(session, "create_account", name, role=role, area=area)
            _say_link(session, made, settings)


@accounts.command("change")
def change(
    name: Name,
    role: Annotated[
        str | None, typer.Option("--role", metavar="admin|planner|approver|team|viewer")
    ] = None,
    area: Annotated[str | None, typer.Option("--area", metavar="62 | 62.02 | ''")] = None,
    team: TeamName = None,
) -> None:
    """Change the role, the area or the team of an account."""
    _change(name, role=role, area=area, team=team)


@accounts.command("close")
def close(name: Name) -> None:
    """Close an account: nothing of it opens any more; what it did stays in the log."""
    _change(name, is_active=False)


@accounts.command("open")
def reopen(name: Name) -> None:
    """Open a closed account again."""
    _change(name, is_active=True)


@accounts.command("link")
def link(name: Name) -> None:
    """Print a link that signs in once, for who has forgotten a password."""
    with open_database() as (engine, settings):
        from app.accounts import find_account
        from app.db import transaction

        with transaction(engine) as session:
            found = find_account(session, name)
            _record(session, "create_sign_in_link", name)
            _say_link(session, found, settings)


@tokens.callback(invoke_without_command=True)
def token(context: typer.Context) -> None:
    """Show tokens of machines and phones, or change them."""
    if context.invoked_subcommand is None:
        list_tokens()


@tokens.command("list")
def list_tokens() -> None:
    """List tokens that were not revoked; secrets are not kept."""
    with open_database() as (engine, _):
        from app.console import print_tokens
        from app.credentials import token_rows
        from app.db import reading

        with reading(engine) as session:
            rows = token_rows(session)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_tokens(rows, terminal)


@tokens.command("add")
def add_token(
    name: Name,
    purpose: Annotated[str, typer.Option("--for", metavar="PURPOSE")],
    days: Annotated[int, typer.Option("--days", min=1)] = 365,
) -> None:
    """Make a token for an account and print it: it is shown this once."""
    with open_database() as (engine, _):
        from app.accounts import find_account
        from app.credentials import issue_token, token_row
        from app.db import transaction

        with transaction(engine) as session:
            row, secret = issue_token(session, find_account(session, name), purpose, days)
            _record(session, "create_token", name, token_id=row.id, purpose=purpose)
            shown = token_row(row, name)
        say(
            {**shown, "token": secret}, "token-made",
            secret=secret, account=name, day=shown["expires_at"][:10], token_id=row.id,
        )  # fmt: skip


@tokens.command("revoke")
def revoke(token_id: Annotated[int, typer.Argument(metavar="TOKEN")]) -> None:
    """Revoke a token: it opens nothing from now on."""
    with open_database() as (engine, _):
        from app.credentials import revoke_token
        from app.db import transaction

        with transaction(engine) as session:
            revoke_token(session, token_id)
            _record(session, "revoke_token", str(token_id))
        say({"token_id": token_id}, "token-revoked", token_id=token_id)


@log.command("audit")
def audit(
    since: Annotated[str | None, typer.Option("--since", metavar="YYYY-MM-DD")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD")] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="NAME")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """Tell who did what, or write it to a table."""
    first, last = parse_date(since, "--since"), parse_date(until, "--until")
    with open_database() as (engine, _):
        from app.audit import entries, entries_csv, entries_json
        from app.console import print_audit
        from app.db import reading

        with reading(engine) as session:
            rows = entries(session, since=first, until=last, account=account)
        if output is not None:
            is_json = output.suffix.lower() == ".json"
            data = entries_json(rows) if is_json else entries_csv(rows).encode("utf-8-sig")
            output.write_bytes(data)
            say({"file": str(output), "bytes": len(data)}, "export-done", file=output)
        elif terminal.as_json:
            print_json({"items": rows})
        else:
            print_audit(rows, terminal)


def _change(name: str, **values: Any) -> None:  # noqa: ANN401 (arguments of change_account)
    with open_database() as (engine, _):
        from app.accounts import account_row, change_account
        from app.console import print_accounts
        from app.db import transaction

        with transaction(engine) as session:
            row = account_row(change_account(session, name, **values))
            told = {key: value for key, value in values.items() if value is not None}
            _record(session, "change_account", name, **told)
        if terminal.as_json:
            print_json(row)
        else:
            print_accounts([row], terminal)


def _say_link(session: "Session", account: "Account", settings: "Settings") -> None:
    from app.credentials import LINK_LASTS, issue
    from app.models import CredentialKind

    _, secret = issue(session, account, CredentialKind.LINK, lasts=LINK_LASTS)
    hours = LINK_LASTS // timedelta(hours=1)
    url = settings.link(secret)
    say({"name": account.name, "link": url}, "link-made", name=account.name, url=url, hours=hours)


def _record(session: "Session", action: str, subject: str, **details: object) -> None:
    from app.audit import record

    record(session, action, subject, account=getpass.getuser(), details=details)
