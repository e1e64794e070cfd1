"""Which values can be kept by every database and written in every answer."""

import re

import orjson

# As JSON writes it; a backslash before it that is itself escaped makes it plain text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def is_usable(value: object) -> bool:
    """Tell whether plain JSON values can be kept and told again.

    Not so the character NUL, which PostgreSQL refuses, half of a surrogate pair, which UTF-8 cannot
    write, whole numbers of more than 64 bits and lists in lists over 250 deep.
    """
    try:
        written = orjson.dumps(value)
    except TypeError:
        return False
    return b"\\u0000" not in written or _NUL.search(written) is None
