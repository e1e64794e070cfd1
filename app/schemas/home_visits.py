"""Bodies of home visits."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class HomeVisitsIn(BaseModel):
    """How many people of a village wait for a visit at home."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"number": 3}]})

    number: int = Field(ge=0, le=1000, description="People; who they are is not asked.")


class HomeVisitsOut(BaseModel):
    """The number of a village, and what is left of it."""

    village_code: str
    village_name: str
    district: str
    number: int
    waiting: int = Field(description="Less those that plans teams work by hold since then.")
    account: str
    at: AwareDatetime


class HomeVisitsList(BaseModel):
    """Villages that have a number, by district and name."""

    items: list[HomeVisitsOut]
