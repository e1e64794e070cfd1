"""Indonesian texts of errors and findings, by the codes of their English ones."""

ERRORS_ID: dict[str, str] = {}

FINDINGS_ID: dict[str, str] = {}
