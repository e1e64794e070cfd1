"""Every sentence exists in both languages and speaks of the same facts."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from string import Formatter
from types import ModuleType
from typing import Any

import pytest
from typer.main import get_command

import app
import geodata
import routing
from app import cli, summary
from app.campaign_texts import CAMPAIGN
from app.cli_help import HELP
from app.cli_texts import TEXTS
from app.errors import AppError, MissingInput, PlanBusy
from app.findings_id import FINDINGS_ID
from app.progress_texts import PROGRESS
from app.rule_texts import RULES
from app.texts import (
    CONFIDENCE_WORDS,
    EVIDENCE,
    LANGS,
    REASONS,
    REPORT,
    SAYS,
    WARNINGS,
    finding_text,
    language,
    locale_language,
    reason_text,
    render,
    warning_text,
)
from app.texts_id import COLUMNS_ID, ERRORS_ID
from app.violation_texts import CHANGES, VIOLATIONS
from geodata import connectivity, headers, teams
from geodata.errors import AmbiguousCode, BadCode, EmptyFile, GeodataError
from geodata.findings import FINDING_TEXTS, Finding
from geodata.speeds import SEASONS, Vehicle
from geodata.webs import TravelMode
from routing import RemedyKind, WishKind
from routing.solution import ClashKind, Reason, Status
from routing.worth import ServiceMode


def modules() -> Iterator[ModuleType]:
    for package in (geodata, routing, app):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def error_messages() -> dict[str, str]:
    """Code to English template of every error class that has a code of its own."""
    assert list(modules())
    found: dict[str, str] = {}
    waiting: list[type[AppError | GeodataError]] = [AppError, GeodataError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        # A class of a test is not the product's.
        if "code" in vars(kind) and kind.__module__.split(".")[0] in {"app", "geodata", "routing"}:
            assert kind.code not in found, f"two classes have the code {kind.code}"
            found[kind.code] = kind.message
    return found


def facts(template: str) -> set[str]:
    """Name the place holders of a template."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def assert_twins(one: Mapping[str, str], other: Mapping[str, str]) -> None:
    assert set(one) == set(other)
    differing = {code for code in one if facts(one[code]) != facts(other[code])}
    assert differing == set()


def test_every_error_has_an_indonesian_twin_with_the_same_facts():
    messages = error_messages()
    assert {"plan-not-found", "missing-column", "resident-numbers"} <= set(messages)
    assert_twins(messages, ERRORS_ID)


def test_every_finding_has_an_indonesian_twin_with_the_same_facts():
    assert_twins(FINDING_TEXTS, FINDINGS_ID)


@pytest.mark.parametrize(
    "table",
    [
        REASONS,
        WARNINGS,
        REPORT,
        HELP,
        TEXTS,
        SAYS,
        CONFIDENCE_WORDS,
        EVIDENCE,
        RULES,
        CAMPAIGN,
        PROGRESS,
    ],
    ids=[
        "reasons",
        "warnings",
        "report",
        "help",
        "texts",
        "says",
        "confidence",
        "evidence",
        "rules",
        "campaign",
        "progress",
    ],
)
def test_both_languages_have_the_same_keys_and_facts(table: Mapping[str, Mapping[str, str]]):
    assert set(table) == set(LANGS)
    assert_twins(table["en"], table["id"])


def test_place_holders_are_names():
    """A bare ``{}`` would take its value by place, and a translation may change the order."""
    tables = [error_messages(), ERRORS_ID, FINDING_TEXTS, FINDINGS_ID]
    tables += [
        table[lang]
        for table in (REASONS, WARNINGS, REPORT, HELP, TEXTS, RULES, CAMPAIGN, PROGRESS)
        for lang in LANGS
    ]
    for text in (text for table in tables for text in table.values()):
        assert all(name.isidentifier() for name in facts(text)), text


