"""What is wrong with a plan, and what differs from another, in words.

``VIOLATIONS`` has an entry for every rule of the independent checker; ``minutes`` are its seconds.
"""

from collections.abc import Mapping
from typing import Any

from app.texts import Lang

VIOLATIONS: dict[Lang, dict[str, str]] = {
    "en": {
        "no-shift": "{team} does not work on {day}: {village} is not served then",
        "position": "the plan names what is not in the week",
        "shift-twice": "{team} has {amount} itineraries on {day}",
        "visit-twice": "{village} is visited {amount} times",
        "empty": "{team}, {day}: the team leaves, but serves nobody",
        "kit-without-pool": "{team}, {day}: a satellite kit is taken, but its base has none",
        "not-allowed": "{team} may not visit {village} on {day}: forbidden, or bound to another "
        "team or day",
        "unreachable": "{team}, {day}: there is no way to {village}",
        "travel": "{team}, {day}, {village}: the times are {minutes} minutes off the travel needed",
        "break": "{team}, {day}: the session in {village} starts {minutes} minutes into a break",
        "session": "{team}, {day}: the session in {village} is {minutes} minutes off its length",
        "order": "{team}, {day}, {village}: times go back by {minutes} minutes",
        "window": "{team}, {day}: {village} is closed for {minutes} minutes of the session",
        "shift-window": "{team}, {day}: {minutes} minutes outside the team's hours",
        "required": "{village} must be visited and is not",
        "kit-pool": "{amount} satellite kits more are taken on one day than a base has",
        "tour-start": "{team} may not leave its base on {day}",
        "night": "{team} may not sleep there after {day}",
        "no-session-day": "{team}, {day}: nobody is served on that day, {village} is",
        "session-hours": "{team}, {day}: {minutes} minutes in {village} outside office hours",
        "tour": "{team}, {day}: the day does not begin where the team slept, or it does not "
        "come home",
        "tour-days": "the tour of {team} from {day} on is {amount} days too long",
        "tour-kit": "the tour of {team} from {day} on has its satellite kit on some days only",
        "budget": "the budget is exceeded by Rp {amount}",
        "blanks": "{cards} card blanks more are needed than there are",
        "fairness": "a district has {amount} visits too few",
        "hub": "a village is served by {amount} sessions too many, or must be and is not",
        "stability": "{amount} published stops more change than may",
    },
    "id": {
        "no-shift": "{team} tidak bertugas pada {day}: {village} tidak terlayani",
        "position": "rencana menyebut sesuatu yang tidak ada dalam minggu itu",
        "shift-twice": "{team} memiliki {amount} rute pada {day}",
        "visit-twice": "{village} dikunjungi {amount} kali",
        "empty": "{team}, {day}: tim berangkat tetapi tidak melayani siapa pun",
        "kit-without-pool": "{team}, {day}: membawa kit satelit, padahal pangkalannya tidak punya",
        "not-allowed": "{team} tidak boleh mengunjungi {village} pada {day}: dilarang, atau "
        "terikat tim atau hari lain",
        "unreachable": "{team}, {day}: tidak ada jalan menuju {village}",
        "travel": "{team}, {day}, {village}: waktunya meleset {minutes} menit dari waktu tempuh",
        "break": "{team}, {day}: sesi di {village} mulai {minutes} menit di dalam waktu istirahat",
        "session": "{team}, {day}: sesi di {village} meleset {minutes} menit dari lamanya",
        "order": "{team}, {day}, {village}: waktunya mundur {minutes} menit",
        "window": "{team}, {day}: {village} tutup selama {minutes} menit dari sesi itu",
        "shift-window": "{team}, {day}: {minutes} menit di luar jam kerja tim",
        "required": "{village} wajib dikunjungi tetapi tidak dikunjungi",
        "kit-pool": "pada satu hari dibawa {amount} kit satelit lebih banyak daripada milik "
        "pangkalan",
        "tour-start": "{team} tidak boleh berangkat dari pangkalan pada {day}",
        "night": "{team} tidak boleh menginap di sana setelah {day}",
        "no-session-day": "{team}, {day}: tidak ada layanan pada hari itu, tetapi {village} "
        "dilayani",
        "session-hours": "{team}, {day}: {minutes} menit di {village} di luar jam layanan",
        "tour": "{team}, {day}: hari itu tidak mulai di tempat menginap, atau tim tidak pulang",
        "tour-days": "perjalanan {team} sejak {day} kelebihan {amount} hari",
        "tour-kit": "perjalanan {team} sejak {day} membawa kit satelit hanya pada sebagian hari",
        "budget": "anggaran terlampaui Rp {amount}",
        "blanks": "diperlukan {cards} keping blangko lebih banyak daripada yang ada",
        "fairness": "sebuah kecamatan kurang {amount} kunjungan",
        "hub": "sebuah desa dilayani {amount} sesi terlalu banyak, atau wajib tetapi "
        "tidak dilayani",
        "stability": "{amount} kunjungan yang diumumkan berubah melebihi batas",
    },
}

