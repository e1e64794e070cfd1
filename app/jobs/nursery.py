"""A process that has loaded the application once and forks a child for each job.

``python -m app.jobs.nursery PARENT_PID CONTROL_FD [eager | KIND ...]``. It says one byte when it
has loaded what it will. For each line ``[job_id, kind, owner]`` on the control socket, with two
sockets, it forks a child that speaks on the first (``child.py``). On the second it writes how the
child ended, and reads ``k``, which kills it. It has one thread: a fork copies no other.
"""

import contextlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import sys
from typing import Any, NoReturn

from app.jobs import child
from app.jobs.tasks import load, load_all
from app.logs import JOB, configure
from app.settings import Settings

log = logging.getLogger(__name__)

KILL, READY = b"k", b"r"
EXIT_BUG = 1
_AT_ONCE = 16


class Nursery:
    """Forks children as they are asked for, and tells how each ended."""

    def __init__(self, control: socket.socket, settings: Settings) -> None:
        self._control, self._settings = control, settings
        self._endings: dict[int, socket.socket] = {}  # process id of a child -> where it is told
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)

    def serve(self) -> None:
        """Work until the parent closes the control socket."""
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only its wake-up is wanted
        while True:
            watched: list[Any] = [self._woken, self._control, *self._endings.values()]
            readable, _, _ = select.select(watched, [], [])
            if self._woken in readable:
                os.read(self._woken, 512)
            if self._control in readable and not self._take_requests():
                return
            for pid in [pid for pid, ending in self._endings.items() if ending in readable]:
                self._listen(pid)
            self._reap()

    def _take_requests(self) -> bool:
        """Fork what is asked for; False when the parent is gone."""
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 4096, 2 * _AT_ONCE)
        except ConnectionError:  # it was killed before it had read everything
            return False
        ends = [socket.socket(fileno=fd) for fd in fds]
        for line in data.splitlines():
            job_id, kind, owner = json.loads(line)
            load(kind)
            channel, ending, *ends = ends
            pid = os.fork()
            if pid == 0:
                for foreign in (ending, *ends):
                    foreign.close()
                self._become_child(channel, job_id, owner)
            channel.close()
            self._endings[pid] = ending
        return bool(data)

    def _listen(self, pid: int) -> None:
        """Kill a child that its parent gave up, or whose parent is gone."""
        if self._endings[pid].recv(16) in {KILL, b""}:
            os.kill(pid, signal.SIGKILL)  # not reaped yet, so the number is still the child's

    def _reap(self) -> None:
        while self._endings:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            shutil.rmtree(child.folder_of(pid), ignore_errors=True)
            with self._endings.pop(pid) as ending:
                try:
                    ending.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                except BrokenPipeError:
                    log.debug("nobody asks how a child ended", extra={"pid": pid})

    def _become_child(self, channel: socket.socket, job_id: int, owner: str) -> NoReturn:
        """Do the job in this copy of the process, and end it."""
        code = EXIT_BUG
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            nursery = os.getppid()
            for inherited in (self._control, *self._endings.values()):
                inherited.close()
            for end in (self._woken, self._wake):
                os.close(end)
            child.die_with_parent(nursery)
            JOB.set(job_id)
            code = child.serve(channel, self._settings, job_id, owner)
        except BaseException:  # told here: nothing may climb into the copied loop
            log.exception("bug in a job", extra={"job_id": job_id})
        finally:
            logging.shutdown()
            sys.stderr.flush()
            os._exit(code)


def main() -> None:
    """Load what jobs need, then fork children until the parent is gone."""
    parent, control = int(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    child.die_with_parent(parent)
    # Children speak on their sockets; whatever a library prints goes to stderr.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    settings = Settings()
    configure(settings)
    if sys.argv[3:] == ["eager"]:
        load_all()
    else:
        for kind in sys.argv[3:]:
            load(kind)
    with contextlib.suppress(BrokenPipeError):  # given up while it was loading
        control.sendall(READY)
    Nursery(control, settings).serve()


if __name__ == "__main__":
    main()
