"""Jobs' child processes, and the process they are forked from, as their worker sees them."""

import contextlib
import json
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app.jobs.child import CANCEL
from app.jobs.nursery import KILL
from app.settings import PREFIX, Settings

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
EXIT_WAIT_S = 10.0
UP_WAIT_S = 20.0
RESTART_S = 0.5
READY_LOOK_S = 0.2
MODULE = "app.jobs.nursery"
Message = dict[str, Any]
END: Message = {"type": "end"}


class Nursery:
    """The process that children are forked from, kept alive until ``close``.

    Parameters
    ----------
    eager
        Whether it is started at once and loads what any job needs, compiled loops included; else
        it is started for the first job and loads what is needed as it is needed.
    """

    def __init__(self, settings: Settings, *, eager: bool = False) -> None:
        self._settings, self._eager = settings, eager
        self._kinds: list[str] = []
        self._wanted, self._ready, self._closing = (threading.Event() for _ in range(3))
        if eager:
            self._wanted.set()
        self._up = threading.Condition()
        self._control: socket.socket | None = None
        # The process dies with the thread that started it (see ``die_with_parent``): this one.
        self._thread = threading.Thread(target=self._keep, name="nursery", daemon=True)
        self._thread.start()

    def wait_until_ready(self, stop: threading.Event) -> None:
        """Wait until an eager process has loaded what it will; the first time loops compile.

        Nobody waits on once ``stop`` is set.
        """
        while not (self._ready.wait(READY_LOOK_S) or stop.is_set()):
            pass

    def expect(self, kinds: Iterable[str]) -> None:
        """Start the process now, and load what jobs of those kinds need: they will soon be free."""
        self._kinds = sorted(set(kinds))
        if self._kinds:
            self._wanted.set()

    def fork(self, job_id: int, kind: str, owner: str) -> tuple[socket.socket, socket.socket]:
        """Ask for a child; give the sockets to talk to it and to hear how it ended.

        Raises
        ------
        NurseryGone
            When there is no process to fork from, and none came up in ``UP_WAIT_S``.
        """
        ours, theirs = zip(socket.socketpair(), socket.socketpair(), strict=True)
        request = json.dumps([job_id, kind, owner]).encode() + b"\n"
        self._wanted.set()
        try:
            with self._up:
                self._up.wait_for(lambda: self._control is not None, UP_WAIT_S)
                if self._control is None:
                    raise NurseryGone
                socket.send_fds(self._control, [request], [end.fileno() for end in theirs])
        except OSError as error:
            raise NurseryGone from error
        finally:
            for end in theirs:
                end.close()
        return ours[0], ours[1]

    def close(self) -> None:
        """End the process, and with it every child."""
        self._closing.set()
        self._wanted.set()
        self._drop()
        self._thread.join()

    def _keep(self) -> None:
        self._wanted.wait()
        while not self._closing.is_set():
            ours, theirs = socket.socketpair()
            what = ["eager"] if self._eager else self._kinds
            words = [str(os.getpid()), str(theirs.fileno()), *what]
            # A session of its own: Ctrl-C in a terminal reaches the parent only, which then asks.
            process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
                [sys.executable, "-m", MODULE, *words],
                stdin=subprocess.DEVNULL,
                env=environment(self._settings),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            theirs.close()
            with self._up:
                self._control = ours
                self._up.notify_all()
            if self._closing.is_set():  # ``close`` may have come before there was a socket
                self._drop()
            with contextlib.suppress(OSError):
                ours.recv(1)
            self._ready.set()
            if self._closing.is_set():  # it may be compiling, and hear of its end a minute later
                process.kill()
            code = process.wait()
            self._drop()
            if not self._closing.wait(RESTART_S):
                log.error("process that forks jobs ended, starting another", extra={"code": code})

    def _drop(self) -> None:
        with self._up:
            if self._control is not None:
                with contextlib.suppress(OSError):
                    self._control.shutdown(socket.SHUT_RDWR)  # wakes who reads there
                self._control.close()
            self._control = None


class NurseryGone(OSError):
    """There is no process to fork a child from."""


class Child:
    """A running child of ``nursery``."""

    def __init__(self, nursery: Nursery, job_id: int, kind: str, owner: str) -> None:
        self._channel, self._ending = nursery.fork(job_id, kind, owner)
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def next_message(self, timeout: float) -> Message | None:
        """Wait for a message; ``END`` after the last one, None when nothing came in time."""
        try:
            return self._messages.get(timeout=timeout)
        except queue.Empty:
            return None

    def cancel(self) -> None:
        """Ask the child to stop: at once, or at its next check point when it has what to keep."""
        try:
            self._channel.send(CANCEL)
        except OSError:
            log.debug("child ended before it could be asked to stop")

    def close(self, *, kill: bool, has_begun: bool = True) -> str:
        """Wait for the child's end, or bring it about, and tell how it ended.

        One that has not begun is not waited for: it will find that it is not wanted.
        """
        self._ending.settimeout(EXIT_WAIT_S)
        told = b"" if kill else self._hear()
        if not told:  # given up; or it has said its last word and hangs in its exit
            self._kill()
            told = self._hear() if has_begun else b""
        for end in (self._channel, self._ending):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # wakes the reader
        self._reader.join()
        self._channel.close()
        self._ending.close()
        code = int(told or -signal.SIGKILL)  # who could have told was killed, and it with him
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    def _hear(self) -> bytes:
        try:
            return self._ending.recv(16)
        except OSError:  # timed out, or nobody is there to tell
            return b""

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            self._ending.send(KILL)

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._channel.makefile("rb") as lines:
            for line in lines:
                try:
                    message = json.loads(line)
                except ValueError:
                    log.warning("child said what is no message", extra={"line": repr(line[:200])})
                    continue
                self._messages.put(message)
        self._messages.put(END)


def environment(settings: Settings) -> dict[str, str]:
    """Give a child every setting of its parent, which need not be those of the environment.

    But no secrets, which no job needs, and no host: a child does not listen.
    """
    own = {
        name.upper(): _text(value) for name, value in settings if not isinstance(value, SecretStr)
    }
    own |= {
        "DATABASE_URL": settings.url,
        "DATA_DIR": str(settings.data_dir.resolve()),
        "CALENDAR_FILE": str(settings.calendar_file.resolve()) if settings.calendar_file else "",
        "HOST": "127.0.0.1",
    }
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**others, **{PREFIX + name: text for name, text in own.items()}, "PYTHONPATH": path}


def _text(value: object) -> str:
    """Write a setting as ``Settings`` reads it."""
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)
