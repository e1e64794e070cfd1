"""What an operator may set, read from the environment once."""

import os
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.access_errors import BadSingleSignOn, TokenRetired
from app.errors import HalfRoadServer
from app.suppression import LEAST

PREFIX = "JEMPUTBOLA_"
# What compose.yaml reads from the same file; whatever else there is not ours is a slip.
_OF_COMPOSE = ("postgres_password", "site")


class Settings(BaseSettings):
    """Settings of one installation; every key is ``JEMPUTBOLA_`` and the upper-case name.

    ``.env.example`` lists them all with what they mean.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="forbid", frozen=True, env_ignore_empty=True
    )

    database_url: str = ""
    data_dir: Path = Path("data")
    calendar_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    server_jobs: int = Field(default=1, ge=0, le=64)
    plan_every: str = Field(
        default="", pattern="^((mon|tue|wed|thu|fri|sat|sun) ([01][0-9]|2[0-3]):[0-5][0-9])?$"
    )
    plan_area: str = Field(default="", pattern=r"^([0-9]{2}(\.[0-9]{2})?)?$")
    session_days: int = Field(default=7, ge=1, le=365)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_claim: str = Field(default="email", pattern="^[a-z_]{1,40}$")
    smallest_count: int = Field(default=LEAST, ge=3, le=100)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    lang: str = Field(default="", pattern="^(id|en)?$")
    solve_seconds: float = Field(default=30.0, gt=0, le=3600)
    road_server: str = Field(default="", pattern="^(osrm|valhalla)?$")
    road_server_url: str = ""
    road_server_block: int = Field(default=50, ge=1, le=5000)
    travel_cache_mb: int = Field(default=2048, ge=1, le=1_000_000)
    max_upload_mb: int = Field(default=50, ge=1, le=2000)
    local_addresses: bool = False
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: str = Field(default="text", pattern="^(text|json)$")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="before")
    @classmethod
    def _retire_the_token(cls, values: object) -> object:
        """Say what took the place of the one token: to ignore it would lock its clients out."""
        told = values if isinstance(values, dict) else {}
        in_file = any(told.get(name) for name in ("token", f"{PREFIX}token".lower()))
        if in_file or os.environ.get(f"{PREFIX}TOKEN"):
            raise TokenRetired
        return values

    @model_validator(mode="before")
    @classmethod
    def _leave_to_compose(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if name not in _OF_COMPOSE}

    @model_validator(mode="after")
    def _name_the_road_server(self) -> Self:
        if bool(self.road_server) != bool(self.road_server_url):
            raise HalfRoadServer(kind=self.road_server or "-", url=self.road_server_url or "-")
        return self

    @model_validator(mode="after")
    def _name_the_sign_in_service(self) -> Self:
        issuer, client = self.oidc_issuer, self.oidc_client_id
        parts = urlsplit(issuer)
        is_here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_here)
        if bool(issuer) != bool(client) or (issuer and not (is_safe and parts.hostname)):
            raise BadSingleSignOn(issuer=issuer, client=client)
        return self

    @property
    def url(self) -> str:
        """SQLAlchemy address of the database; by default SQLite in the data folder."""
        file = self.data_dir.resolve() / "jemput-bola.sqlite"
        # A folder may bear any name; in an address %, ? and # would mean something.
        return self.database_url or f"sqlite:///{quote(str(file), safe='/ ')}"

    @property
    def address(self) -> str:
        """Where a browser of this machine finds the service."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 (compared)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def link(self, secret: str) -> str:
        """Give the address of a page that signs in with a link's secret."""
        return f"{self.address}/sign-in?link={secret}"
