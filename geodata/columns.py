"""The counts of a village, under the names that the offices use; see ``docs/architecture.md``."""

COUNT_COLUMNS = (
    "wajib_ktp",
    "sudah_rekam",
    "belum_rekam",
    "usia_16_17",
    "anak_0_17",
    "memiliki_kia",
    "belum_akta",
    "ikd_aktif",
)

COUNT_GROUPS = (
    ("wajib_ktp", "sudah_rekam", "belum_rekam"),
    ("usia_16_17",),
    ("anak_0_17", "memiliki_kia"),
    ("belum_akta",),
    ("ikd_aktif",),
)
"""Columns that are set off against each other, and so must come from one file."""
