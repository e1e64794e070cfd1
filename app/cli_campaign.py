"""Commands about campaigns: several weeks to a day and a target."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import open_database, parse_date, print_json, say, terminal

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.settings import Settings

commands = typer.Typer()


class CampaignFormat(StrEnum):
    """What a campaign may be written as."""

    CSV = "csv"
    XLSX = "xlsx"


@commands.command()
def campaign(
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
    first_week: Annotated[str | None, typer.Option("--week", metavar="2026-W49")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD")] = None,
    weeks: Annotated[int | None, typer.Option("--weeks", min=1, max=26)] = None,
    target: Annotated[list[str] | None, typer.Option("--target", metavar="ktp_el=0.994")] = None,
    verified: Annotated[float, typer.Option("--verified", min=0, max=1)] = 0.0,
    seconds: Annotated[float | None, typer.Option("--seconds", min=0.1, max=600)] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=0, max=10)] = 1,
    proofs: Annotated[int, typer.Option("--proofs", min=0, max=50)] = 3,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    minutes: Annotated[str | None, typer.Option("--minutes", metavar="120,240,360")] = None,
    max_nights: Annotated[int | None, typer.Option("--max-nights", min=0, max=6)] = None,
    budget: Annotated[int | None, typer.Option("--budget", metavar="RUPIAH")] = None,
    forbid: Annotated[list[str] | None, typer.Option("--forbid", metavar="CODE")] = None,
    season: Annotated[list[str] | None, typer.Option("--season", metavar="wet=W..W")] = None,
    resume: Annotated[int | None, typer.Option("--resume", metavar="CAMPAIGN")] = None,
) -> None:
    """Plan several weeks to a day and a target, or go on with a campaign."""
    day = parse_date(until, "--until")
    with open_database() as (engine, settings):
        from app.schemas.campaigns import CampaignRequest, SeasonSpan

        if resume is not None:
            _show(engine, _resumed(engine, settings, resume))
            return
        asked: dict[str, Any] = {
            "regency": regency or "", "first_week": first_week, "until": day, "weeks": weeks,
            "targets": _shares(target), "verified_share": verified, "seconds": seconds,
            "rounds": rounds, "proofs": proofs, "seed": seed,
            "minutes": [part.strip() for part in minutes.split(",")] if minutes else None,
            "max_nights": max_nights, "budget_rupiah": budget, "forbidden": forbid,
            "seasons": [SeasonSpan.read(text) for text in season or ()],
        }  # fmt: skip
        request = CampaignRequest.model_validate({k: v for k, v in asked.items() if v is not None})
        from app.run import plan_campaign

        _show(engine, plan_campaign(engine, settings, request, terminal))


@commands.command("campaigns")
def campaigns(
    campaign_id: Annotated[int | None, typer.Argument(metavar="CAMPAIGN")] = None,
    regency: Annotated[str | None, typer.Option("--regency", metavar="62.02")] = None,
    form: Annotated[CampaignFormat | None, typer.Option("--format")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """List campaigns; show one, or write it to a file."""
    with open_database() as (engine, _):
        from app.campaign_console import print_campaigns
        from app.campaign_document import campaign_list
        from app.db import reading

        if campaign_id is not None and form is not None:
            target = output or Path(f"campaign-{campaign_id}.{form}")
            n_bytes = target.write_bytes(_file(engine, campaign_id, form))
            say({"file": str(target), "bytes": n_bytes}, "export-done", file=target)
            return
        if campaign_id is not None:
            _show(engine, campaign_id)
            return
        with reading(engine) as session:
            rows = campaign_list(session, regency)
        if terminal.as_json:
            print_json({"items": rows})
        else:
            print_campaigns(rows, terminal)


def _shares(targets: list[str] | None) -> dict[str, str] | None:
    """Read ``ktp_el=0.994`` into a table."""
    from app.ingest.options import pairs

    return None if targets is None else dict(pairs(targets, "--target"))


def _resumed(engine: "Engine", settings: "Settings", campaign_id: int) -> int:
    from app.campaigns import resume_campaign
    from app.db import transaction
    from app.run import run_campaign

    with transaction(engine) as session:
        job_id = resume_campaign(session, campaign_id).id or 0
    return run_campaign(engine, settings, campaign_id, job_id, terminal)


def _file(engine: "Engine", campaign_id: int, form: CampaignFormat) -> bytes:
    from app.campaign_document import campaign_csv, campaign_xlsx
    from app.db import reading

    with reading(engine) as session:
        if form is CampaignFormat.XLSX:
            return campaign_xlsx(session, campaign_id, terminal.lang)
        # A byte order mark tells spreadsheets that this is UTF-8.
        return campaign_csv(session, campaign_id).encode("utf-8-sig")


def _show(engine: "Engine", campaign_id: int) -> None:
    from app.campaign_console import print_campaign
    from app.campaign_document import campaign_document
    from app.db import reading

    with reading(engine) as session:
        document = campaign_document(session, campaign_id)
    if terminal.as_json:
        print_json(document)
    else:
        print_campaign(document, terminal)
