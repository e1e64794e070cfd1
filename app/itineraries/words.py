"""What itineraries say, in both languages: labels, dates, times, notes on a stop."""

from collections.abc import Iterable
from datetime import date, datetime
from math import ceil

from app.cli_texts import TEXTS
from app.itineraries.team_day import Itineraries, TeamDay, TeamStop, Way
from app.texts import Lang

WEEKDAYS: dict[Lang, tuple[str, ...]] = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS: dict[Lang, tuple[str, ...]] = {
    "id": ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
           "Oktober", "November", "Desember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
}  # fmt: skip
PROGRAMMES: dict[Lang, dict[str, str]] = {
    "id": {"ktp_el": "KTP-el", "pemula": "Pemula", "kia": "KIA", "akta": "Akta", "ikd": "IKD"},
    "en": {"ktp_el": "KTP-el", "pemula": "First KTP", "kia": "KIA", "akta": "Birth cert.",
           "ikd": "IKD"},
}  # fmt: skip
_UNITS: dict[Lang, tuple[str, str]] = {"id": ("jam", "menit"), "en": ("h", "min")}
OUTCOMES: dict[Lang, dict[str, str]] = {
    "id": {
        "served": "terlayani", "failed": "gagal", "not_eligible": "belum berhak",
        "already_had": "sudah punya", "absent": "tidak hadir", "deceased": "meninggal",
        "moved": "pindah", "not_found": "tidak ditemukan",
    },
    "en": {
        "served": "served", "failed": "failed", "not_eligible": "not eligible",
        "already_had": "already had it", "absent": "absent", "deceased": "deceased",
        "moved": "moved away", "not_found": "not found",
    },
}  # fmt: skip
"""What may have become of a person who was to be served."""

