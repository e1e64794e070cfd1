"""Every sentence a person reads from the server or the command line, in Indonesian and English.

English error texts stand in the error classes and English findings in ``geodata/findings.py``;
their Indonesian twins, and all other texts in both languages, stand here and in ``texts_id.py``.
Tests hold the two languages to the same keys and the same facts.
"""

import os
import re
from collections.abc import Mapping
from typing import Literal

from app.errors import AppError
from app.findings_id import FINDINGS_ID
from app.texts_id import COLUMNS_ID, ERRORS_ID
from geodata.errors import GeodataError
from geodata.findings import FINDING_TEXTS

Lang = Literal["id", "en"]
LANGS: tuple[Lang, ...] = ("id", "en")
DEFAULT: Lang = "id"
# "in" is the old tag of Indonesian, still sent by old telephones; "*" is any language.
_LANG_OF_TAG: dict[str, Lang] = {"id": "id", "in": "id", "en": "en", "*": DEFAULT}
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)

REASONS: dict[Lang, dict[str, str]] = {
    "en": {
        "no-need": "nobody is left to serve there",
        "no-counts": "no counts of this village were imported",
        "worth-nothing-without-kit": "no signal: only a team with a satellite kit could serve",
        "unreachable": "no team can get there by its vehicle or a scheduled link",
        "no-network-near": "no road or river that a team can use is within walking distance of it, "
        "and no scheduled link leads there on the days worked",
        "not-connected": "the road or river beside it does not join that of any team, and no "
        "scheduled link leads there on the days worked",
        "base-cut-off": "no team that may go there can leave its base: no road or river that its "
        "vehicle can use is near",
        "too-far": "too far for one day: {minutes} minutes are missing for the shortest visit",
        "window": "a day is long enough, but no session fits into the village's own hours",
        "forbidden": "no team may make this visit this week",
        "costs-more-than-worth": "the trip costs Rp {rupiah} more than the visit is worth",
        "not-chosen": "fits alone, but the time of the teams brings more elsewhere",
        "only-busy-teams": "only teams whose days are full can get there",
        "no-kit-left": "it needs a satellite kit, and all kits are with other teams",
        "budget-spent": "the budget is spent: Rp {rupiah} more are needed",
        "blanks-used": "the card blanks are used up: {cards} more are needed",
        "served-at-hub": "served by the session in another village",
        "not-planned": "not visited in this plan",
        "no-plan": "none was made",
        "not-solved": "the plan has not been solved yet",
    },
    "id": {
        "no-need": "tidak ada lagi warga yang perlu dilayani di sana",
        "no-counts": "data perekaman desa ini belum diimpor",
        "not-planned": "tidak dikunjungi dalam rencana ini",
        "worth-nothing-without-kit": "tanpa sinyal: perlu tim dengan kit satelit untuk melayani",
        "unreachable": "tidak terjangkau dengan kendaraan tim maupun angkutan terjadwal",
        "no-network-near": "tidak ada jalan atau sungai yang bisa dilalui tim dalam jarak jalan "
        "kaki, dan tidak ada angkutan terjadwal ke sana pada hari kerja",
        "not-connected": "jalan atau sungai di dekatnya tidak tersambung dengan yang dilalui tim, "
        "dan tidak ada angkutan terjadwal ke sana pada hari kerja",
        "base-cut-off": "tim yang boleh ke sana tidak dapat meninggalkan pangkalannya: tidak ada "
        "jalan atau sungai yang bisa dilalui kendaraannya di dekat situ",
        "too-far": "terlalu jauh untuk sehari: kurang {minutes} menit untuk kunjungan terpendek",
        "window": "satu hari cukup, tetapi tidak ada sesi yang muat dalam jam layanan desa itu",
        "forbidden": "tidak ada tim yang boleh melakukan kunjungan ini minggu ini",
        "costs-more-than-worth": "biaya perjalanan melebihi manfaat kunjungan sebesar Rp {rupiah}",
        "not-chosen": "bisa dikunjungi, tetapi waktu tim lebih bermanfaat di tempat lain",
        "only-busy-teams": "hanya terjangkau oleh tim yang harinya sudah penuh",
        "no-kit-left": "perlu kit satelit, dan semua kit dibawa tim lain",
        "budget-spent": "anggaran habis: kurang Rp {rupiah}",
        "blanks-used": "blangko KTP-el habis: kurang {cards} keping",
        "served-at-hub": "dilayani dari sesi di desa lain",
        "no-plan": "rencananya belum dibuat",
        "not-solved": "rencananya belum selesai dihitung",
    },
}

DAY_TOO_SHORT: dict[Lang, str] = {
    "en": "; the best day is {minutes} minutes too short for one more visit",
    "id": "; hari yang paling longgar kurang {minutes} menit untuk satu kunjungan lagi",
}
"""Added to the reasons that are about time, when so many minutes would do."""

