"""The files that set the project up: what they promise is tried in folders of their own."""
# ruff: noqa: S603, S607 - every program started here is make, a stand-in or our own

import hashlib
import json
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
BIN = Path(sys.executable).parent
LOCKS = ("run.lock", "dev.lock", "bench.lock", "node.lock")
PYTHONS = ("3.11", "3.12", "3.13")


def pins(lock: str, python: str) -> dict[str, str]:
    """The versions a lock gives to one Python on Linux."""
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    here |= {"sys_platform": "linux", "platform_python_implementation": "CPython"}
    found = {}
    for line in re.findall(r"^[a-z0-9].*?(?= \\)", text, re.MULTILINE):
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate(here):
            found[pin.name] = str(pin.specifier).removeprefix("==")
    return found


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


# --- locks


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_place_and_hashes_every_pin(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted|@ ", text)
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    for block in blocks:
        assert re.match(r"[a-z0-9-]+==[0-9]", block)
        assert "--hash=sha256:" in block


def test_web_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "app/web/package-lock.json").read_text("utf-8")


@pytest.mark.parametrize("python", PYTHONS)
def test_locks_meet_what_pyproject_asks_for(python: str) -> None:
    project = PYPROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["postgresql"]
    wanted += PYPROJECT["build-system"]["requires"]
    run, dev = pins("run.lock", python), pins("dev.lock", python)
    for text in wanted:
        requirement = Requirement(text)
        assert run[requirement.name] in requirement.specifier, text
    for text in PYPROJECT["dependency-groups"]["dev"]:
        requirement = Requirement(text)
        assert dev[requirement.name] in requirement.specifier, text
    assert run.items() <= dev.items()  # what is tested is what runs
    bench = pins("bench.lock", python)
    for text in PYPROJECT["dependency-groups"]["bench"]:
        requirement = Requirement(text)
        assert bench[requirement.name] in requirement.specifier, text
    assert {name: pin for name, pin in bench.items() if run.get(name, pin) != pin} == {}


