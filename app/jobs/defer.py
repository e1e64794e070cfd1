"""Ask for a job: one way for both databases, in the transaction of whatever it works on."""

from sqlmodel import Session

from app.models import Job


def defer(session: Session, job: Job) -> Job:
    """Store a job in the caller's transaction, so that it is there if and only if that commits.

    With SQLite whoever runs jobs finds the row; with PostgreSQL the queue is told as well.
    """
    session.add(job)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        from app.jobs.queue import enqueue  # offices with SQLite need no queue installed

        enqueue(session.connection(), job)
    return job
