"""Uploaded files: kept in the data folder until their job has ended, then removed.

They may hold what the privacy check will refuse, so none may outlive its job.
"""

import contextlib
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from app.durable import sync_folders
from app.errors import UploadTooLarge

FOLDER = "uploads"
NAME_LIMIT = 100
# A stored file whose request has not ended yet has no job; nothing younger is swept.
SWEEP_AFTER_S = 3600.0
_CHUNK = 1 << 20


def safe_name(name: str | None) -> str:
    """Reduce a client's file name to its last part, in plain letters, digits, ``._-``."""
    last = re.split(r"[/\\]", name or "")[-1]
    ascii_name = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    clean = re.sub(r"[^A-Za-z0-9._-]+", "_", ascii_name).strip("._")
    return clean[-NAME_LIMIT:] or "upload"


def store(data_dir: Path, name: str | None, stream: BinaryIO, limit_mb: int) -> Path:
    """Copy ``stream`` to a folder of its own under ``data_dir``.

    Raises
    ------
    UploadTooLarge
        When it has more than ``limit_mb`` mebibytes; nothing is kept then.
    """
    folder = data_dir.resolve() / FOLDER / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    path = folder / safe_name(name)
    written, limit = 0, limit_mb << 20
    try:
        with path.open("wb") as target:
            while chunk := stream.read(_CHUNK):
                written += len(chunk)
                if written > limit:
                    raise UploadTooLarge(limit_mb=limit_mb)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        # What is accepted outlives a power cut: the file, its name, and that of its folder.
        sync_folders(folder, folder.parent, folder.parent.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return path


def place_of(data_dir: Path) -> str:
    """Name the folder of uploads, by a name that stays with it.

    Workers that share a data folder find the same name there; those that do not must not be given
    the files in it.
    """
    file = data_dir.resolve() / FOLDER / "place"
    if not file.exists():
        file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        name = secrets.token_hex(8)
        draft = file.with_suffix(f".{name}")
        draft.write_text(name, encoding="ascii")
        with contextlib.suppress(FileExistsError):  # another process was faster
            os.link(draft, file)
        draft.unlink()
    return file.read_text(encoding="ascii")


def discard(args: Mapping[str, object]) -> None:
    """Remove the upload that a job's arguments name, if they name one."""
    path = args.get("upload")
    if isinstance(path, str) and Path(path).parent.parent.name == FOLDER:
        shutil.rmtree(Path(path).parent, ignore_errors=True)


def sweep(data_dir: Path, keep: Iterable[str]) -> None:
    """Remove uploads that no waiting or running job names: their server died in between."""
    wanted = {str(Path(path).parent) for path in keep}
    folder = data_dir.resolve() / FOLDER
    for entry in folder.iterdir() if folder.is_dir() else ():
        if not entry.is_dir():
            continue
        if str(entry) not in wanted and time.time() - entry.stat().st_mtime > SWEEP_AFTER_S:
            shutil.rmtree(entry, ignore_errors=True)
