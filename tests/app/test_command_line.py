"""Whatever is thrown at the command line, it answers in one clear line, or keeps what it has."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app import cli
from tests.app.office import Office

PLAN = ("plan", "--regency", "62.02", "--week", "2026-W49")


@pytest.fixture(scope="module")
def kotim_office(tmp_path_factory: pytest.TempPathFactory, kotim_file: Path) -> Office:
    """Kotim after the six imports, in a folder whose name has to be written with care."""
    folder = tmp_path_factory.mktemp("kantor") / "Dinas #1 & Capil 100 %41?"
    folder.mkdir()
    shutil.copy(kotim_file, folder)
    return Office(folder)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("kosong"))
    office.json("init")
    return office


def refused(office: Office, *words: str | Path, lang: str = "en", code: int = 1, **env: str) -> str:
    """Run what must be refused; give the one line that says why."""
    outcome = office.run(*words, "--json", lang=lang, **env)
    assert outcome.code == code
    (line,) = outcome.stderr.splitlines()
    assert outcome.json["error"]["message"] in line
    assert line.startswith("Ditolak: " if lang == "id" else "Refused: ")
    return line


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("garbage", "garbage"),
        ("sqlite://", ":memory:"),
        ("mysql://root:s3cret@db/x", "mysql"),
        ("postgresql://jb:s3cret@127.0.0.1:port/x", "127.0.0.1:port"),
        ("postgresql://jb:s3cret@127.0.0.1:1/x", "127.0.0.1"),
        ("sqlite:////proc/self/none/x.sqlite", "/proc/self/none"),
    ],
)
def test_a_database_that_cannot_be_used_is_named(fresh: Office, address: str, shown: str):
    for lang in ("id", "en"):
        line = refused(fresh, "plans", lang=lang, JEMPUTBOLA_DATABASE_URL=address)
        assert shown in line
        assert "JEMPUTBOLA_DATABASE_URL" in line
        assert "s3cret" not in line


def test_a_database_of_something_else_or_of_a_newer_version_is_refused(tmp_path: Path):
    text = tmp_path / "catatan.txt"
    text.write_text("ini bukan basis data\n" * 100, encoding="utf-8")
    line = refused(Office(tmp_path), "plans", JEMPUTBOLA_DATABASE_URL=f"sqlite:///{text}")
    assert "catatan.txt cannot be used (file is not a database)" in line
    office = Office(tmp_path / "office")
    office.json("init")
    with closing(sqlite3.connect(office.data_dir / "jemput-bola.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00'")
        connection.commit()
    assert "f00" in refused(office, "plans")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path):
    file = tmp_path / "berkas"
    file.touch()
    assert str(file) in refused(Office(file), "plans")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--regency", "6202"), ("--regency", "'6202'", "62.02")),
        (("--regency", "62.02", "--week", "2026-49"), ("--week", "'2026-49'", "2026-W49")),
        (("--regency", "62.02", "--week", "2026-W54"), ("'2026-W54'", "2026-W49")),
        (("--regency", "62.02", "--minutes", "120,lama"), ("--minutes", "'lama'", "15-600")),
        (("--regency", "62.02", "--minutes", "14"), ("--minutes", "'14'", "15-600")),
        (("--regency", "62.02", "--minutes", "601"), ("--minutes", "'601'", "15-600")),
        (("--regency", "62.02"), ("62.02",)),  # nothing is imported yet
    ],
)
def test_a_request_that_cannot_be_planned_names_option_value_and_form(
    fresh: Office, words: tuple[str, ...], shown: tuple[str, ...]
):
    is_malformed = len(shown) == 3
    line = refused(fresh, "plan", *words, lang="id", code=2 if is_malformed else 1)
    assert all(text in line for text in shown)


@pytest.mark.parametrize("words", [("plan",), ("show", "abc"), ("import", "villages"), ("weave",)])
def test_misuse_answers_machines_too(fresh: Office, words: tuple[str, ...]):
    outcome = fresh.run(*words, "--json")
    assert outcome.code == 2
    assert outcome.json["error"]["code"] == "usage"
    assert outcome.json["error"]["message"]


@pytest.mark.parametrize(
    ("setting", "value", "form"),
    [("PORT", "abc", "1-65535"), ("LANG", "fr", "id | en"), ("SOLVE_SECONDS", "0", "0.1-3600")],
)
def test_a_setting_that_cannot_be_used_is_named(fresh: Office, setting: str, value: str, form: str):
    name = f"JEMPUTBOLA_{setting}"
    line = refused(fresh, "plans", **{name: value})
    assert all(text in line for text in (name, repr(value), form))


def test_signal_is_told_with_what_contradicts_it(kotim_office: Office):
    """Hanjalipan: strong in the census of 2024, named a blank spot in 2021 twice and in 2023."""
    told = kotim_office.run("connectivity", "62.02.01.2004").stdout
    assert "Hanjalipan" in told
    assert "* sinyal_desa.csv:5 (2024-12-31): a report says a strong signal ('kuat')" in told
    assert told.count("62.02.01.2004): sinyal_desa.csv:5 (2024-12-31) says a strong signal") == 3
    bahasa = kotim_office.run("connectivity", "62.02.01.2004", lang="id").stdout
    assert "laporan menyatakan sinyal kuat ('kuat')" in bahasa
    document = kotim_office.json("connectivity", "--regency", "62.02")
    # 185 rows of the census: 30, 45, 85, 25; nine statements of the same year that say none make
    # seven of the others none, of which one was weak, three strong and three very strong.
    assert document["signal"] == {
        "none": 37, "weak": 44, "strong": 82, "very_strong": 22, "unknown": 0,
    }  # fmt: skip
    everywhere = kotim_office.run("connectivity").stdout
    assert "37 villages" in everywhere
    assert "What contradicts itself" in everywhere


def test_signal_of_an_unknown_place_is_refused(fresh: Office):
    assert "62.02.01.2004" in refused(fresh, "connectivity", "62.02.01.2004")
    assert "62.02" in refused(fresh, "connectivity", "--regency", "62.02", lang="id")
    outcome = fresh.json("connectivity")
    assert (outcome["n_villages"], outcome["contradictions"]) == (0, [])


def test_files_that_cannot_be_read_or_written_are_named(fresh: Office, tmp_path: Path):
    assert "tidak-ada.csv" in refused(fresh, "import", "counts", tmp_path / "tidak-ada.csv")
    empty = tmp_path / "kosong.csv"
    empty.touch()
    line = refused(fresh, "import", "villages", empty)
    assert "kosong.csv" in line
    assert "plan 7" in refused(fresh, "show", "7")
    assert "plan 7" in refused(fresh, "export", "7", "--format", "csv")


@pytest.mark.parametrize(
    "words",
    [("plan",), ("show", "x"), ("import", "maps", "x"), ("plans", "--lang", "fr"),
     ("import", "counts", "x.csv", "--as-of", "30-06-2023")],
    ids=" ".join,
)  # fmt: skip
def test_what_is_no_command_ends_with_code_2(fresh: Office, words: tuple[str, ...]):
    outcome = fresh.run(*words)
    assert outcome.code == 2
    assert outcome.stderr


@pytest.mark.slow
def test_commands_work_in_a_folder_of_any_name(kotim_office: Office):
    plan = kotim_office.json(*PLAN, "--seconds", "0.5")
    assert plan["stops"]
    assert [file.name for file in kotim_office.data_dir.parent.iterdir()] == [
        kotim_office.data_dir.name
    ]


@pytest.mark.slow
def test_two_commands_at_once_share_a_database(kotim_office: Office, kotim: Path):
    with running(kotim_office, *PLAN, "--seconds", "2") as other:
        counts = kotim_office.json("import", "counts", kotim / "rekap_perekaman_desa.xlsx")
        plan = kotim_office.json(*PLAN, "--seconds", "1")
        out, err = other.communicate(timeout=60)
    assert (counts["accepted"], other.returncode) == (185, 0), err
    plans = (plan, json.loads(out.splitlines()[-1]))
    assert plans[0]["plan_id"] != plans[1]["plan_id"]
    assert all(p["violations"] == [] and p["stops"] for p in plans)


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_plan(kotim_office: Office):
    with running(kotim_office, *PLAN, "--seconds", "120") as command:
        wait_for_a_first_plan(kotim_office)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)
    assert (command.returncode, err) == (0, "")
    plan = json.loads(out.splitlines()[-1])
    assert (plan["stop_reason"], plan["job_state"]) == ("cancelled", "cancelled")
    assert plan["stops"]
    assert plan["violations"] == []
    shown = kotim_office.json("show", str(plan["plan_id"]))
    assert shown["stops"] == plan["stops"]


def test_ctrl_c_outside_the_work_ends_with_code_130(monkeypatch: pytest.MonkeyPatch):
    def interrupt(_argv: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupt)
    with pytest.raises(SystemExit) as ended:
        cli.main(["plans"])
    assert ended.value.code == 130


@pytest.fixture(autouse=True)
def _no_command_is_left_running() -> Iterator[None]:
    yield
    for command in RUNNING:
        if command.poll() is None:
            command.kill()
            command.communicate()
    RUNNING.clear()


RUNNING: list[subprocess.Popen[str]] = []


def running(office: Office, *words: str) -> subprocess.Popen[str]:
    """Start a command and do not wait for it."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith("JEMPUTBOLA_")}
    command = subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "app.cli", *words, "--json"],
        env=settings | {"JEMPUTBOLA_DATA_DIR": str(office.data_dir)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    RUNNING.append(command)
    return command


def wait_for_a_first_plan(office: Office) -> None:
    query = "SELECT progress FROM job WHERE state = 'doing'"
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with closing(sqlite3.connect(office.data_dir / "jemput-bola.sqlite")) as connection:
            states = [json.loads(text) for (text,) in connection.execute(query) if text]
        if any(state and state.get("n_stops") for state in states):
            return
        time.sleep(0.05)
    pytest.fail("no plan within 60 s")


def test_headings_and_corrections_by_the_command_line(kotim_office: Office, tmp_path: Path):
    """Taught, used, forgotten; corrected, listed, withdrawn: each command answers as it does so."""
    hulu = "62.02.01.1009"
    path = tmp_path / "rekap.csv"
    path.write_text(f"kode,desa,wajib ktp,Tercatat\n{hulu},Kota Besi Hulu,2838,2802\n")
    counts = ("import", "counts", path, "--as-of", "2024-06-30", "--dry-run")
    read = kotim_office.json(*counts, "--map", "Tercatat=sudah_rekam", "--by", "Siti")
    assert (read["import_id"], read["person"]) == (None, "Siti")
    assert read["details"]["sheets"][0]["headings"][3]["column"] == "sudah_rekam"
    assert (
        "sudah_rekam (taught)" in kotim_office.run(*counts, "--map", "Tercatat=sudah_rekam").stdout
    )
    [taught] = kotim_office.json("headings", "--map", "Tercatat=sudah_rekam")["items"]
    assert kotim_office.json(*counts)["totals"]["sudah_rekam"] == 2802
    number = str(taught["heading_id"])
    assert kotim_office.json("headings", "--forget", number) == {"items": []}
    refused(kotim_office, "import", "counts", path, "--map", "Tercatat=warna")

    said = ("--reason", "Counted with the head", "--by", "Siti", "--day", "2024-02-01")
    entered = kotim_office.json("correct", hulu, "belum_rekam", "-5", *said)
    assert (entered["imported"], entered["value"]) == (36, -5)
    [listed] = kotim_office.json("corrections", "--village", hulu)["items"]
    assert (listed["state"], listed["person"]) == ("in_force", "Siti")
    kotim_office.json("withdraw", str(entered["correction_id"]), "--reason", "Typing error")
    assert "withdrawn" in kotim_office.run("corrections", "--lang", "en").stdout
    refused(kotim_office, "correct", hulu, "warna", "5", *said)
