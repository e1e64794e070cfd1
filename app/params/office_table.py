"""The parameters of the office itself: its days and hours, money, plans."""

from app.params.definition import Definition, Kind
from app.params.groups import ELSEWHERE

_PROVINCES = {
    "62": ("in Central Kalimantan", "di Kalimantan Tengah", "PMK 32/2025"),
    "64": ("in East Kalimantan", "di Kalimantan Timur", "PMK 32/2025"),
    "65": ("in North Kalimantan", "di Kalimantan Utara", "PMK 32/2025"),
    ELSEWHERE: ("in other provinces", "di provinsi lain", "the lower of PMK 32/2025"),
}

OFFICE: tuple[Definition, ...] = (
    Definition(
        name="office.working_days", kind=Kind.WEEKDAYS,
        meaning={"en": "Weekdays worked, 1 = Monday", "id": "Hari kerja, 1 = Senin"},
        source="Perpres 21/2023",
    ),
    Definition(
        name="office.lunch", kind=Kind.SPAN,
        meaning={"en": "Break at noon", "id": "Istirahat siang"}, source="Perpres 21/2023",
    ),
    Definition(
        name="office.friday_prayer", kind=Kind.SPAN,
        meaning={"en": "Break on Fridays", "id": "Istirahat hari Jumat"}, source="domain 6",
    ),
    Definition(
        name="office.boat_daylight", kind=Kind.SPAN,
        meaning={"en": "When boats move", "id": "Jam perahu berjalan"}, source="domain 8",
    ),
    Definition(
        name="office.works_in_ramadan", kind=Kind.FLAG,
        meaning={
            "en": "Whether teams go out in Ramadan", "id": "Apakah tim bertugas pada bulan Ramadan",
        },
        source="judgement; Penajam Paser Utara paused in 2021",
    ),
    Definition(
        name="office.ramadan", kind=Kind.PERIODS,
        meaning={"en": "Days of Ramadan", "id": "Hari-hari Ramadan"},
        source="sidang isbat of 17 February 2026; later ones expected, mend them when decided",
    ),
    Definition(
        name="office.ramadan_hours", kind=Kind.SPAN,
        meaning={
            "en": "Hours in Ramadan, within those of the teams",
            "id": "Jam kerja bulan Ramadan, di dalam jam kerja tim",
        },
        source="domain 8, Perpres 21/2023",
    ),
    Definition(
        name="office.ramadan_lunch", kind=Kind.SPAN,
        meaning={"en": "Break at noon in Ramadan", "id": "Istirahat siang bulan Ramadan"},
        source="Perpres 21/2023",
    ),
    Definition(
        name="office.ramadan_friday", kind=Kind.SPAN,
        meaning={"en": "Break on Fridays in Ramadan", "id": "Istirahat Jumat bulan Ramadan"},
        source="Perpres 21/2023",
    ),
)  # fmt: skip

COST: tuple[Definition, ...] = (
    Definition(
        name="cost.rupiah_per_document", kind=Kind.WHOLE, unit="Rp", low=10_000, high=10**12,
        meaning={
            "en": "What the office would spend for one weighted document",
            "id": "Biaya yang pantas untuk satu dokumen berbobot",
        },
        source="planning model",
    ),
    Definition(
        name="cost.per_diem_after_hours", kind=Kind.NUMBER, unit="hours", low=0, high=24,
        meaning={
            "en": "A longer duty earns the daily allowance within the regency",
            "id": "Tugas yang lebih lama mendapat uang harian dalam kabupaten/kota",
        },
        source="PMK 32/2025",
    ),
    *(
        Definition(
            name=f"cost.per_diem_rupiah.{province}", kind=Kind.WHOLE, unit="Rp", low=0,
            high=10_000_000,
            meaning={
                "en": f"Daily allowance a person within the regency, {en}",
                "id": f"Uang harian per orang dalam kabupaten/kota, {id_}",
            },
            source=source,
        )
        for province, (en, id_, source) in _PROVINCES.items()
    ),
    *(
        Definition(
            name=f"cost.away_per_diem_rupiah.{province}", kind=Kind.WHOLE, unit="Rp", low=0,
            high=10_000_000,
            meaning={
                "en": f"Daily allowance a person on a tour with a night out, {en}",
                "id": f"Uang harian per orang pada perjalanan yang bermalam, {id_}",
            },
            source=source,
        )
        for province, (en, id_, source) in _PROVINCES.items()
    ),
    Definition(
        name="cost.lodging_rupiah", kind=Kind.WHOLE, unit="Rp", low=0, high=10_000_000,
        meaning={
            "en": "A place to sleep, a person and night",
            "id": "Tempat bermalam, per orang per malam",
        },
        source="judgement",
    ),
)  # fmt: skip

PLAN: tuple[Definition, ...] = (
    Definition(
        name="plan.minutes", kind=Kind.WHOLES, unit="minutes", low=15, high=600,
        meaning={"en": "Lengths a session may have", "id": "Pilihan lama layanan"},
        source="planning model",
    ),
    Definition(
        name="plan.max_nights", kind=Kind.WHOLE, unit="nights", low=0, high=6,
        meaning={
            "en": "Most nights out in a row, of teams that may stay out; 0: day tours only",
            "id": "Paling banyak malam berturut-turut bagi tim yang boleh bermalam; 0: pulang",
        },
        source="domain 8",
    ),
    Definition(
        name="plan.duty_hours", kind=Kind.NUMBER, unit="hours", low=1, high=24,
        meaning={
            "en": "From leaving to arriving, on a day away from the base",
            "id": "Dari berangkat sampai tiba, pada hari di luar pangkalan",
        },
        source="domain 8",
    ),
    Definition(
        name="plan.request_factor", kind=Kind.NUMBER, unit="factor", low=1, high=100,
        meaning={
            "en": "On what a visit is worth that a verified request asks for: a priority",
            "id": "Pengali nilai kunjungan yang diminta permohonan terverifikasi: prioritas",
        },
        source="judgement; more applicants had priority in Katingan 2022",
    ),
    Definition(
        name="plan.home_visit_minutes", kind=Kind.WHOLE, unit="minutes", low=5, high=120,
        meaning={
            "en": "A person visited at home, set-up and way within the village included",
            "id": "Satu kunjungan rumah, termasuk persiapan dan jalan di dalam desa",
        },
        source="domain 8; usual 10 to 45",
    ),
    Definition(
        name="plan.home_visits_most", kind=Kind.WHOLE, low=0, high=20,
        meaning={
            "en": "People visited at home from one session at most; 0: none",
            "id": "Paling banyak kunjungan rumah dari satu layanan; 0: tidak ada",
        },
        source="judgement: two hours",
    ),
    Definition(
        name="plan.home_visit_worth", kind=Kind.NUMBER, unit="documents", low=0, high=100,
        meaning={
            "en": "What one visit at home counts", "id": "Bobot satu kunjungan rumah",
        },
        source="judgement: as a KTP-el",
    ),
)  # fmt: skip
