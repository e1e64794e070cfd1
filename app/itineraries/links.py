"""Addresses that a telephone opens in its map, without asking any server of ours."""

from urllib.parse import quote

from app.itineraries.team_day import TeamStop


def geo_uri(stop: TeamStop) -> str:
    """Write a place as RFC 5870 has it, with the query that Android's maps read."""
    at = f"{stop.lat:.6f},{stop.lon:.6f}"
    return f"geo:{at}?q={at}({quote(stop.village)})"


def map_link(stop: TeamStop) -> str:
    """Write a link that opens a map in any browser."""
    return f"https://maps.google.com/?q={stop.lat:.5f},{stop.lon:.5f}"
