"""What a person says about a file is read, refused when it cannot be used, and kept with it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.db import reading
from app.errors import BadOption, UnknownOption
from app.ingest import ingest
from app.ingest.options import Option, pairs, read_as, yes_or_no
from app.models import DataImport

CROSSWALK = "kode_bps,kode_kemendagri\n6202010009,62.02.01.1009\n"


@pytest.mark.parametrize(
    ("text", "meant"), [("ya", True), (" YES ", True), ("0", False), ("Tidak", False)]
)
def test_yes_and_no_are_read_in_both_languages(text: str, meant: bool):
    assert yes_or_no(text) is meant


def test_a_pair_is_split_at_its_last_equals_sign():
    assert pairs(["Jml = Blm=belum_rekam", "a = b"], "--map") == {
        "Jml = Blm": "belum_rekam", "a": "b"
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "flow", "=yes", "  =yes"])
def test_what_is_no_pair_is_refused_with_its_form(text: str):
    with pytest.raises(BadOption, match="NAME=VALUE"):
        pairs([text], "--option")


def test_options_are_read_by_their_own_rule():
    known = (Option("flow_known", "yes, no", yes_or_no), Option("limit", "a number", int))
    assert read_as("network", {"limit": "7"}, known) == {"limit": 7}
    with pytest.raises(UnknownOption, match="flow is no option of network; there are: flow_known"):
        read_as("network", {"flow": "yes"}, known)
    with pytest.raises(BadOption, match="flow_known: 'maybe' cannot be used; write: yes, no"):
        read_as("network", {"flow_known": "maybe"}, known)


def test_who_imported_a_file_is_kept_with_it(engine: Engine, tmp_path: Path):
    path = tmp_path / "codes.csv"
    path.write_text(CROSSWALK)
    told = ingest(engine, "crosswalk", path, person="Siti, operator SIAK")
    untold = ingest(engine, "crosswalk", path)
    assert told.to_dict()["person"] == "Siti, operator SIAK"
    with reading(engine) as session:
        rows = [session.get(DataImport, one.import_id) for one in (told, untold)]
    assert [(row.person, row.options) for row in rows if row] == [
        ("Siti, operator SIAK", {}), (None, {})
    ]  # fmt: skip


def test_an_option_of_another_kind_is_refused_before_the_file_is_read(engine: Engine):
    with pytest.raises(UnknownOption, match="colour is no option of crosswalk"):
        ingest(engine, "crosswalk", Path("missing.csv"), options={"colour": "red"})