def test_no_text_is_empty_or_left_in_english():
    english = re.compile(r"\b(the|is|are|row|column|file|village|villages|regency|and|not)\b")
    for table in (ERRORS_ID, FINDINGS_ID, REASONS["id"], WARNINGS["id"]):
        for code, text in table.items():
            plain = re.sub(r"\{\w+(![rs])?\}|`[^`]*`", "", text)
            assert text.strip(), code
            assert not english.search(plain), f"{code}: {text}"


def test_sentences_of_files_and_findings_end_with_a_full_stop():
    """They may be followed by another; those of the application stand after 'Ditolak:' alone."""
    of_files = {kind.code for kind in _all_of(GeodataError)}
    texts = [ERRORS_ID[code] for code in of_files] + list(FINDINGS_ID.values())
    assert [text for text in texts if not text.endswith(".")] == []


def _all_of(kind: type[GeodataError]) -> Iterator[type[GeodataError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__.split(".")[0] == "geodata":
            yield from _all_of(child)


@pytest.mark.parametrize("lang", LANGS)
def test_every_reason_for_leaving_a_village_out_is_worded(lang):
    # Who sees no counts is told "not-planned". The last two: why a team has no itinerary in a week.
    assert set(REASONS[lang]) == {
        *Reason, "no-counts", "no-network-near", "not-connected", "base-cut-off", "not-planned",
        "no-plan", "not-solved",
    }  # fmt: skip


def warnings_in_source() -> dict[str, set[str]]:
    """Code to facts of every warning that ``summary._warnings`` can emit.

    Read from its source: a plan that has every fault at once would have to be made up.
    """
    tree = ast.parse(inspect.getsource(summary._warnings))
    (table,) = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
    )
    found: dict[str, set[str]] = {}
    for key, value in zip(table.keys, table.values, strict=True):
        assert isinstance(key, ast.Constant)
        assert isinstance(value, ast.Tuple)
        params = value.elts[1]
        assert isinstance(params, ast.Dict)
        names = {name.value for name in params.keys if isinstance(name, ast.Constant)}
        found[str(key.value)] = {str(name) for name in names} | {"count"}
    return found


@pytest.mark.parametrize("lang", LANGS)
def test_every_warning_of_a_plan_is_worded_with_the_facts_it_brings(lang):
    found = warnings_in_source()
    assert set(found) == set(WARNINGS[lang])
    assert {code: facts(text) for code, text in WARNINGS[lang].items()} == found


def test_a_warning_is_worded_with_its_facts():
    params = {"count": 3, "days": 365, "oldest": "2023-06-30"}
    assert warning_text("counts-stale", params, "id") == (
        "data 3 desa berumur lebih dari 365 hari (tertua: 2023-06-30)"
    )


def test_help_covers_the_commands_and_options_there_are():
    assert set(HELP["en"]) == set(help_paths(get_command(cli.app)))


def help_paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    yield " ".join(path)
    for param in command.params:
        option = max(param.opts, key=len)
        if option.startswith("--") and option != "--help":
            yield " ".join((*path, option))
    for name, child in getattr(command, "commands", {}).items():
        yield from help_paths(child, (*path, name))


def test_every_status_service_mode_and_travel_mode_has_a_word():
    words = {f"status-{status}" for status in Status}
    words |= {f"mode-{mode}" for mode in ServiceMode}
    words |= {f"travel-{mode.name.lower()}" for mode in TravelMode}
    words |= {f"vehicle-{vehicle}" for vehicle in Vehicle}
    words |= {f"season-{season}" for season in SEASONS}
    prefixes = ("status-", "mode-", "travel-", "vehicle-", "season-")
    families = {key for key in TEXTS["en"] if key.startswith(prefixes)}
    assert families == words


def test_indonesian_column_words_are_headings_that_the_readers_accept():
    headings: dict[str, set[str]] = {}
    for columns in (teams.COLUMNS, connectivity.COLUMNS):
        for column, names in columns.items():
            headings.setdefault(column, set()).update(names)
    for column, word in COLUMNS_ID.items():
        is_heading = word in headings.get(column, ())
        assert is_heading or headers._column_of((word,)) == column, column


def test_an_error_is_worded_in_the_language_asked_for():
    busy = PlanBusy(plan_id=7, job_id=12)
    assert render(busy, "id") == (
        "rencana 7 sedang dikerjakan oleh pekerjaan 12; batalkan pekerjaan itu atau tunggu sampai "
        "selesai"
    )
    assert "plan 7 is being worked on by job 12" in render(busy, "en")
    assert "impor dahulu dengan `jemput-bola import teams`" in render(
        MissingInput(regency="62.02", what="teams"), "id"
    )
    assert render(EmptyFile(place="rekap.xlsx"), "id").startswith("rekap.xlsx tidak berisi")


def test_a_subclass_with_its_own_code_is_not_worded_as_its_parent():
    child = AmbiguousCode(value="6202011", readings="62.02.01.1000, 62.02.01.0001")
    assert "kehilangan angka nol" in render(child, "id")
    assert "bukan kode desa" in render(BadCode(value="6202011"), "id")


def test_an_error_that_is_not_ours_keeps_its_own_text():
    assert render(OSError("disk full"), "id") == "disk full"


def test_a_finding_reads_alike_when_it_is_seen_and_when_it_was_stored():
    found = Finding(
        code="number-out-of-range",
        severity="refused",
        row="Sheet1!12",
        column="kits",
        value="99",
        params={"accepted": "0-20"},
    )
    seen = {"code": found.code, **found.facts}
    stored = {"code": found.code, "row": "Sheet1!12", "column": "kits", "value": "99",
              "village_code": None, "params": {"accepted": "0-20"}}  # fmt: skip
    expected = {
        "id": "Baris Sheet1!12: 99 di kolom alat_rekam berada di luar 0-20.",
        "en": "Row Sheet1!12: 99 in kits is outside 0-20.",
    }
    for lang in LANGS:
        assert finding_text(seen, lang) == finding_text(stored, lang) == expected[lang]


def test_a_column_that_bears_the_offices_own_name_keeps_it():
    row = {"code": "count-negative", "row": 9, "value": "-4", "column": "wajib_ktp"}
    assert finding_text(row, "id").startswith("Baris 9: -4 di kolom wajib_ktp ")


def test_rupiah_are_grouped_as_the_language_does():
    limit = {"limit": 1234567}
    assert "Rp 1.234.567" in reason_text("costs-more-than-worth", limit, "id")
    assert "Rp 1,234,567" in reason_text("costs-more-than-worth", limit, "en")


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2)])
def test_missing_time_is_rounded_up_to_minutes(seconds: int, minutes: int):
    assert f"kurang {minutes} menit" in reason_text("too-far", {"limit": seconds}, "id")


