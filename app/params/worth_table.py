"""The parameters of worth: who needs, is found, comes, and what a document counts."""

from app.params.definition import Definition, Kind
from routing import Programme

_JUDGEMENT = "judgement"
_COUNTER = "judgement, under the 15 minutes of counter norms"
_DOMAIN = "domain 8"


def _by_programme(
    name: str, unit: str, high: float, en: str, id_: str, sources: dict[Programme, str],
    low: float = 0,
) -> tuple[Definition, ...]:  # fmt: skip
    return tuple(
        Definition(
            name=f"worth.{name}.{p.value}", kind=Kind.NUMBER, unit=unit, low=low, high=high,
            meaning={"en": f"{en} ({p.value})", "id": f"{id_} ({p.value})"},
            source=sources.get(p, _JUDGEMENT),
        )
        for p in Programme
    )  # fmt: skip


def _number(
    name: str, unit: str, low: float, high: float, en: str, id_: str, source: str,
    kind: Kind = Kind.NUMBER,
) -> Definition:  # fmt: skip
    return Definition(
        name=f"worth.{name}", kind=kind, unit=unit, low=low, high=high,
        meaning={"en": en, "id": id_}, source=source,
    )  # fmt: skip


WORTH: tuple[Definition, ...] = (
    *_by_programme(
        "weight", "documents", 100, "What one document counts", "Bobot satu dokumen",
        {Programme.KTP_EL: "judgement: the office's own goal comes first"},
    ),
    *_by_programme(
        "reachable_share", "share", 1,
        "Of the people listed, those who live there and can be found",
        "Dari warga terdaftar, yang tinggal di sana dan dapat ditemui",
        {
            Programme.KTP_EL: "four published field checks, 0.32 to 0.60; usual 0.30 to 0.80",
            Programme.IKD: "judgement: people with a smartphone",
        },
    ),
    *_by_programme(
        "service_minutes", "minutes", 240, "At one kit or desk, a person",
        "Di satu alat atau meja, per orang",
        {
            Programme.KTP_EL: "Surabaya 2022 (7.2), Ngawi 2024 (52 a kit-day); usual 4 to 12",
            Programme.PEMULA: "as ktp_el in a village",
            Programme.KIA: _COUNTER,
            Programme.AKTA: _COUNTER,
            Programme.IKD: _COUNTER,
        },
        low=0.5,
    ),
    _number(
        "turnout_first", "share", 0, 1, "Of the people who can be found, those who come at first",
        "Dari warga yang dapat ditemui, yang datang pada kunjungan pertama",
        "judgement; 0.70 in Berau after a campaign; usual 0.40 to 0.85",
    ),
    _number(
        "turnout_second", "share", 0, 1, "Of those left after a visit, those who come to the next",
        "Dari warga yang tersisa, yang datang pada kunjungan berikutnya",
        "judgement; usual 0.2 to 0.6",
    ),
    _number(
        "late_notice_factor", "factor", 0, 1, "On turnout, where a visit is announced late",
        "Pengali kehadiran bila kunjungan terlambat diumumkan", "judgement after Jembrana 2019",
    ),
    _number(
        "late_notice_days", "days", 0, 60, "A visit announced fewer days ahead is announced late",
        "Kunjungan yang diumumkan kurang dari ini dianggap terlambat diumumkan",
        "judgement after Jembrana 2019", Kind.WHOLE,
    ),
    _number(
        "neighbour_factor", "factor", 0, 1, "On turnout of people who come from other villages",
        "Pengali kehadiran warga yang datang dari desa lain", _JUDGEMENT,
    ),
    _number(
        "school_minutes", "minutes", 0.5, 240, "A pemula at one kit in a school",
        "Seorang pemula di satu alat di sekolah", "3.4 to 7 published; usual 3.5 to 7",
    ),
    _number(
        "weak_signal_multiplier", "factor", 1, 10, "On minutes a person, where the signal is weak",
        "Pengali menit per orang bila sinyal lemah", "judgement; usual 1 to 3",
    ),
    _number(
        "overhead_minutes", "minutes", 0, 480, "Set-up, talk and pack-up of a session",
        "Persiapan, penjelasan, dan beres-beres satu layanan",
        "30 minutes of talk published, else judgement; usual 60 to 120",
    ),
    _number(
        "short_overhead_minutes", "minutes", 0, 480, "The same in a short session",
        "Sama, pada layanan singkat", _JUDGEMENT,
    ),
    _number(
        "short_below_minutes", "minutes", 0, 600, "A session below this is short",
        "Layanan di bawah ini disebut singkat", _JUDGEMENT,
    ),
    _number(
        "spread_village", "correlation", 0, 0.99, "P10 and P90: how alike people of a village act",
        "P10 dan P90: seberapa serupa perilaku warga satu desa", _JUDGEMENT,
    ),
    _number(
        "spread_shared", "share", 0, 2, "P10 and P90: the error that all villages share",
        "P10 dan P90: kesalahan bersama semua desa",
        "four field checks of the reachable share vary by 0.26",
    ),
    _number(
        "spread_gathered", "share", 0, 2, "P10 and P90: the error in people a place expects",
        "P10 dan P90: kesalahan perkiraan warga suatu tempat", _JUDGEMENT,
    ),
    _number(
        "inflow_rate", "share a year", 0, 0.2, "People who turn 17, of wajib KTP",
        "Warga yang berusia 17 tahun dalam setahun, dari wajib KTP",
        "4,031,791 of 196,394,976 nationally; usual 0.015 to 0.026",
    ),
    _number(
        "inflow_unrecorded_share", "share", 0, 1,
        "Of them, those the office does not record anyway",
        "Di antaranya, yang tidak direkam kantor dengan cara lain", _JUDGEMENT,
    ),
    _number(
        "blank_spot_factor", "factor", 0, 100,
        "On what a visit is worth where there is no signal: a priority, not people",
        "Pengali nilai kunjungan di tempat tanpa sinyal: prioritas, bukan jumlah warga",
        "1: no priority; the office decides",
    ),
    _number(
        "stale_after_days", "days", 1, 3650, "Counts older than this are marked on every plan",
        "Data yang lebih tua dari ini ditandai dalam rencana", "planning model", Kind.WHOLE,
    ),
    Definition(
        name="worth.offline_capture_allowed", kind=Kind.FLAG,
        meaning={
            "en": "Whether the office may record first and upload later",
            "id": "Apakah kantor boleh merekam dahulu dan mengunggah kemudian",
        },
        source="online only since 2025 (Kaltara)",
    ),
)  # fmt: skip
