"""Cells of every table that leaves the program, so that no spreadsheet runs what a file said."""

import re
from typing import Any

# A cell that begins with one of these is run as a formula, now or once the sheet is saved as CSV
# and opened again (https://owasp.org/www-community/attacks/CSV_Injection).
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# A signed number, or the dash that stands for none, runs nothing and stays what it is.
_NUMBER = re.compile(r"[+-][0-9., ]*", re.ASCII)


def safe_cell(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Put an apostrophe before text that a spreadsheet would run; leave all else as it is."""
    if isinstance(value, str) and value.startswith(_RUNS) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
