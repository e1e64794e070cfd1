"""What is known of signal and power, why, and what speaks against it: as documents, in words."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from app.current import current_connectivity
from app.errors import RegencyNotFound, VillageNotFound
from app.models import (
    ConnectivityContradiction,
    ConnectivityEvidence,
    Village,
    VillageConnectivity,
)
from app.texts import CONFIDENCE_WORDS, SAYS, Lang, evidence_text, finding_text
from geodata.schema import POWERS, SIGNALS

UNKNOWN = "unknown"


def document(
    session: Session, village: str | None, regency: str | None, lang: Lang
) -> dict[str, Any]:
    """Give ``village_document`` of a village that is named, else ``regency_document``."""
    if village is not None:
        return village_document(session, village, lang)
    return regency_document(session, regency, lang)


def village_document(session: Session, code: str, lang: Lang) -> dict[str, Any]:
    """Give what holds at a village's service point, every row about it, and what contradicts it.

    Raises
    ------
    VillageNotFound
        When no village has this code.
    """
    village = session.get(Village, code)
    if village is None:
        raise VillageNotFound(code=code)
    evidence = session.exec(
        select(ConnectivityEvidence)
        .where(ConnectivityEvidence.village_code == code)
        .order_by(col(ConnectivityEvidence.id))
    )
    against = session.exec(
        select(ConnectivityContradiction)
        .where(ConnectivityContradiction.village_code == code)
        .order_by(col(ConnectivityContradiction.id))
    )
    return {
        "code": code,
        "name": village.name,
        "district": village.district,
        "regency_code": village.regency_code,
        **_facts(session.get(VillageConnectivity, code)),
        "evidence": [_evidence(row, lang) for row in evidence],
        "contradictions": [_contradiction(row, {code: village.name}, lang) for row in against],
    }


def regency_document(session: Session, regency: str | None, lang: Lang) -> dict[str, Any]:
    """Count the villages of each class of signal and power, and list all contradictions.

    Raises
    ------
    RegencyNotFound
        When no village is known there.
    """
    query = select(Village.code, Village.name)
    if regency is not None:
        query = query.where(Village.regency_code == regency)
    names = dict(session.exec(query).all())
    n_villages = len(names)
    if regency is not None and not n_villages:
        known = sorted(session.exec(select(Village.regency_code).distinct()))
        raise RegencyNotFound(regency=regency, known=", ".join(known) or "-")
    rows = current_connectivity(session, regency).values()
    against = select(ConnectivityContradiction).order_by(col(ConnectivityContradiction.id))
    if regency is not None:
        code = col(ConnectivityContradiction.village_code)
        against = against.where(code.startswith(regency + ".", autoescape=True))
    return {
        "regency": regency,
        "n_villages": n_villages,
        "signal": _counted([row.signal for row in rows if row.signal], SIGNALS, n_villages),
        "power": _counted([row.power for row in rows if row.power in POWERS], POWERS, n_villages),
        "contradictions": [_contradiction(row, names, lang) for row in session.exec(against)],
    }


def _counted(found: list[str], classes: tuple[str, ...], n_villages: int) -> dict[str, int]:
    counts = Counter(found)
    told = {name: counts[name] for name in classes}
    return {**told, UNKNOWN: n_villages - len(found)}


def _facts(known: VillageConnectivity | None) -> dict[str, Any]:
    columns = {
        "kind", "status", "as_of", "source", "definition", "confidence", "import_id",
        "share_covered", "power_as_of", "power_source", "power_import_id",
    }  # fmt: skip
    if known is None:
        return {"signal": UNKNOWN, "power": UNKNOWN, **dict.fromkeys(columns)}
    facts = known.model_dump(include=columns)
    return {"signal": known.signal or UNKNOWN, "power": known.power, **facts}


def _evidence(row: ConnectivityEvidence, lang: Lang) -> dict[str, Any]:
    facts = row.model_dump(exclude={"id", "village_code", "evidence_id"})
    worded = {
        "label": row.label,
        "source": row.source,
        "says": SAYS[lang][row.says],
        "status": row.status or "-",
        "day": _day(row.observed_on, lang),
        "confidence": CONFIDENCE_WORDS[lang][row.confidence],
        "km": f"{(row.distance_m or 0) / 1000:.1f}".replace(".", "," if lang == "id" else "."),
    }
    return {**facts, "counts": row.rank == 1, "message": evidence_text(row.kind, worded, lang)}


def _contradiction(
    row: ConnectivityContradiction, names: Mapping[str, str], lang: Lang
) -> dict[str, Any]:
    words, code = SAYS[lang], row.village_code
    name = names.get(code or "")
    place = f"{name} ({code})" if name else code or "-"
    params = {
        "one": row.one,
        "one_says": words.get(row.one_says, row.one_says),
        "one_day": _day(row.one_day, lang),
        "other": row.other,
        "other_says": words.get(row.other_says, row.other_says),
        "other_day": _day(row.other_day, lang),
    }
    finding = {"code": row.kind, "village_code": place, "params": params}
    return {**row.model_dump(exclude={"id"}), "message": finding_text(finding, lang)}


def _day(day: date | None, lang: Lang) -> str:
    return SAYS[lang]["undated"] if day is None else day.isoformat()