CHANGES: dict[Lang, dict[str, str]] = {
    "en": {
        "moved": "{village}: moved from {old_team} {old_day} to {team} {day} {clock}",
        "retimed": "{village}: {team} {day}, {old_clock} for {old_minutes} -> {clock} for "
        "{minutes} minutes",
        "added": "{village}: new, {team} {day} {clock}",
        "dropped": "{village}: dropped, was {old_team} {old_day}",
    },
    "id": {
        "moved": "{village}: pindah dari {old_team} {old_day} ke {team} {day} {clock}",
        "retimed": "{village}: {team} {day}, {old_clock} selama {old_minutes} -> {clock} selama "
        "{minutes} menit",
        "added": "{village}: baru, {team} {day} {clock}",
        "dropped": "{village}: dibatalkan, semula {old_team} {old_day}",
    },
}


def violation_rows(
    summary: Mapping[str, Any], villages: Mapping[str, str], lang: Lang
) -> list[dict[str, Any]]:
    """Word what the checker found, and rows of a hand-made plan on days not worked."""
    rows = [*summary.get("violations", ()), *summary.get("without_shift", ())]
    return [row | {"message": _violation(row, villages, lang)} for row in rows]


def worded(answer: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Word the violations and changes of an answer, whose ``names`` are those of villages."""
    names = answer["names"]
    return {
        **{name: value for name, value in answer.items() if name != "names"},
        "violations": violation_rows(answer, names, lang),
        "changes": changes_document(answer, names, lang)["changes"],
    }


def _violation(row: Mapping[str, Any], villages: Mapping[str, str], lang: Lang) -> str:
    amount, code = row.get("amount"), row.get("village_code")
    whole = f"{abs(amount or 0):,}"
    return VIOLATIONS[lang][row["rule"]].format(
        team=row.get("team") or "-",
        day=row.get("day") or "-",
        village=villages.get(code or "") or ("base" if lang == "en" else "pangkalan"),
        amount=whole.replace(",", ".") if lang == "id" else whole,
        minutes=-(-abs(amount or 0) // 60),
        cards=-(-abs(amount or 0) // 1000),
    )


def changes_document(
    summary: Mapping[str, Any], villages: Mapping[str, str], lang: Lang
) -> dict[str, Any]:
    """Word where a plan comes from and what differs from that one; empty for a plan of its own."""
    return {
        "origin": summary.get("origin"),
        "against": summary.get("against"),
        "changes": [
            row | {"village_name": villages.get(row["village_code"], row["village_code"]),
                   "message": _change(row, villages, lang)}
            for row in summary.get("changes", ())
        ],
        "n_published": summary.get("n_published"),
        "n_changed": summary.get("n_changed"),
    }  # fmt: skip


def _change(row: Mapping[str, Any], villages: Mapping[str, str], lang: Lang) -> str:
    facts = {"village": villages.get(row["village_code"], row["village_code"])}
    for prefix, side in (("old_", row["before"]), ("", row["after"])):
        if side is not None:
            facts |= {f"{prefix}{name}": str(side[name]) for name in ("team", "day", "minutes")}
            facts[f"{prefix}clock"] = side["start"][11:16]
    return CHANGES[lang][row["kind"]].format(**facts)
