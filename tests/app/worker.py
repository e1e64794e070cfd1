"""A process that does fake jobs until it is killed: ``python -m tests.app.worker``."""

import threading

from app.db import connect
from app.jobs import process
from app.jobs.runner import runner_of_server
from app.settings import Settings

if __name__ == "__main__":
    process.MODULE = "tests.app.fake_child"
    settings = Settings()
    runner_of_server(connect(settings.url), settings).start()
    threading.Event().wait()
