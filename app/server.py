"""Serve over HTTP until told to stop."""

import socket
import sys

import uvicorn
from fastapi import FastAPI
from uvicorn.config import LOGGING_CONFIG

from app.errors import CannotServe
from app.logs import configure
from app.main import create_app
from app.settings import Settings


class _Server(uvicorn.Server):
    """Says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self._announcement + "\n")
            sys.stdout.flush()


def run_server(settings: Settings, announcement: str) -> None:
    """Serve on the settings' host and port; Ctrl-C ends it cleanly.

    Raises
    ------
    CannotServe
        When the address cannot be listened on.
    """
    if settings.log_format == "json":
        configure(settings)
    server = _Server(config_of(settings, create_app(settings)), announcement)
    # uvicorn ends the whole process when it cannot bind; bound here, the reason is told instead.
    with _listen(settings) as listener:
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


def config_of(settings: Settings, app: FastAPI) -> uvicorn.Config:
    """Say how an application is served.

    What a proxy tells (``X-Forwarded-For``, ``-Proto``) is believed of this machine and, where
    ``FORWARDED_ALLOW_IPS`` names others, of these; of a chain of addresses the last that is not
    one of them counts, so what a client made up stands before it.
    """
    as_json = settings.log_format == "json"
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="debug" if settings.log_level == "DEBUG" else "warning",
        access_log=settings.log_level == "DEBUG" and not as_json,
        log_config=None if as_json else LOGGING_CONFIG,
        proxy_headers=True,
        timeout_graceful_shutdown=5,
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise CannotServe(
            host=settings.host, port=settings.port, reason=error.strerror or str(error)
        ) from error
    listener.set_inheritable(False)
    return listener
