"""The page's own types beside the OpenAPI document: a field that the server renames is found."""

import re
from pathlib import Path

from app.main import create_app
from app.settings import Settings

SOURCE = Path(__file__).resolve().parents[2] / "app" / "web" / "src" / "api-types.ts"
INTERFACE = re.compile(r"export interface (\w+)(?: extends (\w+))? \{\n(.*?)\n\}", re.DOTALL)
FIELD = re.compile(r"^  readonly (\w+)\??:", re.MULTILINE)
LOOSE = {
    "Shadow", "RouteProperties", "TowerProperties", "VillageCorrection", "VillageProperties",
}  # fmt: skip
"""Parts of answers that the document leaves open: they have no schema of their own."""


def interfaces() -> dict[str, set[str]]:
    """Give the fields of each interface by its name, those it extends included."""
    found = {name: (base, set(FIELD.findall(body))) for name, base, body
             in INTERFACE.findall(SOURCE.read_text(encoding="utf-8"))}  # fmt: skip
    return {
        name: fields | (found[base][1] if base in found else set())
        for name, (base, fields) in found.items()
    }


def test_every_field_that_the_page_reads_is_in_the_document(settings: Settings) -> None:
    schemas = create_app(settings).openapi()["components"]["schemas"]
    ours = interfaces()
    assert ours.keys() - schemas.keys() == LOOSE
    missing = {
        f"{name}.{field}"
        for name, fields in ours.items()
        if name not in LOOSE
        for field in fields - schemas[name]["properties"].keys()
    }
    assert missing == set()


def test_no_name_of_a_schema_tells_the_module_that_it_lies_in(settings: Settings) -> None:
    # Two of one name would be told apart by their modules, in every client made of the document.
    schemas = create_app(settings).openapi()["components"]["schemas"]
    assert [name for name in schemas if "__" in name] == []
