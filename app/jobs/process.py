"""A job's child process as its parent sees it."""

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from app.jobs.child import CANCEL
from app.settings import PREFIX, Settings

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
EXIT_WAIT_S = 10.0
MODULE = "app.jobs.child"
Message = dict[str, Any]
END: Message = {"type": "end"}


class Child:
    """A running child; must be started by a thread that outlives it (see ``die_with_parent``)."""

    def __init__(self, job_id: int, owner: str, settings: Settings) -> None:
        command = ["-m", MODULE, str(job_id), owner, str(os.getpid())]
        # A session of its own: Ctrl-C in a terminal reaches the parent only, which then asks.
        self._process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(settings),
            start_new_session=True,
        )
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
        """Ask the child to stop at its next check point."""
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(CANCEL)
                stdin.flush()
        except BrokenPipeError:
            log.debug("child ended before it could be asked to stop")

    def close(self, *, kill: bool) -> str:
        """Wait for the child's end, or bring it about, and tell how it ended."""
        if kill:
            self._process.kill()
        try:
            code = self._process.wait(EXIT_WAIT_S)
        except subprocess.TimeoutExpired:  # it has said its last word and hangs in its exit
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        if code < 0:
            return signal.Signals(-code).name
        return f"exit {code}"

    def _read(self) -> None:
        stdout = self._process.stdout
        for line in stdout or ():
            try:
                message = json.loads(line)
            except ValueError:
                log.warning("child said what is no message", extra={"line": repr(line[:200])})
                continue
            self._messages.put(message)
        self._messages.put(END)


def environment(settings: Settings) -> dict[str, str]:
    """Give a child the parent's settings, which need not be those of the environment."""
    own = {
        "DATABASE_URL": settings.url,
        "DATA_DIR": str(settings.data_dir.resolve()),
        "CALENDAR_FILE": str(settings.calendar_file.resolve()) if settings.calendar_file else "",
        "LOG_LEVEL": settings.log_level,
        "HOST": "127.0.0.1",  # it does not listen; a host beyond would want a token
    }
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**others, **{PREFIX + name: text for name, text in own.items()}, "PYTHONPATH": path}
