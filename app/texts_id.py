"""Indonesian texts of errors and findings, by the codes of their English ones.

The place holders are those of the English sentence; a test holds the two together.
"""

from app.lifecycle_texts_id import LIFECYCLE_ID

ERRORS_ID: dict[str, str] = {
    **LIFECYCLE_ID,
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
    "local-address": (
        "{place} menuju {value}, yang bukan alamat publik. Pengelola layanan dapat mengizinkan "
        "alamat seperti itu; atau unduh lapisannya, lalu impor berkasnya."
    ),
    "bad-address": (
        "'{value}' bukan alamat yang dapat dibaca. Tulis https://server/path/collections/nama, "
        "tanpa nama pengguna dan sandi."
    ),
    "road-server-address": (
        "'{value}' bukan alamat server jalan. Tulis http://server:5000, dengan jalur layanannya "
        "bila ada, tanpa nama pengguna, sandi, dan pertanyaan."
    ),
    "road-server-failed": (
        "Server jalan {place} tidak menjawab setelah {tries} kali dicoba ({reason}). Jalankan "
        "servernya, perbaiki alamatnya (JEMPUTBOLA_ROAD_SERVER_URL), atau kosongkan agar "
        "perjalanan dihitung dari jalan yang diimpor."
    ),
    "road-server-refused": (
        "Server jalan {place} menolak pertanyaan ke layanan {service}: {reason}. Lihat arti "
        "pesannya di manual server; bila pertanyaannya terlalu besar, kurangi jumlah titik "
        "sekali tanya (JEMPUTBOLA_ROAD_SERVER_BLOCK)."
    ),
    "road-server-unclear": (
        "Layanan {service} di {place} menjawab yang tidak pernah dijawab {kind}: {found}. Periksa "
        "apakah JEMPUTBOLA_ROAD_SERVER menyebut jenis yang benar dan versinya tidak terlalu "
        "lama."
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
    "missing-sum": (
        "{place} memuat '{column}' untuk laki-laki dan perempuan secara terpisah ({found}), tetapi "
        "tidak untuk keduanya. Tambahkan kolom JUMLAH di sampingnya."
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
    "staff-file": (
        "{place}: {cell} adalah judul kolom data pegawai. Tidak satu pun isinya disimpan. Impor "
        "daftar itu sebagai staff, atau hapus kolomnya."
    ),
    "resident-name": (
        "{place}: {cell} tampaknya menyebut nama orang (setelah '{sign}'). Nama warga tidak "
        "disimpan. Tulis kantor atau jabatannya: Kepala Desa, SMKN 2."
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
    "no-team-present": (
        "minggu {week}: tidak ada tim kabupaten/kota {regency} yang dapat bertugas pada hari kerja "
        "karena cuti; ubah tanggal cuti dalam daftar pegawai"
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
    "correction-not-found": (
        "koreksi {correction_id} tidak ada; lihat daftarnya dengan `jemput-bola corrections`"
    ),
    "correction-withdrawn": "koreksi {correction_id} sudah dicabut oleh {person} pada {day}",
    "bad-target": "target, baris {row}: {field} {value!r} tidak dapat digunakan; tulis: {accepted}",
    "targets-changed": "target sudah berubah: kini {version}, yang Anda ketahui {known}; baca lagi",
    "bad-correction": "{field}: {value!r} tidak dapat digunakan; tulis: {accepted}",
    "correction-outdated": (
        "{column} {village_code} sudah diimpor sebagai {imported} per {as_of}, lebih baru dari "
        "{day}; berikan tanggal yang berlaku untuk koreksi itu"
    ),
    "heading-not-found": (
        "judul kolom {heading_id} tidak ada dalam kamus; lihat daftarnya dengan "
        "`jemput-bola headings`"
    ),
    "unknown-option": "{option} bukan pilihan untuk {kind}; yang ada: {accepted}",
    "bad-option": "{option}: {value!r} tidak dapat digunakan; tulis: {accepted}",
    "no-villages-yet": "{file} menyebut desa, tetapi belum ada yang diimpor; impor desa dahulu",
    "param-not-found": (
        "tidak ada parameter {name} (yang mirip: {alike}); lihat daftarnya dengan `jemput-bola "
        "params`"
    ),
    "bad-param": "parameter {name}: {value!r} tidak dapat digunakan; tulis: {accepted}",
    "village-not-found": (
        "tidak ada desa dengan kode {code}; impor desa lebih dulu, atau periksa kodenya"
    ),
    "point-not-found": (
        "tidak ada titik layanan {code} yang dapat diubah; lihat daftarnya dengan `jemput-bola "
        "points`; titik bawaan desa tidak dapat dihapus"
    ),
    "bad-point": "titik layanan, {name}: {value!r} tidak dapat digunakan; tulis: {accepted}",
    "other-team": "akun {account} milik tim {own} dan hanya dapat melakukan ini untuk tim itu, "
    "bukan {team}",
    "feed-not-found": "tidak ada alamat kalender {feed_id} yang dapat dicabut; `jemput-bola "
    "calendar`",
    "nobody-out": "pada rencana {plan_id} tidak ada yang berangkat untuk {asked}; harinya: {days}",
    "bad-template": (
        "{file}, baris {line}: {reason}; perbaiki baris itu, atau hapus berkasnya agar naskah "
        "bawaan dipakai"
    ),
    "plan-not-solved": "rencana {plan_id} belum dihitung; tunggu tugasnya selesai, atau hitung "
    "lagi",
    "bad-hand-plan": "baris {row}, {column}: {value!r} tidak dapat dipakai; tulis: {accepted} "
    "(sel seperti ini seluruhnya: {n})",
    "village-twice": "baris {row}: {village} sudah punya sesi di baris {before}; satu tempat satu "
    "sesi seminggu: simpan satu dari kedua baris",
    "plan-not-carried-out": (
        "rencana {plan_id} berstatus {state} dan belum pernah diterbitkan, jadi belum mungkin ada "
        "hasilnya; terbitkan dahulu, atau kirim ke rencana yang dibawa tim"
    ),
    "entry-not-found": (
        "tidak ada laporan {entry_id} pada rencana {plan_id}; `jemput-bola results list` "
        "menampilkannya"
    ),
    "results-changed": (
        "laporan yang berlaku untuk sesi ini adalah {standing}, sedangkan Anda memutuskan tentang "
        "{known}; baca lagi"
    ),
    "bad-settlement": "keputusan, {field}: {value!r} tidak dapat dipakai; tulis: {accepted}",
    "bad-results-file": "{file}, {place}: {value!r} tidak dapat dipakai; tulis: {accepted}",
    "nothing-closed": "tidak ada jalan atau sungai dalam {radius_m:g} m dari {lon:g}, {lat:g}; "
    "tulis bujur, lintang sebuah tempat di atasnya, atau radius yang lebih besar",
    "campaign-not-found": (
        "tidak ada kampanye {campaign_id}; `jemput-bola campaigns` menampilkan kampanye yang ada"
    ),
    "campaign-outdated": (
        "kampanye {campaign_id} disusun dari data lain daripada yang ada sekarang; susun ulang "
        "dahulu: `jemput-bola campaign --resume {campaign_id}`"
    ),
    "campaign-failed": ("kampanye {campaign_id} tersimpan tetapi tidak dapat disusun: {reason}"),
    "campaign-busy": (
        "kampanye {campaign_id} sedang disusun oleh pekerjaan {job_id}; tunggu sampai selesai, "
        "atau batalkan pekerjaan itu"
    ),
    "request-not-found": (
        "tidak ada permohonan {request_id}; `jemput-bola requests` menampilkan yang ada"
    ),
    "bad-request-field": "{field}: {value!r} tidak dapat dipakai; tulis: {accepted}",
    "request-known": "surat {number} dari {village_code} sudah menjadi permohonan {request_id}",
    "request-step-refused": (
        "permohonan {request_id} berkeadaan {state}: {action} tidak mungkin; yang mungkin: "
        "{allowed}"
    ),
    "request-reason-missing": (
        "permohonan {request_id}: tulis alasannya, {action} memerlukan alasan"
    ),
    "request-changed": (
        "permohonan {request_id} berversi {version}, bukan {known}: lihat lagi permohonan itu"
    ),
    "bad-photo": "berkas ini tidak dapat disimpan sebagai foto ({reason}); kirim {accepted}",
    "photo-too-large": "foto lebih dari {limit_mb} MB; kirim yang lebih kecil",
    "too-many-photos": "persinggahan ini sudah punya {limit} foto; hapus satu dahulu",
    "photo-not-found": "tidak ada foto {photo_id}",
    "stop-not-found": "rencana {plan_id} tidak punya persinggahan {order} tim {team} pada {day}",
    "photo-too-early": (
        "rencana {plan_id} berkeadaan {state}: foto disimpan untuk rencana yang sudah terbit"
    ),
    "not-under-way": (
        "rencana {plan_id} berkeadaan {state}: hanya yang terbit, atau sedang dijalankan, "
        "berangkat atau tidak"
    ),
    "bad-readiness": "{field}: {value!r} tidak dapat dipakai; tulis: {accepted}",
    "verdict-reason-missing": (
        "{team}, {day}: tulis alasannya; {verdict} memerlukan alasan di sini (dijawab tidak: "
        "{unready})"
    ),
    "plan-busy": (
        "rencana {plan_id} sedang dikerjakan oleh pekerjaan {job_id}; batalkan pekerjaan itu atau "
        "tunggu sampai selesai"
    ),
    "plan-failed": "rencana {plan_id} gagal dihitung: {reason}",
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
    "job-incomplete": (
        "pekerjaan {job_id} ({kind}) tidak menyebut {missing}-nya; mintalah sekali lagi"
    ),
    "plan-changed": (
        "rencana {plan_id} sudah berubah: versinya {version}, sedangkan Anda tahu {known}; "
        "baca kembali"
    ),
    "params-changed": (
        "parameter sudah berubah: kini {version}, sedangkan Anda tahu {known}; baca kembali"
    ),
    "disk-full": "disk tempat {place} penuh; kosongkan ruang di sana, lalu minta lagi",
    "no-offices": "tidak ada tim di wilayah {area}; impor dahulu timnya",
    "queue-needs-postgresql": (
        "pekerja tersendiri memerlukan PostgreSQL, sedangkan ini {backend}; dengan SQLite server "
        "mengerjakannya sendiri (JEMPUTBOLA_SERVER_JOBS)"
    ),
    "job-abandoned": (
        "pekerjaan {job_id} dihentikan: server mati {attempts} kali saat mengerjakannya"
    ),
    "body-too-large": "isi permintaan ini lebih besar dari {limit_kb} kB",
    "unusable-input": (
        "permintaan ini ({place}) memuat karakter NUL (U+0000), separuh pasangan surrogate, "
        "bilangan bulat lebih dari 64 bit, atau daftar bersarang lebih dari 250 tingkat; hapuslah"
    ),
    "database-unavailable": (
        "basis data tidak menjawab; coba lagi, dan periksa catatan (log) server"
    ),
    "database-read-only": (
        "basis data dapat dibaca tetapi tidak dapat diubah (server cadangan, pemutakhiran, atau "
        "disk yang tidak boleh ditulis); tidak ada yang disimpan, coba lagi"
    ),
    "somebody-was-faster": (
        "ada yang lebih cepat mengubah hal yang sama pada saat ini; lihat dulu, lalu minta lagi"
    ),
    "bad-database": (
        "basis data {place} tidak dapat digunakan ({reason}); pastikan dapat ditulis, dan "
        "JEMPUTBOLA_DATABASE_URL berbentuk sqlite:////srv/jemput-bola.sqlite atau "
        "postgresql://user:password@host/name"
    ),
    "no-postgis": (
        "basis data {place} tidak memiliki PostGIS dan akun ini tidak boleh menambahkannya "
        "({reason}); pasang PostGIS pada servernya dan minta administrator menjalankan CREATE "
        "EXTENSION postgis di dalamnya"
    ),
    "backup-there": ("{file} sudah ada; cadangan tidak pernah menimpa berkas, pakai nama lain"),
    "bad-backup": (
        "{file} tidak dapat dipulihkan ({reason}); tidak ada yang diubah. Pakai cadangan lain"
    ),
    "newer-backup": (
        "{file} dibuat oleh versi {version}, lebih baru daripada versi ini ({here}); tidak ada "
        "yang diubah. Pasang versi itu atau yang lebih baru"
    ),
    "not-empty": (
        "basis data {place} sudah berisi ({rows} baris di {table}) dan dibiarkan apa adanya; "
        "pakai yang kosong: JEMPUTBOLA_DATA_DIR lain, atau basis data baru di PostgreSQL"
    ),
    "jobs-left": (
        "{jobs} pekerjaan menunggu atau berjalan di {place}; biarkan selesai atau batalkan, "
        "hentikan server, lalu pindahkan. Tidak ada yang diubah"
    ),
    "not-copied": (
        "tabel {table} tidak sampai seperti semula ({reason}); tidak ada yang disimpan. Kantor "
        "tetap di tempat semula"
    ),
    "nothing-accepted": (
        "tak satu pun dari {refused} baris {file} dapat digunakan, jadi tidak ada yang disimpan; "
        "`--dry-run` menampilkan sebabnya. Yang pertama: {first}"
    ),
    "half-road-server": (
        "server jalan perlu jenis dan alamat: JEMPUTBOLA_ROAD_SERVER {kind}, "
        "JEMPUTBOLA_ROAD_SERVER_URL {url}; isi keduanya, atau kosongkan keduanya"
    ),
    "cannot-serve": "layanan tidak dapat dijalankan di {host}:{port}: {reason}",
    # who asks, app/access_errors.py
    "unauthorised": (
        "masuklah di /sign-in, atau kirim header 'Authorization: Bearer TOKEN' dengan token yang "
        "belum berakhir dan tidak dicabut (`jemput-bola token add`)"
    ),
    "whole-service-only": (
        "angka seluruh layanan hanya untuk admin seluruh negara; akun {account} berwilayah {area}"
    ),
    "origin-refused": (
        "halaman dari {origin} tidak boleh menulis di sini; halaman lain mengirim token"
    ),
    "sign-in-refused": (
        "nama atau kata sandi salah, atau akunnya ditutup; admin dapat memberi tautan baru"
    ),
    "single-sign-on-lost": (
        "upaya masuk ini dimulai di peramban lain, lebih dari sepuluh menit, atau sudah dipakai; "
        "mulailah lagi"
    ),
    "single-sign-on-refused": (
        "layanan masuk tidak mengizinkan Anda, atau jawabannya tidak sah: {reason}"
    ),
    "single-sign-on-down": (
        "layanan masuk di {place} tidak menjawab semestinya ({reason}); masuklah dengan kata "
        "sandi, atau minta pengelola memeriksa JEMPUTBOLA_OIDC_ISSUER"
    ),
    "no-account-here": (
        "{account} tidak punya akun di sini, atau akunnya ditutup; admin menambah atau membukanya "
        "dengan nama ini"
    ),
    "bad-single-sign-on": (
        "JEMPUTBOLA_OIDC_ISSUER {issuer!r} dan JEMPUTBOLA_OIDC_CLIENT_ID {client!r}: isi keduanya "
        "atau tidak sama sekali; alamatnya https (http hanya di mesin ini)"
    ),
    "link-refused": (
        "tautan masuk ini sudah dipakai, sudah berakhir, atau tidak pernah ada; `jemput-bola "
        "account link NAME` membuat yang baru"
    ),
    "role-refused": "{operation} dilakukan oleh {roles}; akun {account} berperan {role}",
    "outside-area": (
        "{what} tidak dapat ditulis oleh akun wilayah {area}; mintalah orang yang wilayahnya "
        "cukup luas"
    ),
    "account-not-found": (
        "tidak ada akun {account}; `jemput-bola account list` menampilkan daftarnya"
    ),
    "account-exists": "nama {account} sudah dipakai; pilih nama lain",
    "bad-account": "{field}: {value!r} tidak dapat dipakai; tulis: {accepted}",
    "last-admin": (
        "{account} adalah akun admin seluruh negara terakhir yang masih aktif; buat dahulu yang "
        "lain"
    ),
    "token-not-found": (
        "tidak ada token {token_id} yang dapat dicabut; lihat `jemput-bola token list`"
    ),
    "too-many-requests": "terlalu banyak permintaan sejenis; tunggu {seconds} detik",
    "token-retired": (
        "JEMPUTBOLA_TOKEN tidak membuka apa pun lagi: hapus, buat akun untuk tiap mesin "
        "(`jemput-bola account add NAME --role viewer`), dan beri token sendiri (`jemput-bola "
        "token add NAME --for PURPOSE`)"
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
