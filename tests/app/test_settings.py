"""What an operator may set."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from app.errors import HalfRoadServer, NeedsToken
from app.settings import PREFIX, Settings, is_loopback

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_file_lists_every_setting_and_no_other():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = set(re.findall(rf"^#?\s*{PREFIX}(\w+)=", text, flags=re.MULTILINE))
    assert listed == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.3.2.1"])
def test_a_loopback_address_needs_no_token(host: str):
    assert Settings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "office.example"])  # noqa: S104 (never listened on)
def test_an_address_beyond_this_machine_needs_a_token(host: str):
    with pytest.raises(NeedsToken, match="JEMPUTBOLA_TOKEN"):
        Settings(host=host)
    assert not is_loopback(host)
    assert Settings(host=host, token="rahasia").host == host  # noqa: S106 (made up)


def test_an_empty_token_is_no_token(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JEMPUTBOLA_TOKEN", "")
    with pytest.raises(NeedsToken, match="JEMPUTBOLA_TOKEN"):
        Settings(host="0.0.0.0")  # noqa: S104 (never listened on)


def test_origins_are_split_at_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JEMPUTBOLA_CORS_ORIGINS", "https://peta.example, http://127.0.0.1:9 ,")
    assert Settings().cors_origins == ("https://peta.example", "http://127.0.0.1:9")


def test_the_database_lies_in_the_data_folder_unless_told(tmp_path: Path):
    assert Settings(data_dir=tmp_path).url == f"sqlite:///{tmp_path / 'jemput-bola.sqlite'}"
    assert Settings(database_url="postgresql://x/y").url == "postgresql://x/y"


@pytest.mark.parametrize("name", ["Dinas Capil", "100 %41", "apa?mode=ro", "#1", "é"])
def test_a_data_folder_may_bear_any_name(tmp_path: Path, name: str):
    folder = (tmp_path / name).resolve()
    address = make_url(Settings(data_dir=folder).url)
    assert address.database == str(folder / "jemput-bola.sqlite")
    assert not address.query


@pytest.mark.parametrize(
    ("seconds", "is_allowed"), [(0, False), (0.1, True), (3600, True), (3601, False)]
)
def test_the_solve_time_has_limits(seconds: float, is_allowed: bool):
    if is_allowed:
        assert Settings(solve_seconds=seconds).solve_seconds == seconds
    else:
        with pytest.raises(ValidationError):
            Settings(solve_seconds=seconds)


@pytest.mark.parametrize(("kind", "url"), [("osrm", ""), ("", "http://roads:5000")])
def test_a_road_server_has_a_kind_and_an_address(kind: str, url: str):
    with pytest.raises(HalfRoadServer, match="JEMPUTBOLA_ROAD_SERVER_URL"):
        Settings(road_server=kind, road_server_url=url)


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_a_road_server_is_named_whole(kind: str):
    settings = Settings(road_server=kind, road_server_url="http://roads:5000")
    assert (settings.road_server, settings.road_server_block) == (kind, 50)


def test_a_road_server_of_another_kind_is_none():
    with pytest.raises(ValidationError, match="road_server"):
        Settings(road_server="graphhopper", road_server_url="http://roads:5000")
