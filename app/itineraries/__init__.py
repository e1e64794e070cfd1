"""Itineraries for teams: one frozen model of what each team does on each day, a module a format."""
