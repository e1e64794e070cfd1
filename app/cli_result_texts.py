"""What the command line says of results, in both languages."""

from typing import Literal

RESULT_TEXTS: dict[Literal["id", "en"], dict[str, str]] = {
    "en": {
        "sheet-of-plan": "A sheet does not name its plan; give --plan PLAN",
        "results-taken": (
            "Plan {plan}: {accepted} reports taken in, {known} known before, {contradicts} "
            "contradict others, {refused} refused."
        ),
        "results-contradict": "! See what contradicts what: jemput-bola results list {plan}",
        "results-settled": "Settled by entry {entry}.",
        "results-title": "Results of plan {plan}",
        "results-open": (
            "! {day} {team}, {village}: reports {entries} contradict each other; {counts} "
            "counts until you settle it (jemput-bola results settle)."
        ),
        "results-several": (
            "! {village}: reports {entries} tell of several sessions, a plan has one a place; all "
            "count until you settle them, together or each by itself (jemput-bola results settle)."
        ),
        "results-closed": (
            "{day} {team}, {village}: reports {entries} contradicted each other; settled by"
            " {counts}."
        ),
        "results-missing": "Not reported yet ({n}): {names}",
        "results-value": (
            "Value: {value:g} weighted documents, {cleared:g} of them records cleared."
        ),
        "programme": "Programme",
        "replaced": "Replaced by",
        "listed": "Listed",
        "cleared": "Cleared",
        "left": "Left",
        "outcome-served": "Served",
        "outcome-failed": "Failed",
        "outcome-not_eligible": "Not eligible",
        "outcome-already_had": "Had it",
        "outcome-absent": "Absent",
        "outcome-deceased": "Deceased",
        "outcome-moved": "Moved",
        "outcome-not_found": "Not found",
        "entry-counts": "counts",
        "entry-agrees": "agrees",
        "entry-contradicts": "contradicts",
        "entry-replaced": "replaced",
        "need-title": "Who is left in {regency} on {day}",
        "rates-title": "What results taught of {regency}",
        "district": "District",
        "rate": "Rate",
        "rate-n": "People",
        "observed": "Observed",
        "default": "Default",
        "weight": "Weight",
        "corrected-rate": "Corrected",
        "rates-unused": "Plans do not use this: results.learn is off.",
        "rate-turnout": "turnout",
        "rate-reachable": "reachable, {programme}",
        "rate-kit-minutes": "minutes at kits (x default)",
        "rate-desk-minutes": "minutes at desks (x default)",
    },
    "id": {
        "sheet-of-plan": "Lembar isian tidak menyebut rencananya; tulis --plan RENCANA",
        "results-taken": (
            "Rencana {plan}: {accepted} laporan diterima, {known} sudah ada, {contradicts} "
            "bertentangan, {refused} ditolak."
        ),
        "results-contradict": "! Lihat yang bertentangan: jemput-bola results list {plan}",
        "results-settled": "Diputuskan dengan catatan {entry}.",
        "results-title": "Hasil rencana {plan}",
        "results-open": (
            "! {day} {team}, {village}: laporan {entries} bertentangan; yang berlaku "
            "{counts} sampai Anda memutuskan (jemput-bola results settle)."
        ),
        "results-several": (
            "! {village}: laporan {entries} menyebut beberapa layanan, rencana memuat satu per "
            "tempat; semuanya dihitung sampai Anda memutuskannya, bersama atau satu per satu "
            "(jemput-bola results settle)."
        ),
        "results-closed": (
            "{day} {team}, {village}: laporan {entries} bertentangan; diputuskan dengan {counts}."
        ),
        "results-missing": "Belum dilaporkan ({n}): {names}",
        "results-value": (
            "Nilai: {value:g} dokumen berbobot, {cleared:g} di antaranya data yang dibersihkan."
        ),
        "programme": "Program",
        "replaced": "Diganti oleh",
        "listed": "Terdaftar",
        "cleared": "Dibersihkan",
        "left": "Sisa",
        "outcome-served": "Terlayani",
        "outcome-failed": "Gagal",
        "outcome-not_eligible": "Belum berhak",
        "outcome-already_had": "Sudah punya",
        "outcome-absent": "Tidak hadir",
        "outcome-deceased": "Meninggal",
        "outcome-moved": "Pindah",
        "outcome-not_found": "Tidak ditemukan",
        "entry-counts": "berlaku",
        "entry-agrees": "sama",
        "entry-contradicts": "bertentangan",
        "entry-replaced": "diganti",
        "need-title": "Sisa sasaran di {regency} pada {day}",
        "rates-title": "Pelajaran dari hasil di {regency}",
        "district": "Kecamatan",
        "rate": "Angka",
        "rate-n": "Orang",
        "observed": "Teramati",
        "default": "Bawaan",
        "weight": "Bobot",
        "corrected-rate": "Terkoreksi",
        "rates-unused": "Rencana tidak memakainya: results.learn dimatikan.",
        "rate-turnout": "kehadiran",
        "rate-reachable": "dapat ditemui, {programme}",
        "rate-kit-minutes": "menit di alat (x bawaan)",
        "rate-desk-minutes": "menit di meja (x bawaan)",
    },
}
