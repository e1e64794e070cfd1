"""Zip archives from outside: judged before and while they are unpacked.

What comes out is never called by a name of the archive, so no name in it can point anywhere.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from geodata import limits
from geodata.errors import (
    ArchiveRatio,
    NestedArchive,
    TooManyFiles,
    UnpackedTooLarge,
    UnreadableSource,
    UnsafeName,
)

NESTED = frozenset(
    (".zip", ".kmz", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar", ".lzma", ".cab")
)
_DRIVE = re.compile(r"[A-Za-z]:")
_BLOCK = 1 << 20
# RuntimeError: an encrypted part. NotImplementedError: a way of packing that is not known.
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError)


def unpack(
    path: Path, folder: Path, *, is_wanted: Callable[[PurePosixPath], bool]
) -> dict[PurePosixPath, Path]:
    """Unpack the wanted files of an archive into ``folder`` under numbers.

    Returns
    -------
    dict
        For each wanted name of the archive the file that holds its content now.

    Raises
    ------
    UnsafeName
        A name, wanted or not, is absolute, climbs with ``..``, has a drive letter or control
        characters, stands twice, or is a link.
    NestedArchive, TooManyFiles
        An archive lies in the archive, or more than ``MAX_ARCHIVE_FILES`` files.
    UnpackedTooLarge, ArchiveRatio
        The content grows beyond ``MAX_UNPACKED_BYTES`` in all, or one file beyond ``MAX_RATIO``
        times its packed size. The bytes that come out are counted, whatever the archive declares.
    UnreadableSource
        It is damaged or encrypted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _checked(archive, path.name)
            unpacked: dict[PurePosixPath, Path] = {}
            left = limits.MAX_UNPACKED_BYTES
            for name, entry in entries.items():
                if is_wanted(name):
                    target = folder / str(len(unpacked))
                    left -= _write(archive, entry, target, path.name, left)
                    unpacked[name] = target
            return unpacked
    except _BROKEN as error:
        reason = str(error) or type(error).__name__
        raise UnreadableSource(place=path.name, expected="ZIP", reason=reason) from error


def _checked(archive: zipfile.ZipFile, place: str) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Judge every name and every declared size; give the files."""
    entries = archive.infolist()
    if len(entries) > limits.MAX_ARCHIVE_FILES:
        raise TooManyFiles(place=place, value=len(entries), limit=limits.MAX_ARCHIVE_FILES)
    declared = sum(entry.file_size for entry in entries)
    if declared > limits.MAX_UNPACKED_BYTES:
        raise UnpackedTooLarge(place=place, limit=limits.MAX_UNPACKED_BYTES)
    files: dict[PurePosixPath, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in entries:
        name = _safe_name(entry, place)
        if str(name).casefold() in seen:
            raise UnsafeName(place=place, value=_shown(entry.filename))
        seen.add(str(name).casefold())
        if name.suffix.lower() in NESTED:
            raise NestedArchive(place=place, value=_shown(entry.filename))
        if not entry.is_dir():
            files[name] = entry
    return files


def _safe_name(entry: zipfile.ZipInfo, place: str) -> PurePosixPath:
    # The part after a NUL is cut off by zipfile; orig_filename still has it.
    name = entry.orig_filename.replace("\\", "/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    is_plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
    parts = name.rstrip("/").split("/")
    is_inside = all(part not in ("", ".", "..") and not _DRIVE.match(part) for part in parts)
    if not (is_plain and is_inside and name.isprintable()):
        raise UnsafeName(place=place, value=_shown(entry.orig_filename))
    return PurePosixPath(name)


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:100]


def _write(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, place: str, left: int
) -> int:
    """Unpack one file, block by block; give its size."""
    packed = max(entry.compress_size, 1)
    written = 0
    with archive.open(entry) as content, target.open("wb") as file:
        while block := content.read(_BLOCK):
            written += len(block)
            if written > left:
                raise UnpackedTooLarge(place=place, limit=limits.MAX_UNPACKED_BYTES)
            if written > max(limits.RATIO_FROM_BYTES, limits.MAX_RATIO * packed):
                raise ArchiveRatio(
                    place=place, value=_shown(entry.filename), limit=limits.MAX_RATIO
                )
            file.write(block)
    return written
