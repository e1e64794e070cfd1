"""Sums of what counts: by stop, day, team, programme and village."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from app.current import CurrentCount, current_counts
from app.results.outcomes import ByProgramme, shared_out, total
from app.results.standing import SessionResult, standing
from geodata.columns import COUNT_COLUMNS
from routing import Counts, Programme, WorthParams, listed_need


def village_totals(
    session: Session,
    regency: str,
    *,
    since: date | None = None,
    until: date | None = None,
    until_entry: int | None = None,
) -> dict[str, ByProgramme]:
    """Add up by village and programme what counts now.

    What a session served of several villages is shared out in proportion to the people listed in
    each (``outcomes.shared_out``), so that sums over villages are sums over sessions.

    Parameters
    ----------
    since, until
        Days of sessions: after ``since``, up to and with ``until``.
    """
    counts = current_counts(session, regency)
    found: dict[str, ByProgramme] = {}
    for one in standing(session, regency=regency, until_entry=until_entry).sessions:
        if (since is None or one.place.day > since) and (until is None or one.place.day <= until):
            for code, table in by_village(one, counts).items():
                found[code] = total([found.get(code, {}), table])
    return found


def by_village(one: SessionResult, counts: Mapping[str, CurrentCount]) -> dict[str, ByProgramme]:
    """Share a session out among the villages that it served."""
    codes = one.entry.serves
    found: dict[str, ByProgramme] = {code: {} for code in codes}
    for programme, people in one.counts.items():
        weights = [_listed(counts.get(code), Programme(programme)) for code in codes]
        for code, part in zip(codes, shared_out(people, weights), strict=True):
            found[code][programme] = part
    return found


def _listed(count: CurrentCount | None, programme: Programme) -> float:
    if count is None:
        return 0.0
    told = Counts(**{name: getattr(count, name) for name in COUNT_COLUMNS})
    need = listed_need(told, as_of=count.as_of, on=count.as_of, params=WorthParams())
    return need.listed[programme]


def totals_document(sessions: Iterable[SessionResult]) -> dict[str, Any]:
    """Give the sums of sessions by stop, day, team and programme as plain JSON values.

    ``cleared`` are records put right without a document (who died, who moved away); they count on
    their own, beside ``served``.
    """
    found = list(sessions)
    return {
        "n_sessions": len(found),
        "programmes": programme_rows(total(one.counts for one in found)),
        "by_day": _grouped(found, "day"),
        "by_team": _grouped(found, "team"),
        "by_stop": [
            {**_place(one), "programmes": programme_rows(one.counts)} for one in found
        ],
    }  # fmt: skip


def _place(one: SessionResult) -> dict[str, Any]:
    return {
        "team": one.place.team, "day": one.place.day.isoformat(),
        "point_code": one.place.point_code, "village_code": one.entry.village_code,
    }  # fmt: skip


def _grouped(found: Iterable[SessionResult], name: str) -> list[dict[str, Any]]:
    groups: dict[str, list[ByProgramme]] = {}
    for one in found:
        groups.setdefault(str(getattr(one.place, name)), []).append(one.counts)
    return [
        {name: key, "n_sessions": len(tables), "programmes": programme_rows(total(tables))}
        for key, tables in sorted(groups.items())
    ]


def programme_rows(table: ByProgramme) -> dict[str, dict[str, int]]:
    """Give a table as plain JSON values, with who came and which records were cleared."""
    return {
        programme.value: {
            **table[programme].to_dict(), "came": table[programme].came,
            "cleared": table[programme].cleared,
        }
        for programme in Programme
        if programme in table
    }  # fmt: skip
