"""Bodies of service points."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.params import Said

Kind = Literal["village_hall", "district_office", "mpp", "school", "company", "prison", "other"]
Programme = Literal["ktp_el", "pemula", "kia", "akta", "ikd"]
Code = Annotated[str, Field(min_length=1, max_length=200)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
People = Annotated[int, Field(ge=0, le=100_000)]

POINT_EXAMPLE: dict[str, Any] = {
    "code": "62.02.06.1002/smkn-2-sampit",
    "name": "SMKN 2 Sampit",
    "kind": "school",
    "village_code": "62.02.06.1002",
    "lon": 112.953,
    "lat": -2.541,
    "serves": [],
    "power": "yes",
    "signal": "strong",
    "opens": "12345 07:00-13:00",
    "expected": {"pemula": 120},
    "is_default": False,
}


class PointOut(BaseModel):
    """Where a team serves; ``is_default`` when the office never said anything about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [POINT_EXAMPLE]})

    code: str
    name: str
    kind: Kind
    village_code: str = Field(description="The village where it lies.")
    lon: float
    lat: float
    serves: list[str] = Field(description="Codes of the villages served here.")
    power: Literal["yes", "no"] | None
    signal: str | None
    opens: str = Field(description="Weekdays as digits and hours; empty: always.")
    expected: dict[str, int] = Field(description="People who come, by programme.")
    is_default: bool


class PointList(BaseModel):
    """Service points by code."""

    items: list[PointOut]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Said = Field(description="Who decides.")
    reason: Said = Field(description="Why.")


class PointAdded(_Change):
    """A point to add, or to change: the one of that village and name."""

    village_code: str = Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")
    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Kind
    lon: Lon
    lat: Lat
    serves: list[Code] = Field(default_factory=list, max_length=50)
    power: Literal["yes", "no"] | None = None
    signal: Literal["none", "weak", "strong", "very_strong"] | None = None
    opens: str = Field(default="", max_length=500)
    expected: dict[Programme, People] = Field(default_factory=dict)


class PointMoved(_Change):
    """Where a point is from now on."""

    code: Code
    lon: Lon
    lat: Lat


class PointRetired(_Change):
    """A point that is out of use from now on."""

    code: Code
