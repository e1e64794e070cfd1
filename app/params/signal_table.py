"""The parameters of signal: what is assumed of a tower."""

from app.params.definition import Definition, Kind
from geodata.join_params import MAX_MEASURED_DAYS
from geodata.schema import SIGNALS
from geodata.towers import MAX_RADIUS_KM

SIGNAL: tuple[Definition, ...] = (
    Definition(
        name="signal.radius_km", kind=Kind.NUMBER, unit="km", low=0.1, high=MAX_RADIUS_KM,
        meaning={
            "en": "How far a tower reaches whose list states no radius",
            "id": "Jangkauan menara bila daftarnya tidak menyebut radius",
        },
        source="domain 8, usual 3 to 4",
    ),
    Definition(
        name="signal.tower_signal", kind=Kind.WORD, words=SIGNALS[1:],
        meaning={
            "en": "The class of signal within reach of a tower on air",
            "id": "Kelas sinyal dalam jangkauan menara yang aktif",
        },
        source="judgement",
    ),
    Definition(
        name="signal.measured_days", kind=Kind.WHOLE, unit="days", low=0, high=MAX_MEASURED_DAYS,
        meaning={
            "en": "How many days newer a list must be to beat what a team measured on the spot",
            "id": "Berapa hari lebih baru sebuah daftar agar mengalahkan hasil ukur tim di tempat",
        },
        source="judgement",
    ),
)  # fmt: skip
