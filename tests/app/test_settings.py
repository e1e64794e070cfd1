"""What an operator may set."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import Engine, make_url
from sqlmodel import select

from app import credentials
from app.access_errors import SignInRefused, TokenRetired
from app.cli_help import HELP
from app.db import reading
from app.errors import HalfRoadServer
from app.jobs.process import environment
from app.models import Account
from app.settings import PREFIX, Settings
from tests.app.conftest import make_settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_file_lists_every_setting_and_no_other():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = set(re.findall(rf"^#?\s*{PREFIX}(\w+)=", text, flags=re.MULTILINE))
    assert listed == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 (never listened on)
        ("::", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("192.168.1.4", "http://192.168.1.4:8000"),
    ],
)
def test_where_a_browser_finds_the_service(host: str, address: str):
    assert Settings(host=host).address == address
    assert Settings(host=host).link("abc") == f"{address}/sign-in?link=abc"


def test_the_one_token_of_earlier_versions_is_not_silently_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "env").write_text("JEMPUTBOLA_TOKEN=rahasia\n")
    with pytest.raises(TokenRetired, match="jemput-bola token add"):
        Settings(_env_file=tmp_path / "env")
    monkeypatch.setenv("JEMPUTBOLA_TOKEN", "")
    assert Settings()
    monkeypatch.setenv("JEMPUTBOLA_TOKEN", "rahasia")
    with pytest.raises(TokenRetired):
        Settings()


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


def test_secrets_come_from_the_environment_and_are_never_shown(tmp_path: Path):
    """No command takes one, no default has one, and settings that are printed hide it."""
    options = [key for table in HELP.values() for key in table if " --" in key]
    assert len(options) > 50
    assert [key for key in options if re.search("password|secret|--token|--key", key)] == []
    given = make_settings(
        tmp_path, oidc_issuer="https://masuk.example", oidc_client_id="a",
        oidc_client_secret="rahasia",  # noqa: S106 (of a test)
    )  # fmt: skip
    assert given.oidc_client_secret.get_secret_value() == "rahasia"
    assert "rahasia" not in f"{given!r} {given} {given.model_dump_json()}"
    for name, field in Settings.model_fields.items():
        if "secret" in name or "password" in name:
            assert field.default.get_secret_value() == "", name


def test_nothing_has_a_default_password(engine: Engine):
    """What the first link makes opens by that link alone, until its owner chose a password."""
    assert credentials.first_link(engine) is not None
    with reading(engine) as session:
        made = session.exec(select(Account)).all()
        assert [(account.name, account.password_hash) for account in made] == [("admin", None)]
        for password in ("", "admin", "password", "jemput-bola", "None"):
            with pytest.raises(SignInRefused):
                credentials.check_password(session, "admin", password)


def test_a_job_works_by_every_setting_of_its_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """None of them at its default, so that none can be left out unseen."""
    server = make_settings(
        tmp_path,
        database_url=f"sqlite:///{tmp_path}/kantor lain.sqlite",
        calendar_file=tmp_path / "libur.csv",
        host="192.168.1.4",
        port=8123,
        server_jobs=3,
        plan_every="fri 16:30",
        plan_area="62.02",
        session_days=2,
        oidc_issuer="https://masuk.example",
        oidc_client_id="jemput",
        oidc_client_secret="rahasia",  # noqa: S106 (of a test)
        oidc_claim="sub",
        smallest_count=7,
        cors_origins=("https://peta.example", "http://127.0.0.1:9"),
        lang="en",
        solve_seconds=120.5,
        road_server="osrm",
        road_server_url="http://jalan:5000",
        road_server_block=9,
        travel_cache_mb=99,
        max_upload_mb=77,
        local_addresses=True,
        log_level="DEBUG",
        log_format="json",
    )
    default = Settings(_env_file=None)
    assert [n for n in Settings.model_fields if getattr(server, n) == getattr(default, n)] == []
    given = environment(server)
    assert "rahasia" not in "".join(given.values())
    for name, text in given.items():
        monkeypatch.setenv(name, text)
    assert Settings(_env_file=None) == server.model_copy(
        update={"host": "127.0.0.1", "oidc_client_secret": SecretStr("")}
    )