WARNINGS: dict[Lang, dict[str, str]] = {
    "en": {
        "counts-stale": "{count} villages have counts older than {days} days (oldest: {oldest})",
        "counts-missing": "{count} villages have no counts and are not planned",
        "signal-unknown": "no source tells the signal of {count} villages; planned as weak",
        "recorded-exceeds-wajib": "{count} villages have more people recorded than wajib KTP",
        "straight-lines": "the way to {count} villages is not known: reckoned in a straight line",
        "teams-stuck": "no road or river is near the base of {count} teams: {teams}",
        "villages-unreachable": "{count} villages cannot be reached by any team",
        "days-past": "{count} days of this plan lie before the day it is announced",
        "announced-late": "{count} days are announced fewer than {days} days ahead: fewer come",
        "staff-on-leave": "on {count} days of a team somebody is on leave: less is served, or none",
        "holidays": "{count} days off: {days}",
    },
    "id": {
        "counts-stale": "data {count} desa berumur lebih dari {days} hari (tertua: {oldest})",
        "counts-missing": "{count} desa belum punya data perekaman dan tidak direncanakan",
        "signal-unknown": "sinyal {count} desa tidak diketahui; dianggap lemah dalam rencana",
        "recorded-exceeds-wajib": "di {count} desa, yang sudah rekam melebihi wajib KTP",
        "straight-lines": "jalan ke {count} desa tidak diketahui dan dihitung menurut garis lurus",
        "teams-stuck": "tidak ada jalan atau sungai di dekat pangkalan {count} tim: {teams}",
        "villages-unreachable": "{count} desa tidak terjangkau tim mana pun",
        "days-past": "{count} hari dalam rencana ini sudah lewat saat diumumkan",
        "announced-late": "{count} hari diumumkan kurang dari {days} hari sebelumnya: yang datang "
        "lebih sedikit",
        "staff-on-leave": "pada {count} hari tim ada pegawai yang cuti: layanan berkurang atau "
        "ditiadakan",
        "holidays": "{count} hari libur: {days}",
    },
}


SAYS: dict[Lang, dict[str, str]] = {
    "en": {
        "none": "no signal",
        "weak": "a weak signal",
        "strong": "a strong signal",
        "very_strong": "a very strong signal",
        "unknown": "not known",
        "yes": "there",
        "no": "not there",
        "on_air": "on air",
        "off": "off",
        "planned": "planned",
        "undated": "undated",
    },
    "id": {
        "none": "tidak ada sinyal",
        "weak": "sinyal lemah",
        "strong": "sinyal kuat",
        "very_strong": "sinyal sangat kuat",
        "unknown": "tidak diketahui",
        "yes": "ada",
        "no": "tidak ada",
        "on_air": "aktif",
        "off": "mati",
        "planned": "direncanakan",
        "undated": "tanpa tanggal",
    },
}
"""What a row about signal, power or a tower says."""

CONFIDENCE_WORDS: dict[Lang, dict[str, str]] = {
    "en": {"low": "low", "medium": "medium", "high": "high"},
    "id": {"low": "rendah", "medium": "sedang", "high": "tinggi"},
}

EVIDENCE: dict[Lang, dict[str, str]] = {
    "en": {
        "report": "{label} ({day}): a report says {says} ('{status}'); source {source}, confidence "
        "{confidence}.",
        "raster": "{label} ({day}): the cell of a map at the service point says {says}; source "
        "{source}, confidence {confidence}.",
        "area": "{label} ({day}): the service point lies in an area with {says} ('{status}'); "
        "source {source}, confidence {confidence}.",
        "tower": "{label} ({day}): a tower on air {km} km away promises {says} ('{status}'); "
        "source {source}, confidence {confidence}.",
        "power": "{label} ({day}): PLN power is {says} ('{status}'); source {source}, confidence "
        "{confidence}.",
        "measured": "{label} ({day}): the team measured {says} where it served ('{status}').",
        "measured_power": "{label} ({day}): the team found PLN power: {says}.",
    },
    "id": {
        "report": "{label} ({day}): laporan menyatakan {says} ('{status}'); sumber {source}, "
        "keyakinan {confidence}.",
        "raster": "{label} ({day}): sel peta di titik layanan menyatakan {says}; sumber {source}, "
        "keyakinan {confidence}.",
        "area": "{label} ({day}): titik layanan berada di area dengan {says} ('{status}'); sumber "
        "{source}, keyakinan {confidence}.",
        "tower": "{label} ({day}): menara aktif berjarak {km} km menjanjikan {says} ('{status}'); "
        "sumber {source}, keyakinan {confidence}.",
        "power": "{label} ({day}): listrik PLN {says} ('{status}'); sumber {source}, keyakinan "
        "{confidence}.",
        "measured": "{label} ({day}): tim mengukur {says} di tempat layanan ('{status}').",
        "measured_power": "{label} ({day}): listrik PLN menurut tim: {says}.",
    },
}


