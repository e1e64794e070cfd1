"""What is refused of targets."""

from app.errors import AppError


class BadTarget(AppError, ValueError):
    """A target that cannot be."""

    code = "bad-target"
    message = "target, row {row}: {field} {value!r} cannot be used; write: {accepted}"


class TargetsChanged(AppError, RuntimeError):
    """Targets that somebody else has changed meanwhile."""

    code = "targets-changed"
    message = "targets have changed: they are {version} now, you know {known}; read them again"


STATUS: dict[type[Exception], int] = {TargetsChanged: 409}
"""Error class to HTTP status; a class not named is a 422."""
