"""Every sentence a person reads from the server or the command line, in Indonesian and English.

English error texts stand in the error classes and English findings in ``geodata/findings.py``;
their Indonesian twins, and all other texts in both languages, stand here and in ``texts_id.py``.
Tests hold the two languages to the same keys and the same facts.
"""

import locale
import os
from collections.abc import Mapping
from typing import Literal

from app.errors import AppError
from app.texts_id import ERRORS_ID, FINDINGS_ID
from geodata.errors import GeodataError
from geodata.findings import FINDING_TEXTS

Lang = Literal["id", "en"]
LANGS: tuple[Lang, ...] = ("id", "en")
DEFAULT: Lang = "id"

REASONS: dict[Lang, dict[str, str]] = {
    "en": {
        "no-need": "nobody is left to serve there",
        "worth-nothing-without-kit": "no signal: only a team with a satellite kit could serve",
        "unreachable": "no team can get there by its vehicle or a scheduled link",
        "too-far": "too far for one day: {minutes} minutes are missing for the shortest visit",
        "forbidden": "no team may make this visit this week",
        "costs-more-than-worth": "the trip costs Rp {rupiah} more than the visit is worth",
        "not-chosen": "fits alone, but the time of the teams brings more elsewhere",
        "no-plan": "none was made",
        "not-solved": "the plan has not been solved yet",
    },
    "id": {
        "no-need": "tidak ada lagi warga yang perlu dilayani",
        "worth-nothing-without-kit": "tanpa sinyal: hanya tim berkit satelit yang bisa melayani",
        "unreachable": "tidak terjangkau dengan kendaraan tim maupun angkutan terjadwal",
        "too-far": "terlalu jauh untuk satu hari: kurang {minutes} menit untuk kunjungan terpendek",
        "forbidden": "tidak ada tim yang boleh berkunjung minggu ini",
        "costs-more-than-worth": "biaya perjalanan Rp {rupiah} lebih besar daripada manfaat",
        "not-chosen": "bisa dikunjungi, tetapi waktu tim lebih bermanfaat di tempat lain",
        "no-plan": "belum ada rencana",
        "not-solved": "rencana belum selesai dihitung",
    },
}

WARNINGS: dict[Lang, dict[str, str]] = {
    "en": {
        "counts-stale": "{count} villages have counts older than {days} days (oldest: {oldest})",
        "counts-missing": "{count} villages have no counts and are not planned",
        "signal-unknown": "no source tells the signal of {count} villages; planned as weak",
        "recorded-exceeds-wajib": "{count} villages have more people recorded than wajib KTP",
        "villages-unreachable": "{count} villages cannot be reached by any team in a day",
        "holidays": "{count} days off: {days}",
    },
    "id": {
        "counts-stale": "data {count} desa lebih tua dari {days} hari (tertua: {oldest})",
        "counts-missing": "{count} desa tanpa data perekaman, tidak direncanakan",
        "signal-unknown": "sinyal {count} desa tidak diketahui; direncanakan sebagai sinyal lemah",
        "recorded-exceeds-wajib": "{count} desa: yang sudah rekam lebih banyak dari wajib KTP",
        "villages-unreachable": "{count} desa tidak terjangkau tim mana pun",
        "holidays": "{count} hari libur: {days}",
    },
}


def language(explicit: str | None, accept_language: str | None = None) -> Lang:
    """Choose the language of a request: what it asks for, what its client prefers, Indonesian."""
    for wish in (explicit, *(accept_language or "").split(",")):
        tag = (wish or "").split(";")[0].strip().lower()[:2]
        if tag in LANGS:
            return tag
    return DEFAULT


def locale_language(explicit: str | None) -> Lang:
    """Choose the language of a terminal: what is asked for, the locale, Indonesian."""
    if explicit in LANGS:
        return explicit
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:  # the first that is set decides, as everywhere in POSIX
            return "en" if value.lower().startswith("en") else DEFAULT
    return "en" if (locale.getlocale()[0] or "").startswith("en") else DEFAULT


def render(error: Exception, lang: Lang) -> str:
    """Word an error of this product; of any other error, its own text."""
    if lang == "id" and isinstance(error, AppError | GeodataError) and error.code in ERRORS_ID:
        return ERRORS_ID[error.code].format(**error.params)
    return str(error)


def finding_text(finding: Mapping[str, object], lang: Lang) -> str:
    """Word a finding as it is kept with its import."""
    table = FINDINGS_ID if lang == "id" else FINDING_TEXTS
    params = finding.get("params")
    facts = {**finding, **(params if isinstance(params, dict) else {})}
    return table[str(finding["code"])].format(**facts)


def reason_text(code: str, params: Mapping[str, int | None], lang: Lang) -> str:
    """Word why a village is left out; ``limit`` is seconds or rupiah as the reason says."""
    limit = params.get("limit") or 0
    rupiah = f"{limit:,}".replace(",", ".") if lang == "id" else f"{limit:,}"
    return REASONS[lang][code].format(minutes=-(-limit // 60), rupiah=rupiah)


def warning_text(code: str, params: Mapping[str, object], lang: Lang) -> str:
    """Word what a planner should know of a plan."""
    return WARNINGS[lang][code].format(**params)
