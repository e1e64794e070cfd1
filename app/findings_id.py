"""Indonesian sentences of what an import saw, by the codes of ``geodata/findings.py``."""

FINDINGS_ID: dict[str, str] = {
    # codes and names
    "code-undotted": "Baris {row}: kode {value} tanpa titik; dibaca sebagai {village_code}.",
    "code-from-number": (
        "Baris {row}: kode {value} tersimpan sebagai angka; dibaca sebagai {village_code}."
    ),
    "code-scheme": (
        "Kodenya adalah kode {scheme}: menurut angka dan namanya, {kemendagri} baris menunjukkan "
        "kode Kemendagri, {bps} baris kode BPS, dan {silent} baris tidak menunjukkan apa-apa."
    ),
    "code-from-bps": "Baris {row}: kode BPS {value} adalah {village_code}.",
    "code-replaced": (
        "Baris {row}: {value} adalah kode lama; desanya sekarang {village_code} (berlaku sejak: "
        "{since})."
    ),
    "code-zeros-restored": (
        "Baris {row}: kode {value} kehilangan angka nol; menurut nama desa di kabupaten/kota itu, "
        "kodenya {village_code}."
    ),
    "code-split": (
        "Baris {row}: {value} sekarang bisa berarti {candidates}, dan nama '{name}' tidak "
        "menentukannya. Isi kode yang baru."
    ),
    "code-given-up": (
        "Baris {row}: {value} adalah kode lama tanpa desa pengganti. Isi kode yang baru."
    ),
    "code-not-in-crosswalk": (
        "Baris {row}: kode BPS {value} tidak ada di tabel padanan. Tambahkan kode Kemendagrinya di "
        "tabel padanan."
    ),
    "code-digits-lost": (
        "Baris {row}: {value} adalah angka yang sudah dibulatkan, angka belakangnya hilang. Ubah "
        "format kolom menjadi teks, lalu tulis ulang kodenya."
    ),
    "code-ambiguous": (
        "Baris {row}: {value} kehilangan angka nol dan bisa berarti {readings}; namanya tidak "
        "menentukan. Ubah format kolom menjadi teks, lalu tulis ulang kodenya."
    ),
    "team-unknown": "Baris {row}: tidak ada tim '{value}'; impor tim dahulu.",
    "nip-unreadable": (
        "Baris {row}: {column} bukan NIP 18 angka. Jadikan kolomnya teks, lalu isi lagi."
    ),
    "staff-twice": "Baris {row}: {column} itu sudah ada di baris {first_row}.",
    "leave-unreadable": (
        "Baris {row}: '{value}' tidak menyebut hari cuti. Tulis 2026-12-01 - 2026-12-05; "
        "2026-12-24."
    ),
    "point-without-people": (
        "Baris {row}: titik berjenis '{value}' melayani warganya sendiri; tulis berapa yang "
        "diharapkan per program."
    ),
    "point-far": "Baris {row}: '{value}' berjarak {km} km dari titik desanya {village_code}.",
    "village-served-twice": (
        "Baris {row}: {village} sudah dilayani '{other}'; satu desa hanya punya satu titik tujuan."
    ),
    "opening-unreadable": (
        "Baris {row}: '{value}' tidak menyebut jam buka. Tulis 12345 07:30-14:00; 6 07:30-11:00."
    ),
    "village-changed": (
        "{village_code} di peta ini '{value}'; sebelumnya '{name}', {km} km dari sana. Periksa "
        "kode pada peta."
    ),
    "outline-left": (
        "{village_code}: titik baru, bujur {lon}, lintang {lat}, berada {metres} m di luar batas "
        "desa yang dikenal; batas itu tidak dipakai lagi. Periksa titiknya; kalau batasnya benar, "
        "impor lagi petanya."
    ),
    "village-renamed": "Baris {row}: '{value}' sekarang bernama '{name}' ({village_code}).",
    "code-missing": (
        "Baris {row}: tidak ada kode di samping '{name}'. Isi kode desanya, lalu impor lagi."
    ),
    "code-unreadable": (
        "Baris {row}: '{value}' bukan kode desa. Tulis sepuluh angka, 62.02.01.1009."
    ),
    "name-missing": "Baris {row}: desa {village_code} tidak bernama; kodenya dipakai sebagai nama.",
    "name-unmatched": (
        "Baris {row}: tidak ada desa bernama '{value}' (dicari di: {area}). Ejaan yang mirip: "
        "{candidates}. Isi kodenya, atau betulkan namanya."
    ),
    "matched-by-name": (
        "{value} baris tanpa kode dicocokkan menurut nama: persis, di dalam kecamatannya."
    ),
    "name-elsewhere": (
        "Baris {row}: di {printed} tidak ada '{value}'; yang dipakai {village_code} di {district}. "
        "Periksa kecamatannya."
    ),
    "name-ambiguous": (
        "Baris {row}: beberapa desa bernama '{value}' (dicari di: {area}): {candidates}. Isi kode "
        "atau kecamatannya."
    ),
    "name-differs": (
        "Baris {row}: {village_code} bernama {name}, tetapi di baris ini tertulis '{value}'. "
        "Periksa kodenya."
    ),
    "name-of-another": (
        "Baris {row}: {village_code} bernama {name}, padahal '{value}' adalah {candidates}. "
        "Betulkan kode atau namanya."
    ),
    "district-differs": (
        "Baris {row}: {village_code} terletak di {district}, tetapi di baris ini tertulis "
        "'{value}'. Periksa kodenya."
    ),
    "village-unknown": "Baris {row}: tidak ada desa berkode {village_code} di antara yang diimpor.",
    "column-missing": "Tabel tidak memiliki kolom {column}.",
    "column-ignored": "Kolom '{value}' tidak dikenal dan tidak dibaca.",
    "regency-missing": (
        "Baris {row}: kabupaten/kota tidak disebut dan '{value}' tidak diawali kode kabupaten/kota."
    ),
    "regency-unknown": (
        "Baris {row}: '{value}' bukan kabupaten/kota dari desa yang sudah diimpor."
    ),
    "regency-ambiguous": (
        "Baris {row}: '{value}' bisa berarti salah satu dari {candidates}. Tulis Kabupaten atau "
        "Kota di depannya."
    ),
    "team-elsewhere": (
        "Baris {row}: tim '{value}' sudah ada di kabupaten/kota {regency_code}. Beri nama lain."
    ),
    "regency-contradicts": (
        "Baris {row}: '{value}' termasuk {regency_code}, tetapi baris ini menyebut {regency}."
    ),
    # counts
    "number-rewritten": "Baris {row}: '{value}' di {column} berupa teks dan dibaca sebagai {to}.",
    "count-not-whole": (
        "Baris {row}: {value} di kolom {column} berarti {as_decimal} bila tandanya desimal, atau "
        "{as_thousands} bila tandanya pemisah ribuan. Isi dengan bilangan bulat."
    ),
    "count-not-number": (
        "Baris {row}: '{value}' di kolom {column} bukan angka. Isi dengan bilangan bulat, atau "
        "kosongkan."
    ),
    "count-negative": (
        "Baris {row}: {value} di kolom {column} kurang dari 0. Isi dengan 0 atau lebih."
    ),
    "count-too-large": (
        "Baris {row}: {value} di kolom {column} lebih dari {limit}. Tidak ada desa sebesar itu."
    ),
    "count-missing": "Baris {row}: kolom {column} kosong untuk desa {village_code}.",
    "recorded-exceeds-wajib": (
        "Baris {row}: di desa {village_code} sudah rekam {sudah_rekam}, lebih banyak daripada "
        "wajib KTP {wajib_ktp}; warga yang dicari dihitung 0."
    ),
    "not-recorded-differs": (
        "Baris {row}: belum rekam desa {village_code} tertulis {value}; yang dipakai {wajib_ktp} - "
        "{sudah_rekam} = {computed}."
    ),
    "percentage-differs": (
        "Baris {row}: persentase desa {village_code} tertulis {value} %; {sudah_rekam} dari "
        "{wajib_ktp} adalah {computed} %."
    ),
    "count-kept": (
        "Berkas ini tidak memuat {column} untuk {n_villages} desa; angka dari berkas sebelumnya "
        "(yang terbaru per {day}) tetap dipakai."
    ),
    "count-changed": (
        "Baris {row}: {column} {village_code} semula {before} pada {before_day} dan kini {value} "
        "pada {day}, berubah lebih dari {limit} %. Periksa angkanya."
    ),
    "total-mismatch": (
        "Baris {row}: {column} pada '{place}' tertulis {value}; hasil penjumlahan desa-desanya "
        "{computed}."
    ),
    "sheet-skipped": "Lembar '{value}' tidak berisi tabel desa dan tidak dibaca.",
    # words, numbers, dates, places
    "value-missing": "Baris {row}: kolom {column} kosong.",
    "word-unknown": (
        "Baris {row}: '{value}' tidak dikenal untuk kolom {column}. Gunakan salah satu dari: "
        "{accepted}."
    ),
    "number-unreadable": "Baris {row}: '{value}' di kolom {column} bukan angka.",
    "number-out-of-range": "Baris {row}: {value} di kolom {column} berada di luar {accepted}.",
    "date-unreadable": (
        "Baris {row}: '{value}' di kolom {column} bukan tanggal. Tulis 2024-06-30, 2024-06 atau "
        "2024."
    ),
    "date-to-come": (
        "Baris {row}: hari '{value}' di kolom {column} belum tiba. Perbaiki; baris ini tidak "
        "dipakai."
    ),
    "time-unreadable": "Baris {row}: '{value}' di kolom {column} bukan jam. Tulis seperti 07:30.",
    "times-reversed": "Baris {row}: jam selesai {value} tidak sesudah jam mulai {starts}.",
    "coordinates-out-of-range": (
        "Baris {row}: bujur {lon}, lintang {lat} tidak berada di Indonesia."
    ),
    "coordinates-swapped": "Baris {row}: bujur {lon} dan lintang {lat} tampaknya tertukar.",
    "request-known": (
        "Baris {row}: surat '{value}' dari {village_code} sudah menjadi permohonan {request_id} "
        "dan dibiarkan seperti adanya."
    ),
    "contact-names-person": (
        "Baris {row}: {column} tampaknya menyebut nama orang. Tulis kantor atau jabatannya."
    ),
    "text-too-long": "Baris {row}: {column} lebih dari {most} huruf.",
    "row-duplicate": (
        "Baris {row}: '{value}' sudah ada di baris {first_row}; baris ini tidak dipakai."
    ),
    "rows-repeated": "{value} baris sama persis dengan baris lain; masing-masing dibaca sekali.",
    # connectivity
    "site-id-shared": (
        "Baris {row}: '{value}' juga dipakai menara di baris {first_row}, di tempat lain; keduanya "
        "disimpan."
    ),
    "tower-codes-bps": (
        "Kode dalam daftar ini kode BPS dan belum ada tabel padanan yang diimpor: kodenya tidak "
        "dipakai. Menara berada di posisinya."
    ),
    "tower-codes-undecided": (
        "Tidak pasti kode siapa yang ada dalam daftar ini: kodenya tidak dipakai. Menara berada di "
        "posisinya."
    ),
    "tower-without-signal": (
        "{village_code}: {one} ({one_day}) menyatakan {one_says}, tetapi {other} ({other_day}) "
        "menyatakan {other_says}: menara disebut aktif di tempat yang dilaporkan tanpa sinyal. "
        "Tanyakan kepada desa."
    ),
    "reports-differ": (
        "{village_code}: {one} ({one_day}) menyatakan {one_says}, {other} ({other_day}) "
        "menyatakan {other_says}."
    ),
    "layers-differ": (
        "{village_code}: {one} ({one_day}) menyatakan {one_says}, {other} ({other_day}) "
        "menyatakan {other_says}. Desa lebih tahu daripada peta."
    ),
    "power-differs": (
        "{village_code}: listrik PLN {one_says} menurut {one} ({one_day}) dan {other_says} "
        "menurut {other} ({other_day})."
    ),
    "tower-status-differs": (
        "Satu menara di dua daftar: {one} ({one_day}) menyatakan {one_says}, {other} "
        "({other_day}) menyatakan {other_says}."
    ),
    "tower-elsewhere": (
        "{one} disebut berdiri di {one_says}, tetapi posisinya berada di {other_says}."
    ),
    # geometry
    "reprojected": "Koordinat diubah dari {value} ke bujur dan lintang.",
    "layer-chosen": "Yang dibaca '{value}'. Tidak dibaca: {found}.",
    "axes-swapped": (
        "Berkas menulis lintang sebelum bujur; {value} garis batas dibaca dengan urutan dibalik."
    ),
    "geometry-repaired": (
        "Baris {row}: garis batas desa {village_code} tidak sah ({reason}) dan sudah diperbaiki; "
        "luasnya dari {before_ha} ha menjadi {after_ha} ha."
    ),
    "geometry-areas-kept": (
        "Baris {row}: desa {village_code} digambar sebagai wilayah dan {value}; hanya wilayahnya "
        "yang dipakai."
    ),
    "geometry-point": (
        "Baris {row}: desa {village_code} tidak memiliki garis batas; hanya titiknya yang "
        "disimpan, bujur {lon}, lintang {lat}."
    ),
    "geometry-points": (
        "Berkas ini tidak memuat batas desa; dari {value} desa hanya titiknya yang disimpan."
    ),
    "outlines-overlap": (
        "{value} pasang desa bertumpang tindih, seluruhnya {area_ha} ha; {slivers} di antaranya, "
        "{slivers_ha} ha, hanya serpihan yang lebih sempit dari {width_m} m. Yang terluas: "
        "{largest}."
    ),
    "outlines-gap": (
        "{value} celah di antara desa tidak termasuk desa mana pun, seluruhnya {area_ha} ha; "
        "{slivers} di antaranya, {slivers_ha} ha, hanya serpihan yang lebih sempit dari {width_m} "
        "m. Yang terluas: {largest}."
    ),
    "geometry-missing": "Baris {row}: desa {village_code} tidak memiliki garis batas.",
    "geometry-not-area": (
        "Baris {row}: desa {village_code} digambar sebagai {value}, bukan sebagai wilayah."
    ),
    "area-missing": "Baris {row}: digambar sebagai {value}, bukan sebagai wilayah.",
    "area-repaired": "Baris {row}: garis batas tidak sah ({reason}) dan sudah diperbaiki.",
    # travel
    "line-missing": "Baris {row}: tidak ada garis, atau garisnya tanpa panjang.",
    "line-not-line": "Baris {row}: digambar sebagai {value}, bukan sebagai garis.",
    "line-in-parts": (
        "Baris {row}: digambar dalam {value} bagian; setiap bagian menjadi garis tersendiri."
    ),
    "ways-passed-over": (
        "{value} garis dalam berkas bukan jalan kendaraan atau alur perahu (jalan setapak, parit, "
        "dan sejenisnya) dan tidak dibaca."
    ),
    "ways-closed": (
        "{value} jalan atau sungai tertutup bagi kendaraan atau perahu (access no atau private) "
        "dan tidak dibaca."
    ),
    "ways-cut": ("{value} garis melewati tepi berkas; hanya bagian di dalamnya yang dibaca."),
    "rapids-off-river": (
        "Baris {row}: jeram di bujur {lon}, lintang {lat} lebih dari {metres} m dari semua sungai "
        "dan tidak dipakai."
    ),
    "end-joined": ("Baris {row}: satu ujung berjarak {metres} m dari {value} dan disambungkan."),
    "end-falls-short": (
        "Baris {row}: satu ujung berjarak {metres} m dari {value} tetapi tidak menyambung. Bila "
        "memang bertemu, tarik garisnya sampai ke sana."
    ),
    "crossing-joined": (
        "Baris {row}: memotong {value} pada ketinggian yang sama di bujur {lon}, lintang {lat} dan "
        "disambungkan di sana. Bila salah satu melintas di atas, isi bridge=yes."
    ),
    "network-parts": (
        "Jaringan {mode} terpisah menjadi {value} bagian; yang terbesar memuat {share} % "
        "panjangnya. Tempat di bagian lain tidak terjangkau dari sana."
    ),
    "base-off-network": (
        "{depot}: tidak ada jalan atau sungai yang bisa dilalui kendaraan tim {team} dalam jarak "
        "jalan kaki. Beri tim kendaraan kedua (mobil+perahu), atau pindahkan pangkalannya."
    ),
    "point-no-network-near": (
        "{place} tidak terjangkau dari {depot}: tidak ada jalan atau sungai bagi kendaraannya "
        "dalam jarak jalan kaki. Pindahkan titiknya, lengkapi garisnya, atau tambahkan perahu "
        "atau pesawat di daftar penghubung."
    ),
    "point-not-connected": (
        "{place} tidak terjangkau dari {depot}: jalan atau sungai di dekatnya tidak tersambung "
        "dengan yang di {depot}. Lengkapi garisnya, atau tambahkan perahu atau pesawat di daftar "
        "penghubung."
    ),
    "detour-long": (
        "Dari {depot} ke {place} jalurnya {ratio} kali garis lurus ({km} km untuk {straight_km} "
        "km): mungkin ada jalan atau sungai yang belum tergambar."
    ),
    "detour-short": (
        "Dari {depot} ke {place} jalurnya ({km} km) lebih pendek daripada garis lurus "
        "({straight_km} km): ada garis atau posisi yang salah."
    ),
    "time-zero": ("Dari {depot} ke {place} tidak memakan waktu, padahal berjarak {metres} m."),
    "surface-assumed": (
        "{value} ruas jalan tidak menyebut jenis permukaan yang dikenal; dipakai permukaan yang "
        "lazim untuk kelasnya."
    ),
    "timetable-unreadable": (
        "Baris {row}: '{value}' di kolom {column} tidak menyebut jam berangkat; dianggap berangkat "
        "setiap saat. Tulis seperti 07:00, 10:30 atau 07:00 balik 13:00."
    ),
    "timetable-single": (
        "Baris {row}: angkutan ini berangkat sekali sehari ({value}); rencana memperhitungkan "
        "harinya, bukan jamnya. Cocokkan kunjungannya dengan jam itu."
    ),
    "weekdays-unreadable": (
        "Baris {row}: '{value}' tidak menyebut hari. Tulis dengan angka, 1 untuk Senin sampai 7 "
        "untuk Minggu: 135."
    ),
    "link-goes-nowhere": (
        "Baris {row}: kedua ujung angkutan ini berada di bujur {lon}, lintang {lat}."
    ),
    "return-time-assumed": (
        "Baris {row}: kolom {column} kosong; perjalanan kembali dianggap juga {value} menit."
    ),
    "fare-assumed": (
        "{value} angkutan tidak menyebut tarif; dipakai tarif dari parameter perjalanan."
    ),
}
