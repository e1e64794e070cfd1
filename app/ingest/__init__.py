"""The seam from files to rows: ``geodata`` reads and judges, this stores, whole or not at all."""

from app.ingest.run import KINDS, ImportOutcome, check_source, ingest, read_options

__all__ = ["KINDS", "ImportOutcome", "check_source", "ingest", "read_options"]
