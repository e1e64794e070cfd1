"""Indonesian texts of errors and findings, by the codes of their English ones.

The place holders are those of the English sentence; a test holds the two together.
"""

ERRORS_ID: dict[str, str] = {
    # files, geodata/errors.py
    "geodata-error": "Berkas ini tidak dapat digunakan.",
    "unreadable-source": (
        "{place} tidak dapat dibaca sebagai {expected} ({reason}). Buka dengan program asalnya, "
        "simpan ulang sebagai {expected}, lalu impor sekali lagi."
    ),
    "missing-file": "{place} tidak ada. Periksa nama berkas dan foldernya.",
    "unsupported-format": (
        "{place} berjenis '{value}', yang tidak dapat dibaca. Simpan sebagai salah satu dari "
        "{accepted}."
    ),
    "file-too-large": (
        "{place} berukuran {value} byte, batasnya {limit}. Impor satu kabupaten/kota setiap kali."
    ),
    "too-many-rows": (
        "{place} berisi {value} baris atau lebih, batasnya {limit}. Hapus baris kosong di bawah "
        "tabel, atau impor satu kabupaten/kota setiap kali."
    ),
    "too-many-columns": (
        "{place} berisi {value} kolom, batasnya {limit}. Hapus isian yang jauh di sebelah kanan "
        "tabel."
    ),
    "empty-file": (
        "{place} tidak berisi satu pun baris data. Pastikan berkas dan lembar yang disimpan sudah "
        "benar."
    ),
    "missing-layer": (
        "{place} tidak memiliki lapisan '{layer}'; yang ada: {found}. Beri nama '{layer}' pada "
        "lapisan yang dimaksud."
    ),
    "no-travel-network": (
        "{place} tidak berisi jalan atau sungai: tidak ada lapisan dengan kolom 'highway' atau "
        "'waterway' (lapisan: {found}). Tulis kelas setiap garis di kolom itu, dengan istilah "
        "OpenStreetMap."
    ),
    "missing-parts": (
        "{place} kurang {found}: Shapefile terdiri atas beberapa berkas. Masukkan .shp, .shx, .dbf "
        "dan .prj ke dalam satu ZIP, lalu impor ZIP itu."
    ),
    "too-many-features": (
        "{place} memiliki lebih dari {limit} fitur. Impor satu kabupaten/kota setiap kali."
    ),
    "too-many-layers": (
        "{place} memiliki {value} lapisan, batasnya {limit}. Simpan lapisan yang diperlukan "
        "sebagai berkas tersendiri."
    ),
    "too-many-vertices": (
        "{place}: fitur {row} memiliki {value} titik sudut, batasnya {limit}. Sederhanakan "
        "garisnya, lalu impor lagi."
    ),
    "foreign-content": (
        "{place} memuat '{value}', yang tidak diterima dalam berkas {expected}. Simpan lagi "
        "lapisannya sebagai {expected} biasa, lalu impor berkas itu."
    ),
    "unsafe-name": (
        "{place} memuat nama '{value}' yang menunjuk ke luar, berupa tautan, atau ada dua kali. "
        "Buat lagi dari berkas aslinya."
    ),
    "nested-archive": ("{place} memuat arsip lain, '{value}'. Buka arsip itu, lalu impor isinya."),
    "too-many-files": (
        "{place} memuat {value} berkas, batasnya {limit}. Masukkan hanya berkas dari satu lapisan."
    ),
    "unpacked-too-large": (
        "{place} menjadi lebih dari {limit} byte bila dibuka. Impor satu kabupaten/kota setiap "
        "kali."
    ),
    "archive-ratio": (
        "{place} memuat '{value}' yang bila dibuka lebih dari {limit} kali ukurannya. Buat lagi "
        "arsipnya dari berkas asli."
    ),
    "ambiguous-layer": (
        "{place} memiliki beberapa lapisan desa: {found}. Beri nama '{layer}' pada yang benar, "
        "atau simpan sebagai berkas tersendiri."
    ),
    "network-not-allowed": (
        "{place} adalah alamat di jaringan, yang tidak boleh dipakai di sini. Unduh lapisannya, "
        "lalu impor berkasnya."
    ),
    "bad-address": (
        "'{value}' bukan alamat yang dapat dibaca. Tulis https://server/path/collections/nama, "
        "tanpa nama pengguna dan sandi."
    ),
    "remote-failed": (
        "{place} tidak mengirim data ({reason}). Periksa alamat dan sambungannya, atau unduh "
        "lapisannya dan impor berkasnya."
    ),
    "remote-elsewhere": (
        "{place} mengarahkan ke {value}, yang tidak diikuti. Berikan alamat itu, bila memang benar."
    ),
    "remote-incomplete": (
        "{place} menjanjikan {expected} fitur tetapi mengirim {value}. Impor sekali lagi."
    ),
    "missing-collection": (
        "{place} tidak memiliki koleksi wilayah; yang ada: {found}. Berikan alamat lain."
    ),
    "ambiguous-collection": (
        "{place} memiliki beberapa koleksi: {found}. Berikan alamat salah satunya, "
        "https://server/path/collections/nama."
    ),
    "missing-column": (
        "{place} tidak memiliki kolom '{column}'; yang ada: {found}. Beri judul kolom itu salah "
        "satu dari: {accepted}."
    ),
    "doubled-column": (
        "{place} memiliki lebih dari satu kolom untuk '{column}': {found}. Sisakan satu, lalu "
        "hapus atau ganti judul yang lain."
    ),
    "missing-as-of": (
        "{place} tidak menyebut tanggal data. Berikan tanggalnya (2023-06-30), atau tulis "
        "'SEMESTER I TAHUN 2023' atau 'per 30 Juni 2023' di atas tabel."
    ),
    "contradicting-as-of": (
        "{place} menyebut beberapa tanggal data: {found}. Berikan satu tanggal yang berlaku untuk "
        "seluruh berkas."
    ),
    "wrong-crs": (
        "{place} tidak memiliki sistem koordinat yang dapat digunakan (ditemukan: {value}). "
        "Tetapkan sistem koordinat yang dipakai saat menggambar, EPSG:4326 untuk bujur dan "
        "lintang, lalu simpan ulang."
    ),
    "residents-file": (
        "{place}: {cell} berisi data perseorangan ('{column}'). Berkas seperti itu ditolak dan "
        "tidak satu pun isinya disimpan. Impor data agregat, yaitu jumlah per desa."
    ),
    "resident-numbers": (
        "{place}: {cell} berisi nomor 16 angka yang berbentuk NIK atau nomor KK. Berkas seperti "
        "itu ditolak dan tidak satu pun isinya disimpan. Impor data agregat, yaitu jumlah per "
        "desa."
    ),
    "bad-code": (
        "'{value}' bukan kode desa. Tulis sepuluh angka, 62.02.01.1009 (kode Kemendagri, bukan "
        "BPS), di kolom berformat teks."
    ),
    "ambiguous-code": (
        "'{value}' kehilangan angka nol dan bisa berarti {readings}. Ubah format kolom menjadi "
        "teks, lalu tulis ulang kodenya."
    ),
    "bad-codes": (
        "{place}: {count} kode tidak dapat dibaca sebagai kode desa (sepuluh angka, "
        "62.02.01.1009): {value}. Ubah format kolom menjadi teks, lalu tulis ulang kodenya."
    ),
    "mixed-code-schemes": (
        "{place} mencampur kode Kemendagri dan kode BPS. Menurut angkanya dan nama di sampingnya, "
        "{kemendagri} baris memakai kode Kemendagri ({kemendagri_rows}) dan {bps} baris memakai "
        "kode BPS ({bps_rows}). Gunakan satu jenis kode untuk seluruh berkas."
    ),
    "undecided-code-scheme": (
        "{place}: belum pasti apakah kodenya kode Kemendagri atau kode BPS. {kemendagri} baris "
        "menunjukkan kode Kemendagri ({kemendagri_rows}) dan {bps} baris menunjukkan kode BPS "
        "({bps_rows}); di {against} baris kodenya milik desa dengan nama lain "
        "({against_rows}). Pastikan kode dan nama berada di baris yang sama, impor dahulu desa di "
        "wilayah itu, atau tulis kodenya dengan titik, 62.02.01.1009."
    ),
    "crosswalk-needed": (
        "{place} memakai kode BPS (tampak di {count} baris). Berikan tabel padanan kode BPS dan "
        "Kemendagri, atau tulis kode Kemendagri, 62.02.01.1009."
    ),
    "wrong-crosswalk": (
        "Tabel padanan yang diberikan berjenis '{value}', padahal yang diperlukan '{accepted}'."
    ),
    "unknown-codes": (
        "{place}: {count} kode tidak termasuk desa yang sudah diimpor: {value}. Impor dahulu desa "
        "di wilayah itu, atau betulkan kodenya (kode Kemendagri, bukan BPS)."
    ),
    "duplicate-codes": (
        "{place}: {count} kode tertulis pada lebih dari satu baris: {value}. Sisakan satu baris "
        "untuk setiap desa."
    ),
    "bad-value": (
        "{place}: '{value}' tidak dapat digunakan untuk {column}. Yang diperbolehkan: {accepted}."
    ),
    "bad-frame": (
        "Tabel {place} menyalahi ketentuan kolom '{column}'. Yang diperbolehkan: {accepted}."
    ),
    # plans, jobs and the server, app/errors.py
    "app-error": "{detail}",
    "plan-not-found": (
        "tidak ada rencana {plan_id}; `jemput-bola plans` menampilkan rencana yang ada"
    ),
    "job-not-found": "tidak ada pekerjaan {job_id}",
    "import-not-found": "tidak ada impor {import_id}",
    "team-not-found": "tidak ada tim {team}; yang ada: {known}",
    "itinerary-not-found": "tim {team} tidak punya rencana pada minggu {week}: {reason}",
    "regency-not-found": (
        "belum ada desa dari kabupaten/kota {regency} (yang ada: {known}); impor desanya dahulu"
    ),
    "missing-input": (
        "kabupaten/kota {regency} belum memiliki data {what}; impor dahulu dengan `jemput-bola "
        "import {what}`"
    ),
    "no-working-day": (
        "minggu {week} tidak memiliki hari kerja di kabupaten/kota {regency}: {reason}"
    ),
    "bad-week": "{week!r} bukan minggu ISO; tulis seperti 2026-W49",
    "too-short": (
        "layanan selama {minutes} menit tidak sempat melayani siapa pun: persiapan, penjelasan, "
        "dan beres-beres memakan {overhead} menit; berikan waktu yang lebih lama"
    ),
    "no-daylight": (
        "tim {team} memakai perahu, yang hanya berjalan pukul {opens} sampai {closes}; jam "
        "kerjanya {starts}-{ends} di luar itu; ubah jamnya di daftar tim"
    ),
    "bad-calendar": (
        "berkas kalender {file}, baris {row}: {value!r} tidak dapat digunakan; tulis: {expected}"
    ),
    "as-of-in-future": (
        "tanggal data {as_of} lebih lambat dari hari ini ({today}); berikan tanggal yang berlaku "
        "untuk data itu"
    ),
    "no-villages-yet": "{file} menyebut desa, tetapi belum ada yang diimpor; impor desa dahulu",
    "plan-busy": (
        "rencana {plan_id} sedang dikerjakan oleh pekerjaan {job_id}; batalkan pekerjaan itu atau "
        "tunggu sampai selesai"
    ),
    "plan-failed": "rencana {plan_id} gagal dihitung: {reason}",
    "unauthorised": (
        "server ini meminta header 'Authorization: Bearer TOKEN' dengan token yang benar"
    ),
    "upload-too-large": (
        "berkas lebih besar dari {limit_mb} MB; naikkan JEMPUTBOLA_MAX_UPLOAD_MB atau bagi "
        "berkasnya"
    ),
    "bad-filter": "{name}={value!r} bukan {expected}",
    "no-solved-plan": (
        "belum ada rencana yang selesai dihitung (kabupaten/kota: {regency}); buat dengan POST "
        "/api/v1/plans"
    ),
    "job-finished": (
        "pekerjaan {job_id} sudah berakhir ({state}); tidak ada lagi yang dapat dibatalkan"
    ),
    "job-crashed": (
        "proses pekerjaan {job_id} berakhir tanpa hasil ({reason}); periksa catatan (log) server"
    ),
    "job-abandoned": (
        "pekerjaan {job_id} dihentikan: server mati {attempts} kali saat mengerjakannya"
    ),
    "origin-refused": (
        "halaman dari {origin} tidak boleh mengubah data di sini; izinkan dengan "
        "JEMPUTBOLA_CORS_ORIGINS"
    ),
    "host-refused": (
        "server ini tidak menjawab dengan nama {host}; gunakan localhost, atau isi JEMPUTBOLA_TOKEN"
    ),
    "body-too-large": "isi permintaan ini lebih besar dari {limit_kb} kB",
    "database-unavailable": (
        "basis data tidak menjawab; coba lagi, dan periksa catatan (log) server"
    ),
    "bad-database": (
        "basis data {place} tidak dapat digunakan ({reason}); pastikan dapat ditulis, dan "
        "JEMPUTBOLA_DATABASE_URL berbentuk sqlite:////srv/jemput-bola.sqlite atau "
        "postgresql://user:password@host/name"
    ),
    "nothing-accepted": (
        "tak satu pun dari {refused} baris {file} dapat digunakan, jadi tidak ada yang disimpan; "
        "`--dry-run` menampilkan sebabnya. Yang pertama: {first}"
    ),
    "needs-token": (
        "layanan akan terbuka di luar mesin ini ({host}): isi JEMPUTBOLA_TOKEN dengan rahasia yang "
        "dikirim klien sebagai 'Authorization: Bearer ...', atau pakai 127.0.0.1"
    ),
    "cannot-serve": "layanan tidak dapat dijalankan di {host}:{port}: {reason}",
}

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
    "name-ambiguous": (
        "Baris {row}: beberapa desa bernama '{value}' (dicari di: {area}): {candidates}. Isi kode "
        "atau kecamatannya."
    ),
    "name-differs": (
        "Baris {row}: {village_code} bernama {name}, tetapi di baris ini tertulis '{value}'. "
        "Periksa kodenya."
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
    "numbers-rewritten": "Baris {row}: tertulis sebagai teks, dibaca sebagai angka: {cells}.",
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
    "time-unreadable": "Baris {row}: '{value}' di kolom {column} bukan jam. Tulis seperti 07:30.",
    "times-reversed": "Baris {row}: jam selesai {value} tidak sesudah jam mulai {starts}.",
    "coordinates-out-of-range": (
        "Baris {row}: bujur {lon}, lintang {lat} tidak berada di Indonesia."
    ),
    "coordinates-swapped": "Baris {row}: bujur {lon} dan lintang {lat} tampaknya tertukar.",
    "row-duplicate": (
        "Baris {row}: '{value}' sudah ada di baris {first_row}; baris ini tidak dipakai."
    ),
    "rows-repeated": "{value} baris sama persis dengan baris lain; masing-masing dibaca sekali.",
    # connectivity
    "site-id-shared": (
        "Baris {row}: '{value}' juga dipakai menara di baris {first_row}, di tempat lain; keduanya "
        "disimpan."
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

COLUMNS_ID: dict[str, str] = {
    "code": "kode",
    "name": "desa",
    "district": "kecamatan",
    "regency": "kabupaten/kota",
    "percentage": "persentase",
    "status": "sinyal",
    "internet": "sinyal_internet",
    "has_4g": "4g",
    "power": "listrik",
    "families_on_pln": "r501a1",
    "confidence": "keyakinan",
    "site_id": "kode_site",
    "radius_km": "radius",
    "observed_on": "tanggal",
    "source": "sumber",
    "team": "tim",
    "base": "pangkalan",
    "vehicle": "moda",
    "kits": "alat_rekam",
    "staff": "petugas",
    "satellite_kits": "kit_satelit",
    "starts": "jam_mulai",
    "ends": "jam_selesai",
    "may_stay_overnight": "boleh_bermalam",
    "desks": "meja",
}
"""Columns of the readers with English names, by a heading that an office's sheet may bear."""
