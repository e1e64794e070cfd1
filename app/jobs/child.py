"""One job in a process of its own, forked by ``nursery.py``.

Progress and result go out on its socket as JSON lines, one byte there asks to stop, and the process
does not outlive its parent. What it stores it stores only while its worker holds the lease.
"""

import ctypes
import errno
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event, update
from sqlalchemy.exc import OperationalError

from app.db import connect, unusable
from app.errors import AppError, DiskFull
from app.jobs import lease
from app.jobs.tasks import run_task
from app.models import Job, JobKind
from app.settings import Settings
from geodata.errors import GeodataError
from routing.errors import RoutingError

log = logging.getLogger(__name__)

CANCEL = b"c"
EXIT_ORPHANED = 3
EXIT_LEASE_LOST = 4
_PR_SET_PDEATHSIG = 1


class Cancelled(Exception):
    """The job was asked to stop before anything was stored."""


class LeaseLost(Exception):
    """Another worker has taken the job over; nothing may be stored."""


def serve(channel: socket.socket, settings: Settings, job_id: int, owner: str) -> int:
    """Do a job, say on ``channel`` how it goes, and give the code to exit with."""
    cancel = threading.Event()
    threading.Thread(target=_listen, args=(channel, cancel), daemon=True).start()
    send = _sender(channel)
    engine = connect(settings.url)
    try:
        send(work(engine, settings, job_id, owner, cancel.is_set, send))
    except LeaseLost:
        log.warning("lease lost, result dropped", extra={"job_id": job_id})
        return EXIT_LEASE_LOST
    finally:
        engine.dispose()
    return 0


def work(
    engine: Engine,
    settings: Settings,
    job_id: int,
    owner: str,
    is_cancelled: Callable[[], bool],
    send: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Do a job and give the last message: ``done`` with a result, or ``failed`` with an error.

    ``again`` with an error says that it was not the job's fault.
    """
    job = lease.read(engine, job_id)
    honoured = False

    def should_stop() -> bool:
        nonlocal honoured
        honoured = honoured or is_cancelled()
        return honoured

    def before_commit(connection: Connection) -> None:
        if job.kind == JobKind.IMPORT and should_stop():
            raise Cancelled
        hold(connection, job_id, owner)

    event.listen(engine, "commit", before_commit)
    try:
        result: dict[str, Any] | None = run_task(
            engine, settings, job, _teller(send, should_stop), should_stop
        )
    except Cancelled:
        result = None
    except (AppError, GeodataError, RoutingError) as error:
        return {"type": "failed", "error": lease.describe(error)}
    except OperationalError as error:  # locked for long, full, away: another time it may go well
        why = lease.describe(unusable(engine, error))
        return {"type": "failed", "error": why, "again": True}
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        full = DiskFull(place=error.filename or settings.data_dir)
        return {"type": "failed", "error": lease.describe(full), "again": True}
    finally:
        event.remove(engine, "commit", before_commit)
    return {"type": "done", "result": result, "cancelled": honoured}


def hold(connection: Connection, job_id: int, owner: str) -> None:
    """Renew the lease inside the transaction that is about to be committed.

    Raises
    ------
    LeaseLost
        When another worker has it: then the whole transaction is rolled back.
    """
    renewed = connection.execute(
        update(Job)
        .where(*lease.held(job_id, owner))
        .values(lease_until=lease.lease_end(connection))
    )
    if renewed.rowcount != 1:
        raise LeaseLost


def die_with_parent(parent: int) -> None:
    """Let the kernel end this process when the parent's thread that started it ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before the kernel knew
        os._exit(EXIT_ORPHANED)


def _teller(
    send: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]
) -> Callable[[dict[str, Any]], None]:
    def on_progress(progress: dict[str, Any]) -> None:
        # Travel tables take long, and stand before anything that could be stored.
        if progress.get("phase") == "travel" and should_stop():
            raise Cancelled
        send({"type": "progress", "progress": progress})

    return on_progress


def _sender(channel: socket.socket) -> Callable[[dict[str, Any]], None]:
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        with lock:
            channel.sendall(json.dumps(message).encode() + b"\n")

    return send


def _listen(channel: socket.socket, cancel: threading.Event) -> None:
    """Wait to be asked to stop; the end of the socket means that the worker is gone."""
    while said := channel.recv(64):
        if CANCEL in said:
            cancel.set()
    os._exit(EXIT_ORPHANED)