def test_a_reason_without_a_number_needs_none():
    assert reason_text("window", {"limit": None}, "en") == REASONS["en"]["window"]


@pytest.mark.parametrize(
    ("explicit", "header", "expected"),
    [
        pytest.param("en", "id", "en", id="asked for"),
        pytest.param("id", "en", "id", id="asked for, Indonesian"),
        pytest.param("EN-gb", None, "en", id="region and case do not matter"),
        pytest.param("fr", "en", "en", id="unknown wish"),
        pytest.param(None, None, "id", id="nothing said"),
        pytest.param("", "", "id", id="empty"),
        pytest.param(None, "fr, de;q=0.9", "id", id="neither language"),
        pytest.param(None, "fr, en-US;q=0.8, id;q=0.5", "en", id="first that is known"),
        pytest.param(None, "en;q=0.2, id;q=0.9", "id", id="weights, not places"),
        pytest.param(None, "id;q=0.899, en;q=0.9", "en", id="weights with three decimals"),
        pytest.param(None, "en;q=0, fr", "id", id="refused by the client"),
        pytest.param(None, "en ; Q=1.0", "en", id="spaces and case"),
        pytest.param(None, "in-ID, en;q=0.8", "id", id="old tag of Indonesian"),
        pytest.param(None, "*, en;q=0.5", "id", id="any language"),
        pytest.param(None, "en;q=much, id;q=0.1", "id", id="unreadable weight"),
        pytest.param(None, "enm", "id", id="another language that starts alike"),
    ],
)
def test_language_of_a_request(explicit: str | None, header: str | None, expected: str):
    assert language(explicit, header) == expected


