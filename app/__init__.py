"""The service: people, time, the database, the command line and HTTP."""

__version__ = "0.1.0"
