"""What a geographic file may cost: every limit, inclusive, in one place.

A file is refused before it is unpacked or read as far as its own head tells, and while it is read
where the head may lie. Limits of sheets are in ``tables.py``.
"""

MAX_FILE_BYTES = 200_000_000
"""A file, all parts of a Shapefile, or all files of a File Geodatabase together."""

MAX_VILLAGES = 100_000
MAX_LINES = 1_000_000
MAX_LAYERS = 200
MAX_VERTICES = 1_000_000
"""Of one feature: the coast of an island district at survey scale has a tenth of that."""

MAX_ARCHIVE_FILES = 2_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_RATIO = 200
"""Unpacked size over packed size of one file; blank text columns of a real .dbf come near 100."""
RATIO_FROM_BYTES = 10_000_000
"""Smaller files do no harm whatever their ratio."""

MAX_XML_DEPTH = 100
"""Elements inside elements: the KML reader recurses and would end the process, not complain."""

REMOTE_TIMEOUT_S = 30.0
"""Silence of a server."""
REMOTE_TOTAL_S = 300.0
"""A whole collection."""
MAX_REMOTE_BYTES = MAX_FILE_BYTES
MAX_COLLECTIONS = 100
PAGE_FEATURES = 1_000
