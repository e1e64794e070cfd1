"""Commands for what teams report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import open_database, print_json, say, terminal

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.access import Caller

commands = typer.Typer()
PlanNumber = Annotated[int, typer.Argument(metavar="PLAN")]
Regency = Annotated[str, typer.Argument(metavar="REGENCY")]


@commands.command("import")
def import_results(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    plan_id: Annotated[int | None, typer.Option("--plan", metavar="PLAN")] = None,
    correct: Annotated[bool, typer.Option("--correct")] = False,
    headings: Annotated[list[str] | None, typer.Option("--map", metavar="HEADING=COLUMN")] = None,
) -> None:
    """Take in what a telephone saved (JSON), or what the office typed into a sheet."""
    is_sheet = file.suffix.lower() != ".json"
    if is_sheet and plan_id is None:
        raise typer.BadParameter(terminal.text("sheet-of-plan"), param_hint="--plan")
    with open_database() as (engine, _):
        from app.cli_lifecycle import person_at_machine
        from app.db import transaction

        with transaction(engine) as session:
            caller = person_at_machine()
            if is_sheet:
                taught = dict(_pair(text) for text in headings or ())
                told = [_of_sheet(session, plan_id or 0, file, caller, taught, correct=correct)]
            else:
                told = _of_telephone(session, plan_id, file, caller)
        if terminal.as_json:
            print_json({"plans": told})
            return
        from app.results_console import print_outcomes

        print_outcomes(told, terminal)


def _of_sheet(
    session: "Session",
    plan_id: int,
    file: Path,
    caller: "Caller",
    headings: dict[str, str],
    *,
    correct: bool,
) -> dict[str, Any]:
    from app.results.ledger import SHEET, take_in
    from app.results.sheet import read_results_sheet

    records = read_results_sheet(session, plan_id, file, corrects=correct, headings=headings)
    return take_in(session, plan_id, records, caller, via=SHEET)


def _pair(text: str) -> tuple[str, str]:
    heading, has_column, column = text.rpartition("=")
    if not has_column or not heading.strip():
        raise typer.BadParameter(f"{text!r}; write: 'Sudah dilayani=served'", param_hint="--map")
    return heading.strip(), column.strip()


def _of_telephone(
    session: "Session", plan_id: int | None, file: Path, caller: "Caller"
) -> list[dict[str, Any]]:
    from app.results.errors import BadResultsFile
    from app.results.ledger import rejoin_if_measured, take_in
    from app.results.telephone import read_results_file

    by_plan = read_results_file(file)
    if by_plan and plan_id not in {None, *by_plan}:
        named = ", ".join(map(str, sorted(by_plan)))
        raise BadResultsFile(file=file.name, place="--plan", value=plan_id, accepted=named)
    told = [
        take_in(session, number, records, caller, joins=False)
        for number, records in sorted(by_plan.items())
        if plan_id in {None, number}
    ]
    rejoin_if_measured(session, [row for one in told for row in one["records"]])
    return told


@commands.command("list")
def list_results(
    plan_id: PlanNumber, entries: Annotated[bool, typer.Option("--entries")] = False
) -> None:
    """Show what counts of a plan's reports, what contradicts it, and stops nobody reported."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.results.document import ledger, plan_results, totals

        with reading(engine) as session:
            if entries:
                document = ledger(session, plan_id)
            else:
                document = {**plan_results(session, plan_id), "totals": totals(session, plan_id)}
        if terminal.as_json:
            print_json(document)
            return
        from app.results_console import print_entries, print_results

        (print_entries if entries else print_results)(document, terminal)


@commands.command()
def settle(
    plan_id: PlanNumber,
    entries: Annotated[list[int], typer.Argument(metavar="ENTRY...")],
    reason: Annotated[str, typer.Option("--reason")],
    adopt: Annotated[int | None, typer.Option("--adopt", metavar="ENTRY")] = None,
    served: Annotated[list[str] | None, typer.Option("--count", metavar="NAME=N")] = None,
) -> None:
    """Say which of the reports that stand for a session counts, or what holds instead."""
    with open_database() as (engine, _):
        import uuid

        from app.cli_lifecycle import person_at_machine
        from app.db import transaction
        from app.results.settle import settle as decide
        from app.schemas.results import SettlementIn

        with transaction(engine) as session:
            asked = SettlementIn(
                key=uuid.uuid4(), entries=entries, adopt=adopt, reason=reason,
                counts=_counts(served or ()),
            )  # fmt: skip
            entry = decide(session, plan_id, asked, person_at_machine())
            document = {"entry_id": entry.id, "plan_id": entry.plan_id}
        say(document, "results-settled", entry=document["entry_id"])


def _counts(words: Any) -> dict[str, dict[str, int]]:  # noqa: ANN401 (words of an option)
    """Read ``ktp_el.served=12`` as counts by programme; what is not named is 0."""
    found: dict[str, dict[str, int]] = {}
    for word in words:
        name, _, number = word.partition("=")
        programme, _, outcome = name.partition(".")
        if not number.isdecimal():
            raise typer.BadParameter(f"{word!r}; write: ktp_el.served=12", param_hint="--count")
        found.setdefault(programme, {})[outcome] = int(number)
    return found


@commands.command()
def sheet(
    plan_id: PlanNumber,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """Write a workbook with a row for each stop and programme, to be filled in and imported."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.results.sheet import blank_sheet

        with reading(engine) as session:
            data = blank_sheet(session, plan_id)
    target = output or Path(f"results-{plan_id}.xlsx")
    target.write_bytes(data)
    say({"file": str(target), "bytes": len(data)}, "export-done", file=target)


@commands.command()
def need(regency: Regency) -> None:
    """Show by village who is listed, who was reported since the count, and who is left."""
    with open_database() as (engine, _):
        from app.calendar import today_in
        from app.db import reading
        from app.results.lessons import need_document

        with reading(engine) as session:
            document = need_document(session, regency, today_in(regency))
        if terminal.as_json:
            print_json(document)
            return
        from app.results_console import print_need

        print_need(document, terminal)


@commands.command()
def rates(regency: Regency) -> None:
    """Show turnout, reachable share and minutes by district, with what each rests on."""
    with open_database() as (engine, _):
        from app.db import reading
        from app.results.lessons import rates_document

        with reading(engine) as session:
            document = rates_document(session, regency)
        if terminal.as_json:
            print_json(document)
            return
        from app.results_console import print_rates

        print_rates(document, terminal)
