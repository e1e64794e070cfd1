"""What was compiled is kept until any source of compiled code changes."""

from pathlib import Path

import pytest

from routing.jit import discard_outdated


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package of two files of loops, with something compiled from them."""
    (tmp_path / "columns").mkdir()
    (tmp_path / "columns" / "kernels.py").write_text("FAR = 1\n")
    (tmp_path / "ruin_kernels.py").write_text("from kernels import FAR\n")
    (tmp_path / "worth.py").write_text("")
    discard_outdated(tmp_path)
    (tmp_path / "__pycache__" / "ruin_kernels.ruin-9.py311.nbi").write_bytes(b"index")
    (tmp_path / "__pycache__" / "ruin_kernels.ruin-9.py311.1.nbc").write_bytes(b"code")
    return tmp_path


def kept(folder: Path) -> int:
    return len([f for f in (folder / "__pycache__").iterdir() if f.suffix in {".nbi", ".nbc"}])


def test_what_is_up_to_date_stays(folder: Path):
    (folder / "worth.py").write_text("not compiled\n")
    assert (discard_outdated(folder), kept(folder)) == (False, 2)


def test_code_taken_in_from_a_changed_file_is_thrown_away(folder: Path):
    (folder / "columns" / "kernels.py").write_text("FAR = 2\n")
    assert (discard_outdated(folder), kept(folder)) == (True, 0)
    assert discard_outdated(folder) is False
