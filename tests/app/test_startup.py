"""What commands load: libraries that they do not need would cost each of them time to start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import PREFIX
from tests.app.loaded import ROOT
from tests.app.office import KOTIM_IMPORTS

NOWHERE_HERE = (
    "ortools", "numba", "llvmlite", "typst", "docx", "procrastinate", "psycopg", "fastapi",
    "uvicorn", "alembic", "httpx", "joserfc", "matplotlib",
)  # fmt: skip
"""Solver, compiler, papers, queue, server, migrations: these commands need none of them."""
NO_FRAMES = (
    "pandas",
    "geopandas",
    "pyogrio",
    "pyproj",
    "scipy",
    "holidays",
    "rasterio",
    "openpyxl",
)

# Runs a command as the console script does, then tells what was loaded.
TELL = """
import sys
from app.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def loaded_by(data_dir: Path, *words: str) -> set[str]:
    """Run a command in a process of its own and give the packages that it had loaded."""
    run = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-c", TELL, *words], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, f"{PREFIX}DATA_DIR": str(data_dir)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return {name.partition(".")[0] for name in run.stderr.split()}


@pytest.fixture(scope="module")
def office(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty database of this version."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "jemput-bola.sqlite").write_bytes(template.read_bytes())
    return folder


def test_help_loads_no_library_of_the_work(office: Path):
    seen = loaded_by(office, "--help")
    assert "typer" in seen
    assert seen.isdisjoint({*NOWHERE_HERE, *NO_FRAMES, "sqlalchemy", "numpy", "shapely"})


def test_init_finds_its_tables_made_and_loads_no_frames(office: Path):
    seen = loaded_by(office, "init")
    assert "sqlalchemy" in seen
    assert seen.isdisjoint({*NOWHERE_HERE, *NO_FRAMES, "routing"})


def test_an_import_loads_what_its_file_needs(office: Path, kotim: Path):
    """Each needs what the ones before it stored, so they are one test."""
    spared = {
        "batas_desa.gpkg": {"scipy", "rasterio", "openpyxl", "holidays"},
        "rekap_perekaman_desa.xlsx": {"scipy", "rasterio", "routing", "holidays"},
        "blankspot.csv": {"scipy", "rasterio", "exactextract", "openpyxl", "holidays"},
        "jaringan.gpkg": {"rasterio", "openpyxl", "routing", "holidays"},
        "tim.csv": {"scipy", "rasterio", "openpyxl", "routing", "holidays"},
    }
    for kind, name in KOTIM_IMPORTS:
        if name in spared:
            seen = loaded_by(office, "import", kind, str(kotim / name))
            assert "pandas" in seen
            assert seen.isdisjoint({*NOWHERE_HERE, *spared[name]}), name
