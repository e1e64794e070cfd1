"""A private PostgreSQL server for the tests: own folder, own port, nothing kept."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path:
    """Find the newest PostgreSQL that Debian installed; `make test` installs one."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    assert found, "PostgreSQL is not installed; `make test` names the packages"
    return found[-1].parent


def control(folder: Path, *words: str) -> None:
    """Tell the server in ``folder`` to ``stop`` as a crash would, or to ``restart``."""
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    line = [binaries() / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "-l",
            folder / "log", *words]  # fmt: skip
    subprocess.run(  # noqa: S603 (our own server)
        [*(as_user if os.geteuid() == 0 else []), *line], cwd="/", check=True,
        capture_output=True, timeout=60,
    )  # fmt: skip


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a server in ``folder`` and give its address without a database name."""
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, bin_dir = folder / "data", binaries()
    options = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        " -c synchronous_commit=off -c full_page_writes=off"
    )

    def run(*words: str | Path) -> None:
        subprocess.run(  # noqa: S603 (our own server)
            [*as_user, *words], cwd="/", check=True, capture_output=True, timeout=120
        )

    run(bin_dir / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync")  # fmt: skip
    run(bin_dir / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        run(bin_dir / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
