"""Bodies of calendar addresses."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class CalendarFeedIn(BaseModel):
    """An address to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Ponsel Siti", "lang": "id"}]}
    )

    name: str = Field(default="", max_length=100, description="Whose telephone it is for.")
    lang: Literal["id", "en"] = Field(default="id", description="Language of its events.")


class CalendarFeedOut(BaseModel):
    """An address that was not revoked, without its secret."""

    feed_id: int
    team: str
    name: str
    lang: str
    created_by: str
    created_at: datetime


class CalendarFeedMade(CalendarFeedOut):
    """A new address, which is told here and nowhere else."""

    path: str = Field(description="On this server; anybody who knows it reads the calendar.")


class CalendarFeedList(BaseModel):
    """Addresses that were not revoked."""

    items: list[CalendarFeedOut]
