"""Who counts for each programme, and who of them is recorded."""

from collections.abc import Iterable

from app.current import CurrentCount
from routing import Programme

COLUMNS = {
    Programme.KTP_EL: ("wajib_ktp", "sudah_rekam"),
    Programme.KIA: ("anak_0_17", "memiliki_kia"),
    Programme.AKTA: ("anak_0_17", "belum_akta"),
    Programme.IKD: ("sudah_rekam", "ikd_aktif"),
}
"""Columns of who counts and who is recorded; the second of ``akta`` is who is missing."""


def base_and_recorded(count: CurrentCount, programme: Programme) -> tuple[int, int] | None:
    """Give who counts in a village and who is recorded; None where either is not known."""
    whole, part = (getattr(count, name) for name in COLUMNS[programme])
    if whole is None or part is None:
        return None
    return whole, whole - part if programme is Programme.AKTA else part


def bases(counts: Iterable[CurrentCount]) -> dict[str, tuple[int, int]]:
    """Sum both up by programme, over the villages that have both; programmes of none left out."""
    found: dict[str, tuple[int, int]] = {}
    for count in counts:
        for programme in COLUMNS:
            if (pair := base_and_recorded(count, programme)) is not None:
                base, recorded = found.get(programme.value, (0, 0))
                found[programme.value] = base + pair[0], recorded + pair[1]
    return found
