"""Bodies of regencies and teams."""

from datetime import date, time

from pydantic import BaseModel, ConfigDict, Field


class RegencyOut(BaseModel):
    """A regency of which villages are known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "62.02",
                    "name": "Kabupaten Kotawaringin Timur",
                    "province_code": "62",
                    "n_villages": 185,
                    "bbox": [111.9, -3.3, 113.3, -1.2],
                    "timezone": "Asia/Jakarta",
                    "latest_plan_id": 3,
                }
            ]
        }
    )

    code: str
    name: str
    province_code: str
    n_villages: int
    bbox: tuple[float, float, float, float] = Field(description="West, south, east, north.")
    timezone: str
    latest_plan_id: int | None = Field(description="The newest plan that has been solved.")


class TeamOut(BaseModel):
    """People with a vehicle, or one for the road and a boat, and a base; hours are local."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "62.02-A",
                    "regency_code": "62.02",
                    "base": "Baamang Tengah",
                    "lon": 112.959701,
                    "lat": -2.519638,
                    "vehicle": "car",
                    "kits": 1,
                    "desks": None,
                    "staff": 5,
                    "satellite_kits": 1,
                    "starts": "07:30:00",
                    "ends": "16:00:00",
                    "may_stay_overnight": True,
                }
            ]
        },
    )

    name: str
    regency_code: str
    base: str
    lon: float
    lat: float
    vehicle: str = Field(description="One, or one for the road and a boat: `car+longboat`.")
    kits: int
    desks: int | None = Field(description="Counters besides the kits; null: by the staff.")
    staff: int
    satellite_kits: int
    starts: time
    ends: time
    may_stay_overnight: bool


class LeaveOut(BaseModel):
    """Days of leave, both included."""

    starts: date
    ends: date


class StaffOut(BaseModel):
    """One member of a team's staff."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "nip": "198503122010011004",
                    "name": "Siti",
                    "rank": "III/b",
                    "role": "operator",
                    "leave": [{"starts": "2026-12-01", "ends": "2026-12-05"}],
                }
            ]
        }
    )

    nip: str
    name: str
    rank: str
    role: str
    leave: list[LeaveOut]


class LodgingOut(BaseModel):
    """A place where teams sleep when they stay out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "62.02.15.2009/penginapan-mawar",
                    "name": "Penginapan Mawar",
                    "village_code": "62.02.15.2009",
                    "lon": 112.41,
                    "lat": -1.87,
                    "cost_rupiah": 150_000,
                    "teams": ["62.02-A"],
                    "import_id": 9,
                }
            ]
        }
    )

    code: str
    name: str
    village_code: str = Field(description="The village where it lies.")
    lon: float
    lat: float
    cost_rupiah: int | None = Field(
        description="Rp for a person and night; null: cost.lodging_rupiah of the parameters."
    )
    teams: list[str] = Field(description="Teams that may sleep there; none: all.")
    import_id: int


class LodgingList(BaseModel):
    """Lodging places by code."""

    items: list[LodgingOut]
