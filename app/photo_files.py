"""Where pictures lie in the data folder: by the hash of their content."""

import os
import secrets
from pathlib import Path

from app.durable import sync_folders

FOLDER = "photos"


def picture_path(data_dir: Path, sha256: str) -> Path:
    """Tell where the picture of a hash lies."""
    return data_dir.resolve() / FOLDER / sha256[:2] / sha256


def write_picture(path: Path, body: bytes) -> None:
    """Write a picture, whole or not at all, so that it outlives a power cut; one there stays."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_folders(path.parent, path.parent.parent, path.parent.parent.parent)
    finally:
        partial.unlink(missing_ok=True)
