"""Bodies of taught headings."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_EXAMPLE: dict[str, Any] = {
    "heading": "Jml Blm Rekam",
    "meaning": "belum_rekam",
    "regency_code": "62.02",
    "person": "Siti, operator SIAK",
}


class HeadingIn(BaseModel):
    """What a heading means."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    heading: Annotated[str, Field(min_length=1, max_length=300, description="As it is printed.")]
    meaning: Annotated[str, Field(max_length=30, description="A column of counts, or `ignore`.")]
    regency_code: Annotated[
        str | None,
        Field(pattern=r"^[0-9]{2}\.[0-9]{2}$", description="The office; none: every office."),
    ] = None
    person: Annotated[str | None, Field(max_length=200, description="Who says so.")] = None


class HeadingOut(BaseModel):
    """A taught heading."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"heading_id": 1, **_EXAMPLE, "created_at": "2026-11-22T08:00:00Z"}]
        }
    )

    heading_id: int
    heading: str
    meaning: str
    regency_code: str | None
    person: str | None
    created_at: AwareDatetime


class HeadingList(BaseModel):
    """Taught headings, by office."""

    items: list[HeadingOut]
