"""A server for tests: ``python -m tests.app.server PORT [--fake-jobs]``.

With ``--fake-jobs``, jobs do what their arguments say instead of the real work (``fake_child``).
"""

import sys

import uvicorn

from app.jobs import process
from app.main import create_app

if __name__ == "__main__":
    if "--fake-jobs" in sys.argv:
        process.MODULE = "tests.app.fake_child"
    uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
