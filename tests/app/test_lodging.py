"""Lodging lists over HTTP: stored whole for the regencies they name, judged without storing."""

from pathlib import Path

from sqlalchemy import Engine

from app.db import reading
from app.ingest import ingest
from app.lodging import lodging_places
from tests.app.conftest import AppClient

ONE, TWO = "62.02.01.2001", "62.02.01.2002"  # of seed.py
HEAD = "kode_desa,penginapan,lon,lat,biaya,tim,aktif"


def lodge(engine: Engine, folder: Path, *rows: str, dry_run: bool = False) -> None:
    path = folder / "penginapan.csv"
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    outcome = ingest(engine, "lodging", path, dry_run=dry_run)
    assert (outcome.accepted, outcome.refused) == (len(rows), 0)


def codes(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [place.code for place in lodging_places(session, "62.02")]


def test_places_over_http(client: AppClient, seeded: Engine, tmp_path: Path) -> None:
    assert client.get("/api/v1/lodging").json() == {"items": []}
    lodge(seeded, tmp_path, f"{ONE},,,,,,", f"{TWO},Mawar,112.1234567,-2.5,90000,A,")
    own, far = client.get("/api/v1/lodging", params={"regency": "62.02"}).json()["items"]
    # Without a position it is where the village is served.
    assert (own["lon"], own["lat"], own["cost_rupiah"], own["teams"]) == (112.05, -2.45, None, [])
    assert (far["code"], far["village_code"]) == (f"{TWO}/mawar", TWO)
    assert (far["lon"], far["lat"], far["cost_rupiah"]) == (112.123457, -2.5, 90_000)
    assert far["teams"] == ["A"]
    assert client.get("/api/v1/lodging", params={"regency": "64.01"}).json() == {"items": []}


def test_a_list_is_the_whole_list_of_its_regency(seeded: Engine, tmp_path: Path) -> None:
    lodge(seeded, tmp_path, f"{ONE},Mawar,,,,,", f"{TWO},Melati,,,,,")
    lodge(seeded, tmp_path, f"{TWO},Kenanga,,,,,", dry_run=True)
    assert codes(seeded) == [f"{ONE}/mawar", f"{TWO}/melati"]
    lodge(seeded, tmp_path, f"{TWO},Kenanga,,,,,", f"{ONE},Mawar,,,,,tidak")
    assert codes(seeded) == [f"{TWO}/kenanga"]
