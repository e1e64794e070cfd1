"""How far an area is: coverage by programme, targets, how it went, what is expected.

*Not recorded* is the base less those recorded, signed; *gap to target* is what is missing to the
target share. Nothing is clipped: where more people are recorded than count, a share is over 1 and
``n_over`` tells in how many villages. What is expected is the newest campaign's, whose arithmetic
(``routing.standing``) is the one used here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from app.areas import holds, inside
from app.calendar import monday_of, week_of
from app.coverage import COLUMNS, base_and_recorded
from app.current import CurrentCount, current_counts
from app.errors import RegencyNotFound
from app.figures import counts_as_seen, numbers_of, withheld_from
from app.models import Campaign, DataImport, Plan, Village, VillageCount
from app.progress_reports import Reports, reports_of, sum_of
from app.targets import level_of, targets_in_force
from app.under_way import WORKED_BY
from app.viewing import view_of
from routing import Programme, standing
from routing.campaigns.campaign_targets import wanted

Rows = list[dict[str, Any]]
MOST_DATES = 24
_NUMBERS = (
    "base", "recorded", "share", "not_recorded", "wanted", "gap_to_target", "n_villages", "n_over",
    "oldest", "newest",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Sums of villages that have both numbers of a programme."""

    base: int = 0
    recorded: int = 0
    n_villages: int = 0
    n_over: int = 0
    oldest: date | None = None
    newest: date | None = None

    def add(self, base: int, recorded: int, day: date) -> None:
        """Take in a village."""
        self.base += base
        self.recorded += recorded
        self.n_villages += 1
        self.n_over += recorded > base
        self.oldest = min(self.oldest or day, day)
        self.newest = max(self.newest or day, day)

    def row(self, share: float | None) -> dict[str, Any]:
        """Give it as plain JSON values, with what is missing to a target share."""
        now = standing(share or 0.0, self.base, self.recorded)
        return {
            "base": self.base, "recorded": self.recorded,
            "share": None if now.share is None else round(now.share, 6),
            "not_recorded": self.base - self.recorded,
            "wanted": None if share is None else wanted(share, self.base),
            "gap_to_target": None if share is None else now.gap_to_target,
            "n_villages": self.n_villages, "n_over": self.n_over,
            "oldest": self.oldest and self.oldest.isoformat(),
            "newest": self.newest and self.newest.isoformat(),
        }  # fmt: skip


Tallies = dict[Programme, Tally | None]
"""By programme; None: withheld, or no village has both numbers."""


def progress_document(
    session: Session, area: str, *, today: date, year: int | None = None
) -> dict[str, Any]:
    """Give the progress of a regency, a province (by regency) or the country (by province).

    Who may not see every count gets the coverage of what ``figures`` shows, and nothing that is
    worked out of counts of several days or of estimates.

    Parameters
    ----------
    area
        Code of a regency or province; empty: the country, as far as the session sees it.
    year
        Whose targets are meant; default: this year's.

    Raises
    ------
    RegencyNotFound
        When no village of the area is known.
    """
    names = _names(session, area)
    year = year or today.year
    counts = counts_as_seen(session, area)
    by_regency = _tallies(session, counts)
    sees_all = view_of(session).sees_counts
    reports = {code: reports_of(session, code, counts) for code in names} if sees_all else {}

    def place(code: str) -> dict[str, Any]:
        within = {regency: row for regency, row in by_regency.items() if holds(code, regency)}
        told = sum_of(reports[r] for r in names if holds(code, r)) if sees_all else None
        has_forecast = sees_all and code in names
        return {
            "code": code or None, "name": names.get(code),
            "programmes": _programmes(session, code, year, within, told),
            "forecast": _forecast(session, code, today, counts) if has_forecast else None,
        }  # fmt: skip

    return {
        "level": level_of(area), **place(area), "year": year, "today": today.isoformat(),
        "parts": [place(code) for code in _parts(area, names)],
        "trajectory": _trajectory(session, area, today) if sees_all else [],
        "weeks": _weeks(session, area, reports[area]) if sees_all and area in names else [],
        "is_withheld": not sees_all,
    }  # fmt: skip


