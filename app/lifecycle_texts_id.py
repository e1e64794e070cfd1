"""What is refused in the life of a plan, in Indonesian: the twins of ``lifecycle_errors.py``."""

LIFECYCLE_ID: dict[str, str] = {
    "step-refused": (
        "rencana {plan_id} berkeadaan {state}: {action} tidak mungkin; yang mungkin: {allowed}"
    ),
    "reason-missing": "rencana {plan_id}: tulis alasannya, {action} memerlukan alasan",
    "plan-frozen": (
        "rencana {plan_id} berkeadaan {state}: hanya konsep yang dihitung lagi; susun ulang, maka "
        "ada rencana baru, atau kembalikan dulu menjadi konsep"
    ),
    "plan-breaks-rules": (
        "rencana {plan_id} melanggar aturan ({rules}); perbaiki, atau usulkan dengan alasan yang "
        "disimpan bersamanya"
    ),
    "letters-missing": (
        "rencana {plan_id}: nomor surat tugas belum ada untuk {teams}; tidak ada dalam rencana: "
        "{unknown}"
    ),
    "week-taken": (
        "rencana terbit untuk {regency} pada {week} adalah {plan_id}; sebutkan sebagai yang "
        "digantikan (-: tidak ada, jangan sebut apa pun)"
    ),
    "week-closed": (
        "{week} untuk {regency} sudah ditutup dengan rencana {plan_id}; tidak ada yang diterbitkan "
        "menggantikannya, susun minggu berikutnya"
    ),
    "team-out-twice": (
        "rencana {plan_id}: {team} pada {day} sudah bertugas menurut rencana {other} untuk {week}; "
        "rencanakan lagi minggu ini, atau hapus hari itu dari salah satunya"
    ),
    "bad-edit": "tindakan {action}, {field}: {value!r} tidak dapat dipakai; tulis: {accepted}",
    "stop-locked": (
        "tindakan {action}: {at} terkunci dengan {team} pada {day}; buka kuncinya dahulu"
    ),
    "not-editable": (
        "rencana {plan_id} berkeadaan {state}: hanya konsep dan usulan yang diubah dengan tangan; "
        "susun ulang, maka ada rencana baru, atau kembalikan dulu menjadi konsep"
    ),
    "nothing-to-undo": ("rencana {plan_id}: tidak ada yang diubah dengan tangan sejak dihitung"),
    "revision-missing": (
        "rencana {plan_id}: hari-hari {teams} tidak sama dengan rencana {replaced}; surat tugasnya "
        "perlu direvisi dengan nomor sendiri"
    ),
    "only-supposed": (
        "rencana {plan_id} adalah skenario ({name}) dengan tim, jam, kit, atau parameter yang "
        "bukan milik kantor; perbarui daftar tim atau parameter, lalu rencanakan lagi minggu itu"
    ),
    "plan-not-recorded": (
        "rencana {plan_id} tidak dapat dibuat ulang: catatan pencariannya tidak ada (belum "
        "dihitung, dibuat dengan tangan, atau oleh versi lama); hitung lagi agar tercatat"
    ),
}