WORDS: dict[Lang, dict[str, str]] = {
    "id": {
        "title": "Jadwal jemput bola", "plan": "Rencana", "version": "versi", "team": "Tim",
        "week": "Minggu", "leave": "Berangkat", "back": "Tiba kembali", "from": "dari",
        "at": "di", "sleeps": "Bermalam", "day-out": "Hari tanpa layanan",
        "travel": "Perjalanan", "arrive": "tiba",
        "break": "Istirahat", "bring": "Bawa", "kits": "{n} alat rekam",
        "people": "{n} petugas", "blanks": "{n} blangko KTP-el", "kia-blanks": "{n} blangko KIA",
        "satellite": "kit satelit", "offline-kit": "perangkat rekam luring",
        "expected": "Perkiraan yang datang", "withheld": "tidak ditampilkan",
        "minutes": "{n} menit", "rapids": "{n} jeram",
        "straight": "jalan tidak diketahui: waktu menurut garis lurus",
        "no-signal": "TANPA SINYAL", "slow": "Sinyal lemah: layanan lebih lambat.",
        "no-signal-satellite": "Tidak ada sinyal di sini: pakai kit satelit, bawa blangko kartu.",
        "no-signal-offline": "Tidak ada sinyal di sini: bawa perangkat luring dan blangko kartu, "
        "unggah setelah ada sinyal.",
        "serves": "Melayani", "contact": "Kontak desa", "fallback": "Tempat cadangan",
        "scan-day": "Pindai: jadwal hari ini sebagai teks",
        "home-visits": "Kunjungan rumah: {n} orang, {minutes} menit setelah layanan",
        "page": "Halaman", "of": "dari", "draft": "RANCANGAN",
        "kept": "melanggar aturan, dipertahankan oleh {who}",
        "village": "Desa/kelurahan", "district": "Kecamatan", "place": "Tempat layanan",
        "day": "Hari", "order": "No.", "start": "Mulai", "end": "Selesai", "signal": "Cara layanan",
        "km": "km", "itinerary": "Jadwal", "costs": "Biaya", "total": "Jumlah",
        "vehicle": "Kendaraan (sewa per hari)", "travel-cost": "Bahan bakar dan ongkos",
        "per_diem": "Uang harian", "lodging": "Penginapan", "budget-line": "Mata anggaran",
        "code": "Kode rekening", "rupiah": "Rupiah", "team-total": "Jumlah tim",
        "not-kept": "Rincian tidak disimpan pada rencana ini; hitung lagi rencananya.",
        "longitude": "Bujur", "latitude": "Lintang", "map": "Peta", "poster-title":
        "PELAYANAN JEMPUT BOLA ADMINDUK", "poster-free": "Gratis, tanpa dipungut biaya.",
        "poster-bring": "Bawa: fotokopi Kartu Keluarga; untuk akta: surat keterangan lahir.",
        "poster-for": "Layanan: {programmes}", "recap": "Rekap", "planned": "rencana",
        "reported": "Dilaporkan", "off-plan": "di luar rencana", "sessions": "Layanan",
        "remarks": "Catatan",
        "poster-scan": "Pindai: tempat di peta", "poster-services": "Layanan",
        "poster-contact": "Tanya: {contact}",
    },
    "en": {
        "title": "Field itinerary", "plan": "Plan", "version": "version", "team": "Team",
        "week": "Week", "leave": "Leave", "back": "Back", "from": "from",
        "at": "at", "sleeps": "Night", "day-out": "Day without a session",
        "travel": "Travel", "arrive": "arrive",
        "break": "Break", "bring": "Bring", "kits": "recording kits: {n}",
        "people": "{n} people", "blanks": "{n} KTP-el blanks", "kia-blanks": "{n} KIA blanks",
        "satellite": "satellite kit", "offline-kit": "offline recording kit",
        "expected": "People expected", "withheld": "not shown",
        "minutes": "{n} min", "rapids": "{n} rapids",
        "straight": "way not known: time in a straight line",
        "no-signal": "NO SIGNAL", "slow": "Weak signal: the session is slower.",
        "no-signal-satellite": "No signal here: use the satellite kit, take card blanks.",
        "no-signal-offline": "No signal here: take the offline kit and card blanks, upload once "
        "there is a signal.",
        "serves": "Serves", "contact": "Village contact", "fallback": "Fallback place",
        "scan-day": "Scan: this day as text",
        "home-visits": "Home visits: {n} people, {minutes} min after the session",
        "page": "Page", "of": "of", "draft": "DRAFT",
        "kept": "breaks rules, kept by {who}",
        "village": "Village", "district": "District", "place": "Place",
        "day": "Day", "order": "No.", "start": "Start", "end": "End", "signal": "Service",
        "km": "km", "itinerary": "Itinerary", "costs": "Costs", "total": "Total",
        "vehicle": "Vehicle (by the day)", "travel-cost": "Fuel and fares",
        "per_diem": "Daily allowance", "lodging": "Lodging", "budget-line": "Budget line",
        "code": "Account code", "rupiah": "Rupiah", "team-total": "Team total",
        "not-kept": "This plan does not keep the breakdown; solve it again.",
        "longitude": "Longitude", "latitude": "Latitude", "map": "Map", "poster-title":
        "MOBILE CIVIL REGISTRATION", "poster-free": "Free of charge.",
        "poster-bring": "Bring: a copy of the family card; for a birth certificate proof of birth.",
        "poster-for": "Services: {programmes}", "recap": "Recap", "planned": "planned",
        "reported": "Reported", "off-plan": "not in the plan", "sessions": "Sessions",
        "remarks": "Remarks",
        "poster-scan": "Scan: the place on a map", "poster-services": "Services",
        "poster-contact": "Ask: {contact}",
    },
}  # fmt: skip


def long_date(day: date, lang: Lang) -> str:
    """Write ``Senin, 30 November 2026``."""
    return f"{WEEKDAYS[lang][day.weekday()]}, {plain_date(day, lang)}"


def plain_date(day: date, lang: Lang) -> str:
    """Write ``30 November 2026``."""
    return f"{day.day} {MONTHS[lang][day.month - 1]} {day.year}"


def clock(moment: datetime) -> str:
    """Write the hour and minute of a local time."""
    return f"{moment:%H:%M}"


def duration(minutes: float, lang: Lang) -> str:
    """Write whole minutes, or hours and minutes: ``52 menit``, ``1 jam 05``."""
    whole, (hour, short) = round(minutes), _UNITS[lang]
    return f"{whole} {short}" if whole < 60 else f"{whole // 60} {hour} {whole % 60:02}"


