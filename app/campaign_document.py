"""A campaign as people and machines read it: one JSON document, a CSV of visits, a workbook."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.calendar import zone_of
from app.campaign_texts import CAMPAIGN
from app.campaigns import find_campaign
from app.cells import safe_cell
from app.models import Campaign, Job, Village
from app.public_plan import campaign_as_seen
from app.sheets import workbook, write_sheet
from app.texts import Lang
from app.viewing import view_of
from routing import Programme

NUMBERS = (
    "value", "worth", "bound", "gap", "cost_rupiah", "distance_m", "expected", "expected_p10",
    "expected_p90", "reached_week", "weeks_until_reached", "team_weeks",
    "team_weeks_until_reached", "people_to_look_for",
)  # fmt: skip
LISTS = ("targets", "weeks", "visits", "unvisited")
VISIT_COLUMNS = (
    "week", "team", "day", "order", "village_code", "village_name", "district", "point_code",
    "point_name", "visit_number", "arrive", "depart", "minutes", "service_mode", "with_kit",
    "worth",
)  # fmt: skip
WEEK_COLUMNS = (
    "week", "monday", "season", "working_days", "n_teams", "n_visits", "n_second_visits",
    "cost_rupiah", "worth",
)  # fmt: skip
STANDING_COLUMNS = (
    "week", "served", "verified", "base", "recorded", "share", "not_recorded", "gap_to_target",
)  # fmt: skip


def campaign_list(
    session: Session, regency: str | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """List campaigns, newest first."""
    query = select(Campaign).order_by(col(Campaign.id).desc()).limit(limit)
    if regency is not None:
        query = query.where(Campaign.regency_code == regency)
    sees_counts = view_of(session).sees_counts
    return [
        {
            "campaign_id": row.id,
            "regency_code": row.regency_code,
            "first_week": row.first_week,
            "last_week": row.last_week,
            "created_at": row.created_at.isoformat(),
            "reached_week": row.summary.get("reached_week") if sees_counts else None,
            "is_complete": bool(row.summary.get("is_complete")),
            **_job_fields(session, row.id),
        }
        for row in session.exec(query).all()
    ]


def campaign_document(session: Session, campaign_id: int) -> dict[str, Any]:
    """Give a whole campaign, as far as the session may see it (``public_plan.py``).

    Before its first week is planned the numbers are None.

    Raises
    ------
    CampaignNotFound
        When there is no such campaign.
    """
    row = find_campaign(session, campaign_id)
    name = session.exec(
        select(Village.regency).where(Village.regency_code == row.regency_code)
    ).first()
    document = {
        "campaign_id": row.id,
        "regency": {"code": row.regency_code, "name": name or row.regency_code},
        "first_week": row.first_week,
        "last_week": row.last_week,
        "timezone": zone_of(row.regency_code),
        "created_at": row.created_at.isoformat(),
        "solved_at": None if row.solved_at is None else row.solved_at.isoformat(),
        "request": row.params["request"],
        "is_complete": bool(row.summary.get("is_complete")),
        **{number: row.summary.get(number) for number in NUMBERS},
        **{part: row.summary.get(part, []) for part in LISTS},
        **_job_fields(session, row.id),
    }
    return campaign_as_seen(document, view_of(session))


def _job_fields(session: Session, campaign_id: int | None) -> dict[str, Any]:
    job = session.exec(
        select(Job).where(Job.campaign_id == campaign_id).order_by(col(Job.id).desc())
    ).first()
    return {"job_id": job and job.id, "job_state": job and job.state}


def campaign_csv(session: Session, campaign_id: int) -> str:
    """Write the visits of a campaign as CSV with a header, by week, team, day and order.

    Raises
    ------
    CampaignNotFound
        When there is no such campaign.
    """
    document = campaign_document(session, campaign_id)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*VISIT_COLUMNS, *(f"expected_{p.value}" for p in Programme)])
    for visit in document["visits"]:
        people = (visit["expected"].get(p.value) for p in Programme)
        writer.writerow([*(safe_cell(visit[name]) for name in VISIT_COLUMNS), *people])
    return text.getvalue()


def campaign_xlsx(session: Session, campaign_id: int, lang: Lang) -> bytes:
    """Write a campaign as a workbook: targets, weeks, districts by week, visits.

    Raises
    ------
    CampaignNotFound
        When there is no such campaign.
    """
    document, words = campaign_document(session, campaign_id), CAMPAIGN[lang]
    data, book = workbook(datetime.fromisoformat(document["created_at"]))
    for name, heads, rows in (
        ("targets", ("programme", *STANDING_COLUMNS), _target_rows(document)),
        ("weeks", WEEK_COLUMNS, _rows(document["weeks"], WEEK_COLUMNS)),
        ("districts", *_district_rows(document)),
        (
            "visits",
            (*VISIT_COLUMNS, *(f"expected_{p.value}" for p in Programme)),
            _visit_rows(document),
        ),
    ):
        write_sheet(book, words[name], [words.get(head, head) for head in heads], rows)
    book.close()
    return data.getvalue()


def _rows(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> list[list[Any]]:
    return [[row[name] for name in columns] for row in rows]


def _target_rows(document: dict[str, Any]) -> list[list[Any]]:
    return [
        [target["programme"], *cells]
        for target in document["targets"]
        for cells in _rows([target["start"], *target["standings"]], STANDING_COLUMNS)
    ]


def district_table(document: dict[str, Any]) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Give the weeks, and for each district how many visits it gets in which of them."""
    weeks = [week["week"] for week in document["weeks"]]
    found: dict[str, dict[str, Any]] = {}
    for week in document["weeks"]:
        for district in week["districts"]:
            found.setdefault(district["district"], {})[week["week"]] = district
    return weeks, dict(sorted(found.items()))


def _district_rows(document: dict[str, Any]) -> tuple[tuple[str, ...], list[list[Any]]]:
    weeks, table = district_table(document)
    rows = [
        [district, *(by_week[week]["n_visits"] if week in by_week else None for week in weeks)]
        for district, by_week in table.items()
    ]
    return ("district", *weeks), rows


def _visit_rows(document: dict[str, Any]) -> list[list[Any]]:
    return [
        [
            *(visit[name] for name in VISIT_COLUMNS),
            *(visit["expected"].get(p.value) for p in Programme),
        ]
        for visit in document["visits"]
    ]
