"""Bodies of photos."""

import datetime as dt

from pydantic import AwareDatetime, BaseModel, Field


class PhotoOut(BaseModel):
    """A photo of a stop, without any word on where it was taken."""

    photo_id: int
    url: str = Field(description="Where the picture is.")
    plan_id: int
    team: str
    day: dt.date
    order: int = Field(description="The stop of the team that day, from 1.")
    village_code: str
    sha256: str = Field(description="Of the picture as it is kept.")
    media_type: str
    width: int
    height: int
    n_bytes: int
    account: str
    at: AwareDatetime


class PhotoList(BaseModel):
    """Photos of a plan, by day, team and stop."""

    items: list[PhotoOut]
