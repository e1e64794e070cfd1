"""Writes workbooks as Excel 97 did: BIFF8 records in a compound file ([MS-XLS], [MS-CFB])."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

Rows = Sequence[Sequence[str | float | None]]
SECTOR, SMALLEST_STREAM = 512, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
BOF, BOUNDSHEET, CODEPAGE, EOF, LABEL, NUMBER = 0x0809, 0x0085, 0x0042, 0x000A, 0x0204, 0x0203
GLOBALS, WORKSHEET = 0x0005, 0x0010


def write_xls(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """Write sheets of text, numbers and empty cells."""
    bodies = [b"".join(_sheet(rows)) for rows in sheets.values()]
    head = _globals(list(sheets), [0] * len(sheets))
    offsets = [len(head) + sum(map(len, bodies[:at])) for at in range(len(bodies))]
    stream = _globals(list(sheets), offsets) + b"".join(bodies)
    path.write_bytes(_compound(stream))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(kind: int) -> bytes:
    return _record(BOF, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _globals(names: Sequence[str], offsets: Sequence[int]) -> bytes:
    listed = (
        _record(
            BOUNDSHEET, struct.pack("<IBBBB", at, 0, 0, len(name), 1) + name.encode("utf-16-le")
        )
        for name, at in zip(names, offsets, strict=True)
    )
    return (
        _bof(GLOBALS)
        + _record(CODEPAGE, struct.pack("<H", 1200))
        + b"".join(listed)
        + (_record(EOF, b""))
    )


def _sheet(rows: Rows) -> Iterator[bytes]:
    yield _bof(WORKSHEET)
    for y, cells in enumerate(rows):
        for x, cell in enumerate(cells):
            place = struct.pack("<HHH", y, x, 0)
            if isinstance(cell, str):
                text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                yield _record(LABEL, place + text)
            elif cell is not None:
                yield _record(NUMBER, place + struct.pack("<d", cell))
    yield _record(EOF, b"")


def _compound(stream: bytes) -> bytes:
    """Wrap one stream: header, allocation table, directory, then the stream's own sectors."""
    size = max(SMALLEST_STREAM, -(-len(stream) // SECTOR) * SECTOR)
    n_sectors = size // SECTOR
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, SMALLEST_STREAM, END, 0, END, 0, 0,
    )  # fmt: skip
    table = [FAT, END, *range(3, n_sectors + 2), END]
    if len(table) > SECTOR // 4:
        raise ValueError("one sector of the allocation table holds 128 sectors")
    table += [FREE] * (SECTOR // 4 - len(table))
    directory = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, 2, size)
    return b"".join(
        (
            header + struct.pack("<108I", *[FREE] * 108),
            struct.pack(f"<{len(table)}I", *table),
            directory.ljust(SECTOR, b"\0"),
            stream.ljust(size, b"\0"),
        )
    )


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le").ljust(64, b"\0")
    return struct.pack(
        "<64sHBBIII16xI16xIQ", text, 2 * len(name) + 2, kind, 1, FREE, FREE, child, 0, start, size
    )
