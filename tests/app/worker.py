"""A process that does fake jobs until it is killed: ``python -m tests.app.worker [JOB]``.

With a job it does that one, as a command would, and tells its state.
"""

import sys
import threading

from app.db import connect
from app.jobs import process
from app.jobs.foreground import run_one
from app.jobs.runner import runner_of_server
from app.settings import Settings

if __name__ == "__main__":
    process.MODULE = "tests.app.fake_child"
    settings = Settings()
    engine = connect(settings.url)
    if sys.argv[1:]:
        print(run_one(engine, settings, int(sys.argv[1])).state)  # noqa: T201 (to whoever started it)
        sys.exit()
    runner_of_server(engine, settings).start()
    threading.Event().wait()