def kilometres(metres: int, lang: Lang) -> str:
    """Write kilometres with the language's decimal mark."""
    text = f"{metres / 1000:.1f}" if metres < 100_000 else f"{metres / 1000:.0f}"
    return f"{text.replace('.', ',') if lang == 'id' else text} km"


def travel_text(minutes: float, metres: int, ways: Iterable[Way], mode: str, lang: Lang) -> str:
    """Say how long, how far and by what: ``52 min · 35,0 km · darat``; links by their names."""
    modes = list(dict.fromkeys(way.mode for way in ways if way.mode != "walk")) or [mode]
    links = list(dict.fromkeys(way.note for way in ways if way.note))
    by = " + ".join([TEXTS[lang][f"travel-{name}"] for name in modes])
    parts = [duration(minutes, lang), kilometres(metres, lang), by, *links]
    return " · ".join(parts)


def service_text(stop: TeamStop, lang: Lang) -> str:
    """Name how a session reaches the central database."""
    return TEXTS[lang][f"mode-{stop.service_mode}"]


def place_text(stop: TeamStop, lang: Lang) -> str:
    """Name the place of a session; a village hall by its kind, as every village has one."""
    kind = TEXTS[lang][f"point-{stop.point_kind}"]
    kind = kind[:1].upper() + kind[1:]
    return kind if stop.point == stop.village else stop.point


def warning_text(stop: TeamStop, lang: Lang) -> str:
    """Say what a team has to know of the signal there; empty when there is nothing to."""
    words = WORDS[lang]
    if stop.service_mode == "online_satellite":
        return words["no-signal-satellite"]
    if stop.is_blank_spot:
        return words["no-signal-offline"]
    return words["slow"] if stop.service_mode == "online_slow" else ""


def notes_of(stop: TeamStop, lang: Lang) -> list[str]:
    """List what else to know of a stop and the way there."""
    words, notes = WORDS[lang], []
    if stop.home_visits:
        notes.append(home_visits_text(stop, lang))
    if stop.n_rapids:
        notes.append(words["rapids"].format(n=stop.n_rapids))
    if stop.is_straight_line:
        notes.append(words["straight"])
    if len(stop.serves) > 1:
        notes.append(f"{words['serves']}: {', '.join(stop.serves)}")
    return notes


def home_visits_text(stop: TeamStop, lang: Lang) -> str:
    """Say how many people are visited at home, and how long that takes."""
    return WORDS[lang]["home-visits"].format(n=stop.home_visits, minutes=stop.home_visit_minutes)


def break_texts(day: TeamDay, given: Itineraries) -> list[str]:
    """Write the breaks of a day with the zone: ``12:00-13:00 WIB``."""
    return [f"{a:%H:%M}-{b:%H:%M} {given.zone_label}" for a, b in day.breaks]


def expected_text(stop: TeamStop, lang: Lang) -> str:
    """Say how many people of each programme are expected: ``KTP-el 17, KIA 65``."""
    if not stop.expected:
        return WORDS[lang]["withheld"]
    names = PROGRAMMES[lang]
    parts = [f"{names[p]} {round(n)}" for p, n in stop.expected.items() if round(n)]
    return ", ".join(parts) or "-"


def bring_texts(day: TeamDay, lang: Lang) -> list[str]:
    """List what the team takes along on a day; blanks for as many as may come."""
    words = WORDS[lang]
    cards = ceil(sum(stop.most("ktp_el", "pemula") + stop.home_visits for stop in day.stops))
    child_cards = ceil(sum(stop.most("kia") for stop in day.stops))
    listed = [
        words["people"].format(n=day.people) if day.people else "",
        words["kits"].format(n=day.kits) if day.kits else "",
        words["satellite"] if day.with_kit else "",
        words["offline-kit"]
        if any(s.service_mode == "store_and_forward" for s in day.stops)
        else "",
        words["blanks"].format(n=cards) if cards else "",
        words["kia-blanks"].format(n=child_cards) if child_cards else "",
    ]
    return [text for text in listed if text]


def plan_label(given: Itineraries) -> str:
    """Name plan and version as on every sheet, and who keeps it if it breaks rules."""
    words = WORDS[given.lang]
    label = f"{words['plan']} {given.plan_id}, {words['version']} {given.version}"
    return label if given.kept_by is None else f"{label}; {words['kept'].format(who=given.kept_by)}"
