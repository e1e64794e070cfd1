"""The parameters of results: what they change in later plans."""

from app.params.definition import Definition, Kind

RESULTS: tuple[Definition, ...] = (
    Definition(
        name="results.lower_need", kind=Kind.FLAG,
        meaning={
            "en": "Whether reported results are taken off the people listed in later plans",
            "id": "Apakah hasil yang dilaporkan mengurangi sasaran pada rencana berikutnya",
        },
        source="planning model 1",
    ),
    Definition(
        name="results.learn", kind=Kind.FLAG,
        meaning={
            "en": "Whether turnout, reachable share and minutes are corrected by district",
            "id": "Apakah kehadiran, bagian yang dapat ditemui, dan menit dikoreksi per kecamatan",
        },
        source="docs/results.md",
    ),
    Definition(
        name="results.spread_district", kind=Kind.NUMBER, low=0.01, high=2,
        meaning={
            "en": "How far districts differ from the default: coefficient of variation",
            "id": "Seberapa jauh kecamatan berbeda dari nilai bawaan: koefisien variasi",
        },
        source="four published field checks of the reachable share: 0.26",
    ),
    Definition(
        name="results.cleared_weight", kind=Kind.NUMBER, unit="documents", low=0, high=100,
        meaning={
            "en": "What one record counts that was cleared: who died, who moved away",
            "id": "Bobot satu data yang dibersihkan: meninggal, pindah",
        },
        source="judgement: as a birth certificate",
    ),
)  # fmt: skip