REPORT: dict[Lang, dict[str, str]] = {
    "en": {
        "summary": "Summary",
        "field": "What",
        "value": "Value",
        "import": "Import",
        "kind": "Kind",
        "file": "File",
        "source": "Source",
        "person": "Imported by",
        "as_of": "As of",
        "stored": "Stored at",
        "accepted": "Rows accepted",
        "total": "Total",
        "findings": "Findings",
        "severity": "Severity",
        "finding": "Finding",
        "row": "Row",
        "village_code": "Village code",
        "column": "Column",
        "refused": "Set aside",
        "corrected": "Corrected",
        "warning": "Warning",
        "info": "Remark",
        "corrections": "Corrections",
        "written": "Written",
        "became": "Stored as",
        "districts": "Totals by district",
        "sums": "Sums",
        "sum_stored": "of the rows stored",
        "sum_printed": "as printed (row {row})",
        "difference": "difference",
        "district": "District",
        "villages": "Villages",
        "all": "All",
    },
    "id": {
        "summary": "Ringkasan",
        "field": "Uraian",
        "value": "Nilai",
        "import": "Impor",
        "kind": "Jenis",
        "file": "Berkas",
        "source": "Sumber",
        "person": "Diimpor oleh",
        "as_of": "Tanggal data",
        "stored": "Disimpan pada",
        "accepted": "Baris diterima",
        "total": "Jumlah",
        "findings": "Temuan",
        "severity": "Tingkat",
        "finding": "Temuan",
        "row": "Baris",
        "village_code": "Kode desa",
        "column": "Kolom",
        "refused": "Disisihkan",
        "corrected": "Dibetulkan",
        "warning": "Peringatan",
        "info": "Catatan",
        "corrections": "Pembetulan",
        "written": "Tertulis",
        "became": "Disimpan sebagai",
        "districts": "Jumlah per kecamatan",
        "sums": "Jumlah",
        "sum_stored": "dari baris yang disimpan",
        "sum_printed": "tercetak (baris {row})",
        "difference": "selisih",
        "district": "Kecamatan",
        "villages": "Desa",
        "all": "Semua",
    },
}


def language(explicit: str | None, accept_language: str | None = None) -> Lang:
    """Choose the language of a request: what it asks for, what its client prefers, Indonesian."""
    for tag in (explicit or "", *_preferred(accept_language or "")):
        lang = _LANG_OF_TAG.get(tag.split("-")[0].strip().lower())
        if lang is not None:
            return lang
    return DEFAULT


def _preferred(accept_language: str) -> list[str]:
    """List the tags of an ``Accept-Language`` header, the most wanted first (RFC 9110, 12.5.4)."""
    weighted = [_weighted(part) for part in accept_language.split(",")]
    return [tag for weight, tag in sorted(weighted, key=lambda w: -w[0]) if weight > 0]


def _weighted(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    if not parameter.strip():
        return 1.0, tag
    match = _WEIGHT.fullmatch(parameter.strip())
    return float(match[1]) if match else 0.0, tag


def locale_language(explicit: str | None) -> Lang:
    """Choose the language of a terminal: what is asked for, the locale, Indonesian.

    The environment is read, not ``locale.getlocale``: where none is set, Python runs under
    ``C.UTF-8`` and reports that as ``en_US``.
    """
    if explicit in LANGS:
        return explicit
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:  # the first that is set decides, as everywhere in POSIX
            return "en" if value.lower().startswith("en") else DEFAULT
    return DEFAULT


def render(error: Exception, lang: Lang) -> str:
    """Word an error of this product; of any other error, its own text."""
    if lang == "id" and isinstance(error, AppError | GeodataError) and error.code in ERRORS_ID:
        return ERRORS_ID[error.code].format(**error.params)
    return str(error)


def finding_text(finding: Mapping[str, object], lang: Lang) -> str:
    """Word a finding as it is kept with its import."""
    params = finding.get("params")
    facts = {**finding, **(params if isinstance(params, dict) else {})}
    if lang == "en":
        return FINDING_TEXTS[str(finding["code"])].format(**facts)
    column = str(facts.get("column"))
    facts["column"] = COLUMNS_ID.get(column, column)
    return FINDINGS_ID[str(finding["code"])].format(**facts)


def evidence_text(kind: str, facts: Mapping[str, str], lang: Lang) -> str:
    """Word a row about a village's signal or power."""
    return EVIDENCE[lang][kind].format(**facts)


def reason_text(code: str, params: Mapping[str, int | None], lang: Lang) -> str:
    """Word why a village is left out; ``limit`` is in the unit that the reason says."""
    limit = params.get("limit") or 0
    rupiah = f"{limit:,}".replace(",", ".") if lang == "id" else f"{limit:,}"
    minutes = -(-limit // 60)
    text = REASONS[lang][code].format(minutes=minutes, rupiah=rupiah, cards=-(-limit // 1000))
    if limit and code in {"not-chosen", "only-busy-teams"}:
        text += DAY_TOO_SHORT[lang].format(minutes=minutes)
    return text


def warning_text(code: str, params: Mapping[str, object], lang: Lang) -> str:
    """Word what a planner should know of a plan."""
    return WARNINGS[lang][code].format(**params)
