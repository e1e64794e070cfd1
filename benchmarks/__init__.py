"""Measurements, each a command of its own; never part of the tests."""
