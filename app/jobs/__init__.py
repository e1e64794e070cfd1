"""Background work: its state in the database, each run in a child process."""
