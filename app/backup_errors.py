"""What keeps a database from being backed up, restored or moved."""

from app.errors import AppError


class BackupThere(AppError, FileExistsError):
    """A file of that name is there already."""

    code = "backup-there"
    message = "{file} is there already; a backup is never written over, name another file"


class BadBackup(AppError, ValueError):
    """A file that is no whole backup."""

    code = "bad-backup"
    message = "{file} cannot be restored ({reason}); nothing was changed. Take another backup"


class NewerBackup(AppError, ValueError):
    """A backup of a version that this one does not know."""

    code = "newer-backup"
    message = (
        "{file} was made by version {version}, which is newer than this one ({here}); nothing was "
        "changed. Install that version or a later one"
    )


class NotEmpty(AppError, ValueError):
    """A database that holds an office already."""

    code = "not-empty"
    message = (
        "database {place} holds rows already ({rows} in {table}) and is left as it is; name an "
        "empty one: another JEMPUTBOLA_DATA_DIR, or a new database on PostgreSQL"
    )


class JobsLeft(AppError, RuntimeError):
    """Jobs wait or run in the database that is to be moved."""

    code = "jobs-left"
    message = (
        "{jobs} jobs wait or run in {place}; let them end or cancel them, stop the server, and "
        "move then. Nothing was changed"
    )


class NotCopied(AppError, RuntimeError):
    """A table that does not arrive as it was."""

    code = "not-copied"
    message = (
        "table {table} did not arrive as it was ({reason}); nothing was kept of it. The office "
        "is where it was before"
    )
