"""One job in a process of its own, forked by ``nursery.py``.

That it began, progress and result go out on its socket as JSON lines, one byte there asks to stop,
and the process does not outlive its parent. What it stores it stores only while its worker holds
the lease.
"""

import contextlib
import ctypes
import errno
import json
import logging
import os
import select
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from app.db import connect, unusable
from app.errors import AppError, DiskFull
from app.jobs import lease
from app.jobs.stopping import Cancelled, Result, Stop
from app.jobs.tasks import run_task
from app.models import Job, JobKind
from app.settings import Settings
from geodata.errors import GeodataError
from routing.errors import RoutingError

log = logging.getLogger(__name__)

CANCEL = b"c"
BEGAN = {"type": "began"}
# Until progress tells of anything else there is nothing that a cancel could keep.
PREPARING = frozenset({"read", "travel"})
EXIT_ORPHANED = 3
EXIT_LEASE_LOST = 4
_PR_SET_PDEATHSIG = 1


class LeaseLost(Exception):
    """Another worker has taken the job over; nothing may be stored."""


def serve(channel: socket.socket, settings: Settings, job_id: int, owner: str) -> int:
    """Do a job, say on ``channel`` how it goes, and give the code to exit with."""
    with contextlib.suppress(OSError):  # no room: who needs some will say so
        folder_of(os.getpid()).mkdir(mode=0o700)
        tempfile.tempdir = str(folder_of(os.getpid()))
    send = _sender(channel)

    def end(result: Result | None) -> None:
        with contextlib.suppress(OSError):  # its worker did not wait
            send({"type": "done", "result": result, "cancelled": True})
        os._exit(0)

    stop = Stop(end)
    with contextlib.suppress(OSError):
        send(BEGAN)
    # Its worker does not wait for a child that was asked to stop before it could say so.
    if select.select([channel], [], [], 0)[0]:
        _hear(channel, stop)
    threading.Thread(target=_listen, args=(channel, stop), daemon=True).start()
    engine = connect(settings.url)
    try:
        send(work(engine, settings, job_id, owner, stop, send))
    except LeaseLost:
        log.warning("lease lost, result dropped", extra={"job_id": job_id})
        return EXIT_LEASE_LOST
    finally:
        engine.dispose()
    return 0


def folder_of(pid: int) -> Path:
    """Name the folder of a child's temporary files; its nursery removes it, however it ended."""
    return Path(tempfile.gettempdir()) / f"jemput-bola-job-{pid}"


def work(
    engine: Engine,
    settings: Settings,
    job_id: int,
    owner: str,
    stop: Stop,
    send: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Do a job and give the last message: ``done`` with a result, or ``failed`` with an error.

    ``again`` with an error says that it was not the job's fault.
    """
    job = lease.read(engine, job_id)

    def before_commit(connection: Connection) -> None:
        stop.keep()
        is_cancelled = hold(connection, job_id, owner)
        if is_cancelled and job.kind == JobKind.IMPORT:
            raise Cancelled

    event.listen(engine, "commit", before_commit)
    try:
        result = run_task(engine, settings, job, _teller(send, stop), stop)
    except Cancelled:
        return {"type": "done", "result": None, "cancelled": True}
    except (AppError, GeodataError, RoutingError) as error:
        return {"type": "failed", "error": lease.describe(error)}
    except OperationalError as error:  # locked for long, full, away: another time it may go well
        why = lease.describe(unusable(engine, error))
        return {"type": "failed", "error": why, "again": True}
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        full = DiskFull(place=error.filename or settings.data_dir)
        return {"type": "failed", "error": lease.describe(full), "again": True}
    finally:
        event.remove(engine, "commit", before_commit)
    return {"type": "done", "result": result, "cancelled": stop.was_told}


def hold(connection: Connection, job_id: int, owner: str) -> bool:
    """Renew the lease inside the transaction that is about to be committed.

    Tells whether the job was asked to stop: nobody can ask any more until the transaction has
    ended.

    Raises
    ------
    LeaseLost
        When another worker has it: then the whole transaction is rolled back.
    """
    is_cancelled = connection.execute(
        update(Job)
        .where(*lease.held(job_id, owner))
        .values(lease_until=lease.lease_end(connection))
        .returning(col(Job.cancel_requested))
    ).scalar_one_or_none()
    if is_cancelled is None:
        raise LeaseLost
    return is_cancelled


def die_with_parent(parent: int) -> None:
    """Let the kernel end this process when the parent's thread that started it ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before the kernel knew
        os._exit(EXIT_ORPHANED)


def _teller(send: Callable[[dict[str, Any]], None], stop: Stop) -> Callable[[dict[str, Any]], None]:
    def on_progress(progress: dict[str, Any]) -> None:
        if progress.get("phase") not in PREPARING:
            stop.keep()
        send({"type": "progress", "progress": progress})

    return on_progress


def _sender(channel: socket.socket) -> Callable[[dict[str, Any]], None]:
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        with lock:
            channel.sendall(json.dumps(message).encode() + b"\n")

    return send


def _listen(channel: socket.socket, stop: Stop) -> None:
    while True:
        _hear(channel, stop)


def _hear(channel: socket.socket, stop: Stop) -> None:
    """Wait to be asked to stop; the end of the socket means that the worker is gone."""
    said = channel.recv(64)
    if CANCEL in said:
        stop.ask()
    if not said:
        os._exit(EXIT_ORPHANED)