@pytest.mark.parametrize("edit", ["dependencies", "dev group", "bench group", "none"])
def test_lock_check_notices_a_changed_pyproject(edit: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    old, new, stale = {
        "dependencies": ('"tzdata",', "", ["run.lock", "dev.lock"]),
        "dev group": ('"hypothesis>=', '"hypothesis>', ["dev.lock"]),
        "bench group": ('"pyvroom>=', '"pyvroom>', ["bench.lock"]),
        "none": ("line-length = 100", "line-length = 99", []),
    }[edit]
    assert old in text
    (tmp_path / "pyproject.toml").write_text(text.replace(old, new), "utf-8")
    done = subprocess.run(
        [sys.executable, tmp_path / "requirements/lock.py", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == (1 if stale else 0)
    assert re.findall(r"\w+\.lock", done.stderr) == stale
    assert ("make lock" in done.stderr) == bool(stale)


def test_locks_are_in_step() -> None:
    lock = runpy.run_path(str(ROOT / "requirements/lock.py"))
    assert set(lock["ARGUMENTS"]) == set(LOCKS)
    assert [name for name in LOCKS if not lock["is_in_step"](name)] == []


# --- make


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the real Makefile, where all is set up and the server is a script."""
    for path in ("Makefile", "requirements/run.lock", "requirements/node.lock", "pyproject.toml"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    (tmp_path / "app/web/src").mkdir(parents=True)
    for path in (
        "app/web/package-lock.json", "app/web/src/main.ts", ".venv/made.stamp", ".venv/run.stamp",
        ".venv/node.stamp", "app/web/node_modules/.package-lock.json", "app/web/dist/index.html",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    script(
        tmp_path / ".venv/bin/jemput-bola",
        'echo "$*; $JEMPUTBOLA_HOST; $JEMPUTBOLA_PORT; $JEMPUTBOLA_DATA_DIR"',
    )
    return tmp_path


def environment(**extra: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JEMPUTBOLA_", "MAKE"))}
    return inherited | extra


def run(*command: str | Path, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=environment(**extra), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_second_run_starts_the_server_and_nothing_else(checkout: Path) -> None:
    done = run("make", "run", cwd=checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "serve --with-demo; ; ; \n", "")
    assert run("make", "demo", cwd=checkout).stdout == "demo; ; ; \n"


def test_port_host_and_data_are_taken_from_the_command_line_only(checkout: Path) -> None:
    done = run("make", "run", "PORT=8100", "HOST=::1", "DATA=/tmp/x", cwd=checkout)
    assert done.stdout == "serve --with-demo; ::1; 8100; /tmp/x\n"
    done = run("make", "run", cwd=checkout, HOST="a-shell-sets-this", PORT="1", DATA="x")
    assert done.stdout == "serve --with-demo; ; ; \n"
    done = run("make", "run", cwd=checkout, JEMPUTBOLA_PORT="8200")
    assert done.stdout == "serve --with-demo; ; 8200; \n"


@pytest.mark.parametrize(
    ("touched", "step"),
    [
        ("app/web/src/main.ts", "Building the web client"),
        ("app/web/package-lock.json", "Installing app/web/package-lock.json"),
        ("requirements/run.lock", "Installing requirements/run.lock"),
        ("pyproject.toml", "Installing requirements/run.lock"),
    ],
)
def test_a_changed_source_is_set_up_again(checkout: Path, touched: str, step: str) -> None:
    later = time.time() + 60
    os.utime(checkout / touched, (later, later))
    assert step in run("make", "--dry-run", "run", cwd=checkout).stdout


def test_ctrl_c_ends_without_a_word_from_make(checkout: Path) -> None:
    script(
        checkout / ".venv/bin/jemput-bola",
        "trap 'echo stopped; exit 0' INT; echo serving; while :; do sleep 0.1; done",
    )
    # A session of its own: like a terminal, the signal reaches make and server, not this test.
    server = subprocess.Popen(
        ["make", "run"], cwd=checkout, env=environment(), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert server.stdout is not None
    assert server.stdout.readline() == "serving\n"
    os.killpg(server.pid, signal.SIGINT)
    assert server.communicate(timeout=10)[0] == "stopped\n"


def test_older_python_is_refused_with_a_clear_line(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    old = script(
        checkout / "old-python", '[ "$1" = --version ] && echo "Python 3.10.13" && exit 0; exit 1'
    )
    done = run("make", "run", f"PYTHON={old}", cwd=checkout)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.10.13" in done.stderr
    assert not (checkout / ".venv").exists()
    done = run("make", ".venv/made.stamp", f"PYTHON={sys.executable}", cwd=checkout)
    assert done.returncode == 0
    assert (checkout / ".venv/bin/python").exists()


# --- continuous integration


def test_ci_runs_the_tests_then_the_linters(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    script(tmp_path / "bin/make", 'echo "make $* CI=$CI"; [ "$1" != "$FAIL" ]')
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    done = run(tmp_path / ".ci/run", cwd=Path("/"), PATH=path, FAIL="")
    assert (done.returncode, done.stdout) == (0, "make test CI=true\nmake lint CI=true\n")
    done = run(tmp_path / ".ci/run", cwd=Path("/"), PATH=path, FAIL="test")
    assert (done.returncode != 0, done.stdout) == (True, "make test CI=true\n")


@pytest.mark.parametrize("user", ["0", "1000"])
def test_missing_packages_are_installed_by_root_and_named_to_others(
    user: str, tmp_path: Path
) -> None:
    tools = tmp_path / "bin"
    script(tools / "id", f"echo {user}")
    script(tools / "apt-get", 'echo "apt-get $*"')
    script(tools / "ogrinfo", "")  # this one is there already; no browser is
    for tool in ("ls", "sh"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    done = run(ROOT / ".ci/packages", cwd=tmp_path, PATH=str(tools))
    assert "gdal-bin" not in done.stdout + done.stderr
    if user == "0":
        assert done.returncode == 0
        assert re.search(r"apt-get update.*\n.*apt-get install .* chromium", done.stdout)
    else:
        assert done.returncode == 1
        assert re.search(r"sudo apt-get update && sudo apt-get install .* chromium", done.stderr)
        assert "apt-get" not in done.stdout


def test_hooks_need_nothing_but_the_environment() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    for hook in hooks:
        program = Path(hook["entry"].split()[0])
        assert program.parent == Path(".venv/bin")
        assert (BIN / program.name).exists(), hook["id"]
    entries = " ; ".join(hook["entry"] for hook in hooks)
    for command in ("ruff check", "ruff format --check", "mypy", "lint-imports", "lock.py --check"):
        assert command in entries


def test_licence_is_the_published_text() -> None:
    text = (ROOT / "LICENSE").read_bytes()
    # SHA-256 of the text that the Apache Software Foundation publishes as LICENSE-2.0.txt.
    published = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert hashlib.sha256(text).hexdigest() == published
    assert PYPROJECT["project"]["license"] == "Apache-2.0"


# --- image


@dataclass
class Image:
    """The Dockerfile, read: (stage, instruction, argument) in order, and the last stage's words."""

    steps: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def read(cls) -> "Image":
        image, stage = cls(), "global"
        text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            word, argument = line.split(maxsplit=1)
            if word == "FROM":
                stage = argument.partition(" AS ")[2] or "final"
            image.steps.append((stage, word, argument))
        return image

    def get(self, word: str, stage: str = "final") -> list[str]:
        return [argument for at, name, argument in self.steps if (at, name) == (stage, word)]


def test_image_runs_the_tested_python_without_privileges() -> None:
    image = Image.read()
    version = image.get("ARG", "global")[0].removeprefix("PYTHON_VERSION=")
    assert PYPROJECT["project"]["requires-python"] == f">={version}"
    assert PYPROJECT["tool"]["mypy"]["python_version"] == version
    user, _, group = image.get("USER")[0].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert image.get("VOLUME") == ["/data"]
    assert "/api/v1/health" in image.get("HEALTHCHECK")[0]
    copied = " ".join(image.get("COPY", "build")).split()
    for pattern in PYPROJECT["tool"]["setuptools"]["packages"]["find"]["include"]:
        assert pattern.rstrip("*") in copied


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Carry out the COPY and RUN lines of the two building stages in one empty folder."""
    folder = tmp_path_factory.mktemp("image")
    for stage, word, argument in Image.read().steps:
        if stage not in {"web", "build"} or argument.startswith("--from="):
            continue
        if word == "COPY":
            *sources, target = argument.split()
            for source in sources:
                copy(ROOT / source, folder, target)
                if source == "routing":
                    bring_compiled(folder / target)
        if word == "RUN":
            # Of 7,600 modules the service loads a fifth: it compiles them when it starts.
            around = {"PATH": f"{BIN}:{os.environ['PATH']}", "PIP_NO_COMPILE": "1"}
            done = subprocess.run(
                ["sh", "-c", argument], cwd=folder, env=environment(**around),
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{argument}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return folder


def bring_compiled(routing: Path) -> None:
    """Put the loops that are compiled here beside the same files there.

    From nothing they compile when the environment of the tests is made; once more takes two
    minutes and shows no more.
    """
    for pattern in ("*.nbi", "*.nbc", "compiled.sha256"):
        for kept in (ROOT / "routing").rglob(pattern):
            place = routing / kept.relative_to(ROOT / "routing")
            place.parent.mkdir(exist_ok=True)
            shutil.copy(kept, place)


def copy(source: Path, folder: Path, target: str) -> None:
    """Copy as COPY does: what is in a folder, less what .dockerignore leaves out, or a file."""
    if source.is_dir():
        left_out = shutil.ignore_patterns("node_modules", "__pycache__", "dist")
        shutil.copytree(source, folder / target, ignore=left_out, dirs_exist_ok=True)
    else:
        assert target.endswith("/"), "a file is copied into a folder"
        (folder / target).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, folder / target)


@pytest.fixture
def service(
    installed: Path, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start what the image starts, with the image's settings, on a free port."""
    image = Image.read()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = dict(line.split("=", 1) for line in image.get("ENV"))
    settings |= {"JEMPUTBOLA_DATA_DIR": str(tmp_path), "JEMPUTBOLA_PORT": port}
    process = subprocess.Popen(
        json.loads(image.get("CMD")[0]), cwd=installed, env=environment(**settings), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    yield process, settings
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_install_and_start_steps_of_the_image_work_in_an_empty_folder(
    installed: Path, service: tuple[subprocess.Popen[str], dict[str, str]]
) -> None:
    process, settings = service
    probe = json.loads(Image.read().get("HEALTHCHECK")[0].partition("CMD ")[2])
    for _ in range(80):
        health = run(*probe, cwd=installed, **settings)
        if health.returncode == 0 or process.poll() is not None:
            break
        time.sleep(0.5)
    assert process.poll() is None, process.communicate()[0]
    assert health.returncode == 0, health.stderr
    page = f"http://127.0.0.1:{settings['JEMPUTBOLA_PORT']}/"
    with urllib.request.urlopen(page, timeout=5) as answer:
        assert b"<html" in answer.read().lower()
    process.send_signal(signal.SIGTERM)  # what docker stop sends
    process.wait(timeout=10)
    health = run(*probe, cwd=installed, **settings)
    assert health.returncode != 0
