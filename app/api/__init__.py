"""HTTP: thin, the same functions as the command line."""