def _names(session: Session, area: str) -> dict[str, str]:
    """Name the regencies of an area by code."""
    columns = (col(Village.regency_code), col(Village.regency))
    query = sqlalchemy.select(*columns).where(inside(Village.regency_code, area)).distinct()
    found = {row[0]: row[1] for row in session.execute(query).all()}
    if not found:
        known = session.exec(select(Village.regency_code).distinct()).all()
        raise RegencyNotFound(regency=area or "-", known=", ".join(sorted(known)) or "-")
    return found


def _parts(area: str, names: Iterable[str]) -> list[str]:
    """Give what an area is made of: a province of regencies, the country of provinces."""
    length = {"national": 2, "province": 5}.get(level_of(area))
    return sorted({code[:length] for code in names}) if length else []


# --- coverage ------------------------------------------------------------------------------------


def _tallies(session: Session, counts: Mapping[str, CurrentCount]) -> dict[str, Tallies]:
    """Sum counts up by regency and programme, as far as the session may see them."""
    found: dict[str, Tallies] = {}
    by_regency: dict[str, dict[str, CurrentCount]] = {}
    for code, count in counts.items():
        by_regency.setdefault(code[:5], {})[code] = count
    withheld = withheld_from(view_of(session), numbers_of(counts))
    left_out: dict[str, set[str]] = {}
    for code, column in withheld.left_out:
        left_out.setdefault(code[:5], set()).add(column)
    for regency, villages in by_regency.items():
        hidden = withheld.of(regency) | left_out.get(regency, set())
        found[regency] = {
            programme: _tally(villages.values(), programme)
            if view_of(session).sees_counts or _is_open(villages.values(), columns, hidden)
            else None
            for programme, columns in COLUMNS.items()
        }
    return found


def _is_open(
    villages: Iterable[CurrentCount], columns: tuple[str, str], hidden: Iterable[str]
) -> bool:
    """Whether both sums are those that everybody is shown: one of fewer villages may tell more."""
    whole, part = columns
    alike = all(
        (getattr(count, whole) is None) == (getattr(count, part) is None) for count in villages
    )
    return alike and not {whole, part} & set(hidden)


def _tally(villages: Iterable[CurrentCount], programme: Programme) -> Tally:
    tally = Tally()
    for count in villages:
        pair = base_and_recorded(count, programme)
        if pair is not None:
            tally.add(*pair, min(count.days[name] for name in COLUMNS[programme]))
    return tally


def _sum(tallies: Iterable[Tally | None]) -> Tally | None:
    """Add up regencies; None as soon as one is withheld: it would be the difference."""
    total = Tally()
    for tally in tallies:
        if tally is None:
            return None
        total.base += tally.base
        total.recorded += tally.recorded
        total.n_villages += tally.n_villages
        total.n_over += tally.n_over
        total.oldest = min(filter(None, (total.oldest, tally.oldest)), default=None)
        total.newest = max(filter(None, (total.newest, tally.newest)), default=None)
    return total


def _programmes(
    session: Session, area: str, year: int, by_regency: Mapping[str, Tallies],
    reports: Reports | None,
) -> Rows:  # fmt: skip
    """Give each programme's coverage and target."""
    held = targets_in_force(session, area, year)
    sees_all = view_of(session).sees_counts
    rows = []
    for programme, columns in COLUMNS.items():
        target = held.get(programme.value)
        tally = _sum(tallies[programme] for tallies in by_regency.values())
        numbers = dict.fromkeys(_NUMBERS)
        if tally is not None and tally.n_villages:
            numbers = tally.row(None if target is None else float(target["share"]))
        if not sees_all:
            numbers["n_over"] = None
        rows.append(
            {
                "programme": programme.value, "base_column": columns[0], **numbers,
                "withheld": tally is None, "target": target,
                "with_reports": None
                if reports is None or tally is None or not tally.n_villages
                else _with_reports(tally, target, reports, programme),
            }
        )  # fmt: skip
    return rows


def _with_reports(
    tally: Tally, target: Mapping[str, Any] | None, reports: Reports, programme: Programme
) -> dict[str, Any]:
    """Give coverage with what teams reported since: served are recorded, cleared do not count."""
    share = None if target is None else float(target["share"])
    now = standing(
        share or 0.0, tally.base, tally.recorded, served=reports.served[programme],
        verified=reports.cleared[programme],
    )  # fmt: skip
    return {
        "served": reports.served[programme], "cleared": reports.cleared[programme],
        "base": int(now.base), "recorded": int(now.recorded),
        "share": None if now.share is None else round(now.share, 6),
        "not_recorded": int(now.not_recorded),
        "gap_to_target": None if share is None else now.gap_to_target,
    }  # fmt: skip


