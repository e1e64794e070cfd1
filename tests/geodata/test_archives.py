"""Archives that were made to do harm, each with the one defect; limits inside and outside."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from geodata import limits
from geodata.archives import unpack
from geodata.errors import (
    ArchiveRatio,
    NestedArchive,
    TooManyFiles,
    UnpackedTooLarge,
    UnreadableSource,
    UnsafeName,
)


def archive(tmp_path: Path, *entries, packing=zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / "batas.zip"
    with zipfile.ZipFile(path, "w", packing) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def taken(path: Path, folder: Path) -> dict[PurePosixPath, Path]:
    folder.mkdir()
    return unpack(path, folder, is_wanted=lambda name: name.suffix == ".kml")


def test_wanted_files_come_out_under_numbers(tmp_path):
    path = archive(tmp_path, ("peta/Desa Hulu.kml", b"a"), ("peta/foto.png", b"b"), ("x.kml", b"c"))
    found = taken(path, tmp_path / "out")
    contents = {str(name): file.read_bytes() for name, file in found.items()}
    assert contents == {"peta/Desa Hulu.kml": b"a", "x.kml": b"c"}
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["0", "1"]


def test_a_maker_that_writes_backslashes_is_understood(tmp_path):
    path = archive(tmp_path, (r"peta\desa.kml", b"a"))
    assert [str(name) for name in taken(path, tmp_path / "out")] == ["peta/desa.kml"]


@pytest.mark.parametrize(
    "name",
    [
        "../desa.kml", "peta/../../desa.kml", "/etc/desa.kml", r"..\desa.kml", r"C:\desa.kml",
        "c:desa.kml", r"\\server\desa.kml", "peta//desa.kml", "./desa.kml", "de\nsa.kml",
        "../foto.png",
    ],
    ids=repr,
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    with pytest.raises(UnsafeName) as caught:
        taken(archive(tmp_path, (name, b"a")), tmp_path / "out")
    assert caught.value.params["place"] == "batas.zip"
    assert list((tmp_path / "out").iterdir()) == []
    assert not (tmp_path / "desa.kml").exists()


def test_a_name_with_a_hidden_end_is_refused(tmp_path):
    """After a NUL one reader sees an end, another goes on."""
    path = archive(tmp_path, ("desa.kml_.png", b"a"))
    path.write_bytes(path.read_bytes().replace(b"desa.kml_.png", b"desa.kml\0.png"))
    with pytest.raises(UnsafeName):
        taken(path, tmp_path / "out")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR], ids=hex)
def test_links_and_devices_are_refused(tmp_path, kind):
    entry = zipfile.ZipInfo("desa.kml")
    entry.external_attr = (kind | 0o777) << 16
    with pytest.raises(UnsafeName, match=r"desa\.kml"):
        taken(archive(tmp_path, (entry, b"/etc/passwd")), tmp_path / "out")


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(UnsafeName, match=r"DESA\.kml"):
        taken(archive(tmp_path, ("desa.kml", b"a"), ("DESA.kml", b"b")), tmp_path / "out")


@pytest.mark.parametrize("name", ["isi.zip", "isi.KMZ", "a/isi.tar.gz", "isi.7z", "isi.rar"])
def test_an_archive_in_an_archive_is_refused(tmp_path, name):
    with pytest.raises(NestedArchive) as caught:
        taken(archive(tmp_path, ("desa.kml", b"a"), (name, b"b")), tmp_path / "out")
    assert caught.value.params == {"place": "batas.zip", "value": name}


@pytest.mark.parametrize(("limit", "is_taken"), [(3, True), (2, False)])
def test_the_number_of_files_is_limited(tmp_path, monkeypatch, limit, is_taken):
    monkeypatch.setattr(limits, "MAX_ARCHIVE_FILES", limit)
    path = archive(tmp_path, *((f"{n}.kml", b"a") for n in range(3)))
    if is_taken:
        assert len(taken(path, tmp_path / "out")) == 3
    else:
        with pytest.raises(TooManyFiles, match="3 files, the limit is 2"):
            taken(path, tmp_path / "out")


@pytest.mark.parametrize(("limit", "is_taken"), [(30, True), (29, False)])
def test_the_unpacked_size_is_limited_in_all(tmp_path, monkeypatch, limit, is_taken):
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", limit)
    path = archive(tmp_path, ("a.kml", b"x" * 10), ("b.kml", b"y" * 20))
    if is_taken:
        assert len(taken(path, tmp_path / "out")) == 2
    else:
        with pytest.raises(UnpackedTooLarge, match="more than 29 bytes"):
            taken(path, tmp_path / "out")


def lying(path: Path, true_size: int, told: int) -> None:
    """Change the unpacked size in both heads of an entry."""
    raw = path.read_bytes()
    true_bytes, told_bytes = (n.to_bytes(4, "little") for n in (true_size, told))
    assert raw.count(true_bytes) == 2
    path.write_bytes(raw.replace(true_bytes, told_bytes))


def test_what_comes_out_is_counted_whatever_is_declared(tmp_path, monkeypatch):
    """Ten million bytes that call themselves a hundred: the reader stops at what is declared."""
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 1000)
    path = archive(tmp_path, ("desa.kml", bytes(10_000_000)))
    lying(path, 10_000_000, 100)
    with pytest.raises((UnpackedTooLarge, UnreadableSource)):
        taken(path, tmp_path / "out")
    assert sum(file.stat().st_size for file in (tmp_path / "out").iterdir()) <= 1000


@pytest.mark.parametrize(("limit", "is_taken"), [(1100, True), (900, False)])
def test_the_ratio_is_limited(tmp_path, monkeypatch, limit, is_taken):
    """Zeros are packed about a thousand to one, the most that this way of packing can do."""
    monkeypatch.setattr(limits, "MAX_RATIO", limit)
    monkeypatch.setattr(limits, "RATIO_FROM_BYTES", 1000)
    path = archive(tmp_path, ("desa.kml", bytes(5_000_000)))
    if is_taken:
        assert len(taken(path, tmp_path / "out")) == 1
    else:
        with pytest.raises(ArchiveRatio, match="more than 900 times"):
            taken(path, tmp_path / "out")


@pytest.mark.parametrize(("threshold", "is_taken"), [(5_000_000, True), (4_999_999, False)])
def test_small_files_may_have_any_ratio(tmp_path, monkeypatch, threshold, is_taken):
    monkeypatch.setattr(limits, "MAX_RATIO", 2)
    monkeypatch.setattr(limits, "RATIO_FROM_BYTES", threshold)
    path = archive(tmp_path, ("desa.kml", bytes(5_000_000)))
    if is_taken:
        assert len(taken(path, tmp_path / "out")) == 1
    else:
        with pytest.raises(ArchiveRatio):
            taken(path, tmp_path / "out")


def test_a_damaged_or_encrypted_archive_is_told(tmp_path):
    path = archive(tmp_path, ("desa.kml", b"a" * 100), packing=zipfile.ZIP_STORED)
    raw = path.read_bytes()
    damaged = [
        raw[:50],
        raw.replace(b"a" * 100, b"b" * 100),  # the checksum no longer fits
        # Bit 0 of the flags, at 6 in a local head and 8 in the directory: encrypted.
        raw.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\1\0").replace(
            b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"
        ),
    ]
    for number, content in enumerate(damaged):
        path.write_bytes(content)
        with pytest.raises(UnreadableSource, match=r"batas\.zip cannot be read as ZIP"):
            taken(path, tmp_path / f"out-{number}")
