"""Headings of lists of signal, power and towers."""

COLUMNS = {
    "code": ("kode", "kode_desa", "kode_wilayah", "village_code", "kode desa/kelurahan"),
    "name": ("desa", "nama_desa", "desa/kelurahan", "kelurahan", "kampung", "village"),
    "district": ("kecamatan", "nama_kecamatan", "nama_kec", "kec"),
    "regency": ("kabupaten", "kabupaten/kota", "kab/kota", "nama_kabupaten", "nama_kab", "kab"),
    "status": ("sinyal_telepon", "sinyal", "kondisi_sinyal", "kekuatan_sinyal", "signal"),
    "internet": ("sinyal_internet", "jenis_sinyal_internet", "jaringan_internet"),
    "has_4g": ("4g", "sinyal_4g", "jaringan_4g", "ketersediaan_4g", "lte"),
    "power": ("listrik", "pln", "listrik_pln"),
    "observed_on": ("tanggal", "tahun", "date", "tgl", "periode"),
    "source": ("sumber", "url"),
    "definition": ("definisi",),
    "confidence": ("keyakinan", "tingkat_keyakinan"),
    # The village census names its questions by number and its villages by BPS codes: without a
    # crosswalk those rows are found by name.
    "bps_code": ("iddesa",),
    "podes_signal": ("r1005c",),
    "podes_internet": ("r1005d",),
    "families_on_pln": ("r501a1",),
    "site_id": ("site id", "id_site", "kode_site"),
    "lon": ("longitude", "bujur", "long"),
    "lat": ("latitude", "lintang"),
    "radius_km": ("radius", "jangkauan_km"),
}
SIGNAL_COLUMNS = ("status", "internet", "has_4g", "podes_signal", "podes_internet")
POWER_COLUMNS = ("power", "families_on_pln")
