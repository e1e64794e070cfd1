"""Bodies of the report on travel."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_EXAMPLE: dict[str, Any] = {
    "regency": "65.03",
    "season": "dry",
    "working_days": "12345",
    "n_points": 240,
    "networks": [{"mode": "road", "km": 1841.2, "n_parts": 3, "largest_share": 0.9412}],
    "teams": [
        {
            "team": "65.03-F",
            "base": "Long Bawan",
            "vehicle": "car+longboat",
            "n_reached": 61,
            "median_minutes": 95.5,
            "farthest_minutes": 412.0,
            "farthest": "Pa' Padi",
        }
    ],
    "unreachable": [
        {
            "code": "65.03.05.2001",
            "name": "Long Midang",
            "village_code": "65.03.05.2001",
            "district": "Krayan",
            "reason": "not-connected",
            "message": "the road or river beside it does not join that of any team",
            "weekdays": "6",
        }
    ],
    "findings": [
        {
            "code": "time-zero",
            "severity": "warning",
            "value": None,
            "params": {"depot": "Long Bawan", "place": "Pa' Padi", "metres": "12"},
            "message": "From Long Bawan to Pa' Padi it takes no time, yet they lie 12 m apart.",
        }
    ],
}


class NetworkReport(BaseModel):
    """The roads, or the rivers."""

    mode: str = Field(description="`road` or `river`.")
    km: float
    n_parts: int = Field(description="Separate parts, one way or not.")
    largest_share: float | None = Field(description="Of the length, in the largest part.")


class TeamReach(BaseModel):
    """How far a team gets from its base on a working day."""

    team: str
    base: str
    vehicle: str
    n_reached: int = Field(description="Service points it can get to and back from.")
    median_minutes: float | None
    farthest_minutes: float | None
    farthest: str | None = Field(description="The point that takes the most minutes.")


class OutOfReach(BaseModel):
    """A service point that no team gets to and back from on a working day."""

    code: str
    name: str
    village_code: str = Field(description="The village it lies in.")
    district: str
    reason: str = Field(description="`no-network-near` or `not-connected`.")
    message: str = Field(description="The reason in words.")
    weekdays: str = Field(description="Days on which one could, 1 = Monday; else empty.")


class TravelFinding(BaseModel):
    """What looks wrong."""

    code: str
    severity: str
    value: str | None
    params: dict[str, Any]
    message: str


class TravelReport(BaseModel):
    """The networks of a regency, the reach of its teams, and what looks wrong."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    regency: str
    season: str
    working_days: str = Field(description="1 = Monday.")
    n_points: int = Field(description="Service points of the regency.")
    networks: list[NetworkReport]
    teams: list[TeamReach]
    unreachable: list[OutOfReach]
    findings: list[TravelFinding]
