"""Processes of Python that begin with the application loaded: copies of one that loaded it once.

Loading takes seconds, and tests start hundreds of commands and servers. A copy is a process of its
own: number, environment, folder, output, signals and end are its own, as ``python -m`` would give
them. It can start the process that jobs are forked from as a copy too, once; the next is started
anew. What starting anew loads is what ``test_startup`` tells.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, NoReturn

import app
from app.jobs import process

ROOT = Path(__file__).resolve().parents[2]
MESSAGE = 150_000  # bytes, that one message on a socket may have


class Copy:
    """A process that runs a module as ``python -m`` does; like ``subprocess.Popen`` in its use.

    ``stdout`` and ``stderr`` are files; without them it writes where this process does. Of
    ``also``, an open file, it has a copy.
    """

    def __init__(
        self, module: str, *words: str, env: Mapping[str, str], cwd: Path = ROOT,
        stdout: IO[Any] | None = None, stderr: IO[Any] | None = None, also: int | None = None,
    ) -> None:  # fmt: skip
        self._end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {"module": module, "words": words, "env": dict(env), "cwd": str(cwd)}
        with theirs, Path(os.devnull).open() as nothing:
            files = [theirs, nothing, stdout or sys.__stdout__, stderr or sys.__stderr__]
            numbers = [file.fileno() for file in files]
            _say(_loaded(), request, [*numbers, *([] if also is None else [also])])
        self.pid = int(self._end.recv(16))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give the exit code once it has ended; minus the signal that ended it."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and give the exit code."""
        if self.returncode is None:
            self._end.settimeout(timeout)
            try:
                self.returncode = int(self._end.recv(16))
            except (BlockingIOError, TimeoutError) as error:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from error
            self._end.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def nursery(words: list[str], *, env: dict[str, str], pass_fds: list[int], **_: Any) -> Any:
    """Start what jobs are forked from, as ``process.Nursery`` does, but as a copy.

    It ends with whoever watches over it, and not with the thread that asked for it.
    """
    return Copy(words[2], *words[3:], env=env, cwd=Path.cwd(), also=pass_fds[0])


@functools.cache
def _loaded() -> socket.socket:
    """Start the process that copies are made of; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603 (this module)
            [sys.executable, "-m", __name__, str(theirs.fileno())], cwd=ROOT,
            stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True,
        )  # fmt: skip

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _say(end: socket.socket, message: dict[str, Any], files: list[int]) -> None:
    socket.send_fds(end, [json.dumps(message).encode()], files)


def _hear(end: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Wait for a message with its open files; None when nobody is there to send one."""
    text, files, _, _ = socket.recv_fds(end, MESSAGE, 8)
    return (json.loads(text), files) if text else None


# --- in the process that is copied -----------------------------------------------------------


def _load() -> None:
    """Load all of the application but no compiled loops: where none are kept they take minutes."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)
    for name in ("alembic.command", "uvicorn"):
        importlib.import_module(name)


def _serve(control: socket.socket) -> None:
    """Make copies until nobody is there to ask; whoever watches over one tells how it ended."""
    n_watching = 0
    while (heard := _hear(control)) is not None:
        while n_watching and os.waitpid(-1, os.WNOHANG)[0]:
            n_watching -= 1
        message, files = heard
        n_watching += 1
        if os.fork() == 0:
            control.close()
            _watch(message, files)
        for file in files:
            os.close(file)


def _watch(message: dict[str, Any], files: list[int]) -> NoReturn:
    asker, standard, also = files[0], files[1:4], files[4:]
    if (pid := os.fork()) == 0:
        os.close(asker)
        if also:  # what jobs are forked from: its parent's number, and where it is spoken to
            os.setsid()
            message["words"][:2] = [str(os.getppid()), str(also[0])]
        else:
            _spare_nursery()
        _become(message, standard)
    for file in files[1:]:
        os.close(file)
    with socket.socket(fileno=asker) as end:
        end.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        try:
            end.send(str(os.waitstatus_to_exitcode(status)).encode())
        finally:  # nobody need ask
            os._exit(0)


def _become(message: dict[str, Any], files: list[int]) -> NoReturn:
    """Be what was asked for, and end as a process of Python ends."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(message["env"])
    os.chdir(message["cwd"])
    time.tzset()
    sys.argv = [message["module"], *message["words"]]
    code: Any = 0
    try:
        sys.modules.pop(message["module"], None)
        runpy.run_module(message["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit((code or 0) & 0xFF)


def _spare_nursery() -> None:
    """Copy this process, while it has one thread, into what jobs will be forked from."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if (pid := os.fork()) == 0:
        ours.close()
        heard = _hear(theirs)
        theirs.close()
        if heard is None:
            os._exit(0)
        os.setsid()
        message, (control, *standard) = heard
        message["words"][1] = str(control)
        _become(message, standard)
    theirs.close()
    spare = [(pid, ours)]

    def popen(words: list[str], **how: Any) -> Any:
        if not spare:
            return subprocess.Popen(words, **how)  # noqa: S603 (as the application would)
        return _Nursery(*spare.pop(), words, **how)

    process.subprocess = SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL)  # type: ignore[attr-defined]


class _Nursery:
    """The copy that jobs are forked from, as ``process.Nursery`` uses one."""

    def __init__(
        self, pid: int, end: socket.socket, words: list[str], *, env: dict[str, str],
        pass_fds: list[int], **_: Any,
    ) -> None:  # fmt: skip
        self.pid = pid
        message = {"module": words[2], "words": words[3:], "env": env, "cwd": str(Path.cwd())}
        with end, Path(os.devnull).open() as nothing:
            _say(end, message, [*pass_fds, nothing.fileno(), 1, 2])

    def wait(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


if __name__ == "__main__":
    _load()
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
