"""Rules of a plan, what contradicts itself, what would help and what wishes cost, in words."""

from collections.abc import Mapping
from typing import Any

from app.texts import Lang

RULES: dict[Lang, dict[str, str]] = {
    "en": {
        "rule-budget": "the week costs Rp {amount} of a budget of Rp {limit}",
        "rule-blanks": "{amount} of {limit} card blanks are expected to be used",
        "rule-fairness": "visits to {district}: {amount}, at least {limit} asked for",
        "rule-stability": "{amount} published stops change, {limit} may",
        "rule-hub": "{district} is served by {amount} sessions, one is due",
        "clash-hub": "{district} is served by one session at most",
        "rule-served": "{district} must be visited by a team that can serve there, and is not",
        "clash-served": "{district} must be visited by a team that can serve there "
        "(signal, or a satellite kit)",
        "clash-required": "{village} must be visited",
        "clash-forbidden": "{village} must not be visited",
        "clash-shifts": "{village} is bound to a team or a day",
        "clash-left": "{village} can only be visited by teams and on days that are left",
        "clash-windows": "{point_name} is open at its own hours only",
        "clash-kits": "at {base} there are {limit} satellite kits on {day}",
        "clash-budget": "the week may cost Rp {limit}",
        "clash-blanks": "there are {limit} card blanks",
        "clash-fairness": "{district} gets at least {limit} visits",
        "clash-stability": "at most {limit} published stops may change",
        "remedy-kit": "one more kit at {place}: {value} documents more, {n_villages} villages",
        "remedy-team-day": "one more day of {place}: {value} documents more, {n_villages} villages",
        "remedy-hour": "one hour more every day: {value} documents more, {n_villages} villages",
        "remedy-budget": "a million rupiah more: {value} documents more, {n_villages} villages",
        "remedy-blanks": "ten more card blanks: {value} documents more, {n_villages} villages",
        "wish-required": "villages that must be visited cost {cost} documents",
        "wish-pinned": "villages bound to a team or a day cost {cost} documents",
        "wish-forbidden": "villages that must not be visited cost {cost} documents",
        "wish-fairness": "visits to every district cost {cost} documents",
        "wish-stability": "keeping what was published costs {cost} documents",
        "wish-longer-day": "longer days bring {gain} documents",
    },
    "id": {
        "rule-budget": "minggu ini menghabiskan Rp {amount} dari anggaran Rp {limit}",
        "rule-blanks": "diperkirakan {amount} dari {limit} keping blangko KTP-el terpakai",
        "rule-fairness": "kunjungan ke {district}: {amount}, diminta paling sedikit {limit}",
        "rule-stability": "{amount} kunjungan yang sudah diumumkan berubah, boleh {limit}",
        "rule-hub": "{district} dilayani {amount} sesi, seharusnya satu",
        "clash-hub": "{district} dilayani paling banyak satu sesi",
        "rule-served": "{district} wajib dikunjungi tim yang dapat melayani di sana, tetapi tidak",
        "clash-served": "{district} wajib dikunjungi tim yang dapat melayani di sana "
        "(ada sinyal, atau membawa kit satelit)",
        "clash-required": "{village} wajib dikunjungi",
        "clash-forbidden": "{village} tidak boleh dikunjungi",
        "clash-shifts": "{village} terikat pada satu tim atau satu hari",
        "clash-left": "{village} hanya dapat dikunjungi tim dan pada hari yang tersisa",
        "clash-windows": "{point_name} hanya buka pada jamnya sendiri",
        "clash-kits": "di {base} ada {limit} kit satelit pada {day}",
        "clash-budget": "biaya minggu ini paling banyak Rp {limit}",
        "clash-blanks": "ada {limit} keping blangko KTP-el",
        "clash-fairness": "{district} mendapat paling sedikit {limit} kunjungan",
        "clash-stability": "paling banyak {limit} kunjungan yang sudah diumumkan boleh berubah",
        "remedy-kit": "satu kit satelit lagi di {place}: {value} dokumen lagi ({n_villages} desa)",
        "remedy-team-day": "satu hari lagi untuk {place}: {value} dokumen lagi ({n_villages} desa)",
        "remedy-hour": "satu jam lagi setiap hari: {value} dokumen lagi ({n_villages} desa)",
        "remedy-budget": "satu juta rupiah lagi: {value} dokumen lagi ({n_villages} desa)",
        "remedy-blanks": "sepuluh blangko lagi: {value} dokumen lagi ({n_villages} desa)",
        "wish-required": "desa yang wajib dikunjungi mengurangi {cost} dokumen",
        "wish-pinned": "desa yang terikat tim atau hari mengurangi {cost} dokumen",
        "wish-forbidden": "desa yang tidak boleh dikunjungi mengurangi {cost} dokumen",
        "wish-fairness": "kunjungan ke setiap kecamatan mengurangi {cost} dokumen",
        "wish-stability": "mempertahankan yang sudah diumumkan mengurangi {cost} dokumen",
        "wish-longer-day": "hari kerja yang lebih panjang menambah {gain} dokumen",
    },
}
"""Documents are weighted documents."""


def rule_text(table: str, row: Mapping[str, Any], facts: Mapping[str, Any], lang: Lang) -> str:
    """Word a row of a plan's rules; ``table`` is ``rule``, ``clash``, ``remedy`` or ``wish``."""
    kind = row["rule"] if table == "rule" else row["kind"]
    shown = {name: _shown(value, lang) for name, value in facts.items()}
    return RULES[lang][f"{table}-{kind}"].format(**shown)


def _shown(value: object, lang: Lang) -> object:
    """Write numbers as the language does: a point between thousands in Indonesian."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "id" else text
