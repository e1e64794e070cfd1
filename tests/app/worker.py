"""A process that does fake jobs until it is killed: ``python -m tests.app.worker``."""

import threading

from app.db import connect
from app.jobs import lease, process
from app.jobs.runner import runner_of_server
from app.settings import Settings

if __name__ == "__main__":
    process.MODULE = "tests.app.fake_child"
    lease.MAX_ATTEMPTS = 20  # every death may hit the same job, which is no poison for that
    settings = Settings()
    runner_of_server(connect(settings.url), settings).start()
    threading.Event().wait()