@pytest.mark.parametrize(
    ("explicit", "environment", "expected"),
    [
        pytest.param("en", {"LANG": "id_ID.UTF-8"}, "en", id="asked for"),
        pytest.param("id", {"LANG": "en_US.UTF-8"}, "id", id="asked for, Indonesian"),
        pytest.param(None, {"LANG": "en_US.UTF-8"}, "en", id="English locale"),
        pytest.param(None, {"LANG": "id_ID.UTF-8"}, "id", id="Indonesian locale"),
        pytest.param(None, {"LANG": "de_DE.UTF-8"}, "id", id="neither language"),
        pytest.param(None, {"LANG": "C.UTF-8"}, "id", id="no language"),
        pytest.param(None, {}, "id", id="no locale at all"),
        pytest.param(None, {"LC_ALL": "", "LANG": "en_GB"}, "en", id="empty is unset"),
        pytest.param(None, {"LC_ALL": "id_ID", "LANG": "en_GB"}, "id", id="LC_ALL before LANG"),
        pytest.param(
            None, {"LC_MESSAGES": "en_GB", "LANG": "id_ID"}, "en", id="LC_MESSAGES before LANG"
        ),
        pytest.param(
            None, {"LC_ALL": "en_GB", "LC_MESSAGES": "id_ID"}, "en", id="LC_ALL before LC_MESSAGES"
        ),
    ],
)
def test_language_of_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
    explicit: str | None,
    environment: dict[str, str],
    expected: str,
):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert locale_language(explicit) == expected


def test_a_full_day_tells_the_minutes_missing_where_they_are_known():
    assert reason_text("not-chosen", {"limit": None}, "en") == REASONS["en"]["not-chosen"]
    assert reason_text("only-busy-teams", {"limit": 61}, "en").endswith(
        "; the best day is 2 minutes too short for one more visit"
    )


def test_cards_missing_are_rounded_up():
    assert "3 more" in reason_text("blanks-used", {"limit": 2001}, "en")


@pytest.mark.parametrize("lang", LANGS)
def test_every_rule_remedy_and_wish_has_words(lang):
    kinds = ("budget", "blanks", "fairness", "hub", "served", "stability")
    expected = {f"rule-{kind}" for kind in kinds}
    clashes = (*kinds, *ClashKind, "forbidden", "left")
    expected |= {f"clash-{kind}" for kind in clashes} - {"clash-rule"}
    expected |= {f"remedy-{kind}" for kind in RemedyKind}
    expected |= {f"wish-{kind}" for kind in WishKind}
    assert set(RULES[lang]) == expected


def test_every_rule_of_the_checker_has_words() -> None:
    # Rows on days not worked are of plans made by hand; the last five of check_rules.py.
    found = {"no-shift", "budget", "blanks", "fairness", "hub", "stability"}
    for name in ("check", "check_tours"):
        source = inspect.getsource(importlib.import_module(f"routing.checks.{name}"))
        found |= set(re.findall(r'rule="([a-z-]+)"', source))
    found |= {"order"}  # given in a loop
    assert found == set(VIOLATIONS["en"])
    assert_twins(VIOLATIONS["id"], VIOLATIONS["en"])
    assert_twins(CHANGES["id"], CHANGES["en"])