# --- how it went, and what is expected -----------------------------------------------------------


def _trajectory(session: Session, area: str, today: date) -> Rows:
    """Give coverage on every day that counts are of, the oldest first, and today."""
    query = (
        sqlalchemy.select(col(VillageCount.as_of))
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(inside(VillageCount.village_code, area))
        .distinct()
    )
    days = sorted(day for day in session.execute(query).scalars() if day < today)[-MOST_DATES:]
    rows = []
    for day in (*days, today):
        counts = current_counts(session, area, on=day).values()
        for programme in COLUMNS:
            tally = _tally(counts, programme)
            if tally.n_villages:
                row = tally.row(None)
                names = ("base", "recorded", "share", "not_recorded", "n_villages")
                rows.append(
                    {"day": day.isoformat(), "programme": programme.value}
                    | {name: row[name] for name in names}
                )
    return rows


def _forecast(
    session: Session, regency: str, today: date, counts: Mapping[str, CurrentCount]
) -> dict[str, Any]:
    """Give what the newest campaign that goes beyond today expects; ``missing`` says why not."""
    row = session.exec(
        select(Campaign)
        .where(Campaign.regency_code == regency)
        .where(Campaign.last_week >= week_of(today))
        .where(col(Campaign.solved_at).is_not(None))
        .order_by(col(Campaign.id).desc())
    ).first()
    if row is None:
        any_at_all = session.exec(
            select(Campaign.id).where(Campaign.regency_code == regency)
        ).first()
        return {
            "missing": "no-campaign" if any_at_all is None else "campaign-over",
            "programmes": [],
        }
    villages = [count for code, count in counts.items() if code.startswith(f"{regency}.")]
    return {
        "missing": None, "campaign_id": row.id, "first_week": row.first_week,
        "last_week": row.last_week, "solved_at": row.solved_at and row.solved_at.isoformat(),
        "is_outdated": any(_is_newer(count, row) for count in villages),
        "programmes": [_expected(target) for target in row.summary["targets"]],
    }  # fmt: skip


def _is_newer(count: CurrentCount, campaign: Campaign) -> bool:
    """Whether a campaign was planned without an import or correction that counts today."""
    solved = campaign.solved_at
    return any(str(number) not in campaign.inputs for number in count.import_ids) or any(
        solved is not None and one.created_at > solved for one in count.corrections
    )


def _expected(target: Mapping[str, Any]) -> dict[str, Any]:
    lows, highs = (target.get(name) or [None] * len(target["standings"])
                   for name in ("recorded_p10", "recorded_p90"))  # fmt: skip
    told = (
        "programme", "is_goal", "reached_week", "reached_p10", "reached_p90", "chance",
        "earliest_week", "ceiling", "to_verify",
    )  # fmt: skip
    return {
        **{name: target[name] for name in told},
        "target_share": target["share"],
        "standings": [
            {
                "week": row["week"],
                "ends": (monday_of(row["week"]) + timedelta(days=6)).isoformat(),
                **{name: row[name] for name in
                   ("base", "recorded", "share", "not_recorded", "gap_to_target")},
                "share_p10": _share(low, row["base"]), "share_p90": _share(high, row["base"]),
            }
            for row, low, high in zip(target["standings"], lows, highs, strict=True)
        ],
    }  # fmt: skip


def _share(recorded: float | None, base: float) -> float | None:
    return None if recorded is None or not base else round(recorded / base, 6)


def _weeks(session: Session, regency: str, reports: Reports) -> Rows:
    """List the weeks that teams worked or will work, the oldest first: expected and reported."""
    plans = session.exec(
        select(Plan)
        .where(Plan.regency_code == regency)
        .where(col(Plan.state).in_(WORKED_BY))
        .order_by(col(Plan.week), col(Plan.id))
    ).all()
    return [
        {
            "week": plan.week, "plan_id": plan.id, "state": plan.state,
            "expected": plan.summary.get("expected", {}), **reports.week(plan.week),
        }
        for plan in plans
    ]  # fmt: skip
