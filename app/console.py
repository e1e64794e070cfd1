"""What a terminal shows: tables of imports and plans, and progress of anything long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.texts import Lang

if TYPE_CHECKING:
    from app.backup import Manifest
    from app.terminal import Terminal

REFUSES, WARNS = Text("x", style="red"), Text("!", style="yellow")
SHOWN_UNSERVED = 10
DAYS: dict[Lang, tuple[str, ...]] = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@contextmanager
def working(terminal: "Terminal", key: str, **facts: object) -> Iterator[None]:
    """Show that something is going on, on stderr and only to a person."""
    console = Console(stderr=True)
    if terminal.as_json or not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(terminal.text(key, **facts))
        yield


@contextmanager
def progress_of_plan(
    terminal: "Terminal", seconds: float | None
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show how far a solve is: a bar over the time it was given, if any, and the value so far."""
    console = Console(stderr=True)
    if terminal.as_json or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[note]}"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(terminal.text("planning-travel"), total=seconds, note="")

        def show(state: dict[str, Any]) -> None:
            if state.get("phase") == "travel" and "n_tables" in state:
                progress.update(task, completed=state["done"], total=state["n_tables"])
            if state.get("phase") == "solve":
                note = terminal.text("planning-value", value=number(state["value"], terminal.lang))
                if state["bound"] is not None:
                    most = number(state["bound"], terminal.lang)
                    note += terminal.text("planning-bound", bound=most)
                progress.update(
                    task, completed=state["elapsed_s"], total=seconds,
                    description=terminal.text("planning"), note=note,
                )  # fmt: skip
            if state.get("phase") == "explain":
                progress.update(task, description=terminal.text("planning-explain"), total=None)

        yield show


def print_params(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each parameter; one that the office changed is marked and says by whom."""
    t = terminal.text
    table = Table(title=t("params-title"))
    for key in ("param", "param-value", "param-default", "unit", "meaning"):
        table.add_column(t(key))
    for row in rows:
        is_changed = row["value"] != row["default"]
        table.add_row(
            row["name"], Text(shown(row["value"]), style="bold" if is_changed else ""),
            shown(row["default"]) if is_changed else "", row["unit"], _meaning(row, terminal),
        )  # fmt: skip
    console_of_run().print(table)


def _meaning(row: dict[str, Any], terminal: "Terminal") -> str:
    if not row["changed_by"]:
        return str(row["meaning"])
    said = terminal.text(
        "param-changed", by=row["changed_by"], day=row["changed_at"][:10], reason=row["reason"]
    )
    return f"{row['meaning']} [{said}]"


def shown(value: Any) -> str:  # noqa: ANN401 (any JSON value of a parameter)
    """Write a parameter as the command line reads it."""
    if isinstance(value, dict):
        return ",".join(f"{word}={to}" for word, to in value.items())
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def print_staff(team: str, rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each member of a team."""
    t = terminal.text
    table = Table(title=t("staff-title", team=team))
    for key in ("staff-name", "rank", "role", "leave"):
        table.add_column(t(key))
    for row in rows:
        leave = "; ".join(f"{span['starts']} - {span['ends']}" for span in row["leave"])
        table.add_row(row["name"], row["rank"], row["role"], leave)
    console_of_run().print(table)


def print_lodging(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each place to sleep."""
    t = terminal.text
    if not rows:
        console_of_run().print(t("no-lodging"))
        return
    table = Table(title=t("lodging-title"))
    for key in ("code", "lodging-name", "position", "lodging-cost", "lodging-teams"):
        table.add_column(t(key))
    for row in rows:
        cost = row["cost_rupiah"]
        table.add_row(
            row["code"], row["name"], f"{row['lon']:.5f}, {row['lat']:.5f}",
            t("as-parameters") if cost is None else number(cost, terminal.lang),
            ", ".join(row["teams"]) or t("all-teams"),
        )  # fmt: skip
    console_of_run().print(table)


def print_points(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each service point."""
    t = terminal.text
    table = Table(title=t("points-title"))
    for key in ("code", "service-point", "kind", "position", "serves", "opens", "people-expected"):
        table.add_column(t(key))
    for row in rows:
        table.add_row(
            row["code"], row["name"], t(f"point-{row['kind']}"),
            f"{row['lon']:.5f}, {row['lat']:.5f}", " ".join(row["serves"]), row["opens"],
            shown(row["expected"]),
        )  # fmt: skip
    console_of_run().print(table)


def print_plans(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each plan."""
    t = terminal.text
    if not rows:
        console_of_run().print(t("no-plans"))
        return
    table = Table(title=t("plans-title"))
    for key in ("plan", "regency", "week", "created", "state", "stops", "value"):
        table.add_column(t(key), justify="right" if key in {"plan", "stops", "value"} else "left")
    for row in rows:
        value = "-" if row["value"] is None else number(row["value"], terminal.lang)
        table.add_row(
            str(row["plan_id"]), row["regency_code"], row["week"], row["created_at"][:16],
            _state(row, terminal), str(row["n_stops"]), value,
        )  # fmt: skip
    console_of_run().print(table)


def _state(row: dict[str, Any], terminal: "Terminal") -> str:
    """Tell how far a plan is: its status once solved, its job's state before; and its name."""
    if row["status"] is not None:
        parts = [terminal.text(f"solved-{row['status']}")]
        if row["kept"]:
            parts.append(terminal.text("kept-short", account=row["kept"]["account"]))
        if isinstance(row["scenario"], str):
            parts.append(f"({row['scenario']})")
        return " ".join(parts)
    return terminal.text(f"job-{row['job_state']}") if row["job_state"] else "-"


def print_plan(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show a plan: the numbers, the week by team, who is left out, what to know."""
    console = console_of_run()
    if document["status"] is None:
        console.print(
            terminal.text(
                "unsolved", plan_id=document["plan_id"], job_state=_state(document, terminal)
            )
        )
        return
    console.print(_numbers(document, terminal))
    _differences(document, terminal)
    console.print(_week(document, terminal))
    console.print(_left_out(document, terminal))
    _rules(document, terminal)
    for row in document["changed_params"]:
        facts = {"name": row["name"], "value": shown(row["value"]), "unit": row["unit"]}
        default = shown(row["default"])
        console.print(terminal.text("changed-param", default=default, **facts), highlight=False)
    for row in document["warnings"]:
        console.print(WARNS, row["message"], highlight=False)
    if not document["violations"]:
        console.print(terminal.text("no-violations"))
        return
    console.print(Text(terminal.text("violations"), style="red"))
    for row in document["violations"]:
        console.print(REFUSES, row["message"], highlight=False)
    if document["kept"]:
        console.print(mark_text(document["kept"], terminal), markup=False, highlight=False)


def mark_text(kept: dict[str, Any], terminal: "Terminal") -> str:
    """Say who keeps a plan that breaks rules, when and why."""
    return terminal.text(
        "edit-mark", account=kept["account"], day=kept["at"][:10], reason=kept["reason"],
        rules=", ".join(kept["rules"]),
    )  # fmt: skip


def _differences(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show what a plan was made of, and what is not as it was there."""
    origin, against, lang = document["origin"], document["against"], terminal.lang
    if origin is None or against is None:
        return
    console, t = console_of_run(), terminal.text
    console.print(t(f"origin-{origin['kind']}", plan_id=origin["plan_id"]))
    table = Table()
    for key in ("compared", "value", "worth", "cost", "stops", "broken"):
        table.add_column(t(key), justify="left" if key == "compared" else "right")
    own = {**document, "n_stops": len(document["stops"]),
           "n_violations": len(document["violations"])}  # fmt: skip
    for row in (against, own):
        name = t("compared-plan", plan_id=row["plan_id"])
        numbers = (row[k] for k in ("value", "worth", "cost_rupiah", "n_stops", "n_violations"))
        table.add_row(name, *(number(n, lang) for n in numbers))
    console.print(table)
    if document["n_published"] is not None:
        facts = {"n": document["n_changed"], "of": document["n_published"]}
        console.print(t("changed-stops", **facts), highlight=False)
    for row in document["changes"]:
        console.print("·", row["message"], highlight=False)


def _rules(document: dict[str, Any], terminal: "Terminal") -> None:
    """Show rules of the whole plan, what excludes what, what would help and what wishes cost."""
    console, t, lang = console_of_run(), terminal.text, terminal.lang
    found = document["contradiction"]
    if found is not None:
        key = "contradiction" if found["is_minimal"] else "contradiction-part"
        console.print(Text(t(key), style="red"))
        for row in found["rules"]:
            console.print(REFUSES, row["message"], highlight=False)
    for row in document["rules"]:
        if row["excess"] or row["district"] is None:  # of districts only those left short
            console.print(WARNS if row["excess"] else "·", row["message"], highlight=False)
    shadow = document["shadow"]
    if shadow is not None:
        parts = [
            t("shadow-day", team=row["team"], value=number(row["value"], lang))
            for row in shadow["team_days"]
        ]
        parts += [
            t("shadow-kit", base=row["base"], value=number(row["value"], lang))
            for row in shadow["kits"]
        ]
        for name, key in (("million_rupiah", "shadow-million"), ("card_blank", "shadow-card")):
            if shadow[name] is not None:
                parts.append(t(key, value=number(shadow[name], lang)))
        console.print(t("shadow", parts="; ".join(parts)), highlight=False)
    for row in [*document["remedies"], *document["wishes"]]:
        console.print("·", row["message"], highlight=False)


def _numbers(document: dict[str, Any], terminal: "Terminal") -> Table:
    t, lang = terminal.text, terminal.lang
    regency = f"{document['regency']['name']} ({document['regency']['code']})"
    table = Table(
        title=t("plan-title", plan_id=document["plan_id"], regency=regency, week=document["week"]),
        show_header=False,
    )
    table.add_column()
    table.add_column()
    people = ", ".join(
        f"{name} {number(n, lang)}{_between(document, name, lang)}"
        for name, n in document["expected"].items()
    )
    bound = t("not-proven")
    if document["bound"] is not None:
        bound = f"{number(document['bound'], lang)} / {percent(document['gap'], lang)}"
    found_by = ", ".join(
        f"{t(f'finder-{who}')} {n}" for who, n in (document.get("found_by") or {}).items()
    )
    before, after = document["coverage_before"], document["coverage_after"]
    rows = (
        ("state", t(_status_key(document))),
        ("value", t("documents", n=number(document["value"], lang))),
        ("bound", bound),
        ("found-by", found_by),
        ("by-hand", t("documents", n=number(document["baseline_value"], lang))),
        ("expected", people),
        ("coverage", f"{percent(before, lang)} -> {percent(after, lang)}"),
        ("not-recorded", number(document["not_recorded"], lang)),
        ("to-look-for", number(document["people_to_look_for"], lang)),
        ("cost", f"Rp {number(document['cost_rupiah'], lang)}"),
        ("work", f"{number(document['hours_work'], lang)} / "
                 f"{number(round(document['distance_m'] / 1000), lang)}"),
    )  # fmt: skip
    for key, value in rows:
        table.add_row(t(key), value)
    return table


def _status_key(document: dict[str, Any]) -> str:
    """Name a plan's status; of one made by hand it tells only whether it may be driven."""
    origin = document["origin"]
    is_judged = origin is not None and origin["kind"] == "judge"
    return f"{'judged' if is_judged else 'status'}-{document['status']}"


def _week(document: dict[str, Any], terminal: "Terminal") -> Table:
    t = terminal.text
    table = Table()
    right = {"order", "people"}
    for key in ("team", "day", "order", "arrive", "depart", "village", "mode", "travel", "people"):
        title = f"{t(key)} ({document['timezone_label']})" if key == "arrive" else t(key)
        table.add_column(title, justify="right" if key in right else "left")
    for team in document["teams"]:
        own = [stop for stop in document["stops"] if stop["team"] == team["team"]]
        rows = [
            row
            for shift in team["shifts"]
            for row in _day_rows(shift, [s for s in own if s["day"] == shift["day"]], terminal)
        ]
        for i, row in enumerate(rows):
            table.add_row("" if i else team["team"], *row)
        if rows:
            table.add_section()
    return table


def _day_rows(
    shift: dict[str, Any], stops: list[dict[str, Any]], terminal: "Terminal"
) -> Iterator[tuple[str, ...]]:
    """Show a team's stops of one day, and where it sleeps if not at its base."""
    day = date.fromisoformat(shift["day"])
    name = f"{DAYS[terminal.lang][day.weekday()]} {day.day}"
    for i, stop in enumerate(stops):
        people = sum(stop["expected"][programme] for programme in ("ktp_el", "pemula"))
        yield (
            "" if i else name, str(stop["order"]), clock(stop["arrive"]), clock(stop["depart"]),
            _place(stop),
            terminal.text(f"mode-{stop['service_mode']}"),
            _way(stop, terminal), number(people, terminal.lang),
        )  # fmt: skip
    if shift["sleeps_name"] is not None:
        place = ", ".join(filter(None, (shift["sleeps_place"], shift["sleeps_name"])))
        night = terminal.text("sleeps-at", place=place)
        yield ("" if stops else name, "", "", "", night, "", "", "")


def _way(stop: dict[str, Any], terminal: "Terminal") -> str:
    """Name how a stop is reached, and the rapids on the way."""
    key = "straight-way" if stop["is_straight_line"] else f"travel-{stop['travel_mode']}"
    mode = terminal.text(key)
    n = stop["n_rapids"]
    return f"{mode}, {terminal.text('rapids', n=n)}" if n else mode


def _between(document: dict[str, Any], programme: str, lang: Lang) -> str:
    """Write P10 and P90 beside an expected number; nothing in plans that do not have them."""
    low, high = document["expected_p10"], document["expected_p90"]
    if low is None or high is None:
        return ""
    return f" ({number(low[programme], lang)}-{number(high[programme], lang)})"


def _place(stop: dict[str, Any]) -> str:
    """Name the village of a stop, and the point where that is not the village's own."""
    place = f"{stop['village_name']} ({stop['district']})"
    is_own = stop["point_code"] == stop["village_code"] and len(stop["serves"]) < 2
    return place if is_own else f"{stop['point_name']}, {place}"


def _left_out(document: dict[str, Any], terminal: "Terminal") -> Table:
    t = terminal.text
    table = Table(title=t("unserved", n=len(document["unserved"])))
    for key in ("village", "to-look-for", "reason"):
        table.add_column(t(key), justify="right" if key == "to-look-for" else "left")
    for row in document["unserved"][:SHOWN_UNSERVED]:
        name = f"{row['village_name']} ({row['district']})"
        table.add_row(name, number(row["people_to_look_for"], terminal.lang), row["detail"])
    return table


def number(value: float, lang: Lang) -> str:
    """Write a number as the language does: 1.234,5 or 1,234.5."""
    digits = 0 if isinstance(value, int) or float(value).is_integer() else 1
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "id" else text


def percent(fraction: float | None, lang: Lang) -> str:
    """Write a fraction as a percentage with two decimals."""
    if fraction is None:
        return "-"
    text = f"{100 * fraction:.2f} %"
    return text.replace(".", ",") if lang == "id" else text


def clock(moment: str) -> str:
    """Cut the time of day out of an ISO time."""
    return datetime.fromisoformat(moment).strftime("%H:%M")


def console_of_run() -> Console:
    """Open the screen, a pipe or a log."""
    # No markup: a name in a file may hold brackets. A pipe or a log has no width: what is written
    # there must not be cut at 80 columns.
    console = Console(markup=False)
    return console if console.is_terminal else Console(markup=False, width=140)


def print_accounts(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each account."""
    t = terminal.text
    table = Table(title=t("accounts-title"))
    for key in ("account", "role", "area", "team", "account-state"):
        table.add_column(t(key))
    for row in rows:
        state = "password" if row["has_password"] else "no-password"
        table.add_row(
            row["name"], row["role"], row["area"] or t("whole-country"), row["team"] or "",
            t(f"account-{state if row['is_active'] else 'closed'}"),
        )  # fmt: skip
    console_of_run().print(table if rows else t("no-accounts"))


def print_tokens(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each token."""
    t = terminal.text
    table = Table(title=t("tokens-title"))
    for key in ("number", "account", "token-for", "expires", "last-used"):
        table.add_column(t(key))
    for row in rows:
        used = (row["used_at"] or "")[:10]
        table.add_row(
            str(row["token_id"]), row["account"], row["name"], row["expires_at"][:10], used
        )
    console_of_run().print(table if rows else t("no-tokens"))


def print_feeds(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each calendar address."""
    t = terminal.text
    table = Table(title=t("feeds-title"))
    for key in ("number", "team", "token-for", "account"):
        table.add_column(t(key))
    for row in rows:
        table.add_row(str(row["feed_id"]), row["team"], row["name"], row["created_by"])
    console_of_run().print(table if rows else t("no-feeds"))


def print_audit(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each thing that was done."""
    t = terminal.text
    table = Table(title=t("audit-title"))
    for key in ("audit-at", "account", "audit-via", "audit-action", "audit-subject"):
        table.add_column(t(key))
    for row in rows:
        said = (row["at"][:16].replace("T", " "), row["account"], row["via"], row["action"])
        table.add_row(*said, row["subject"])
    console_of_run().print(table)


def print_moved(moved: "Manifest", place: str, terminal: "Terminal") -> None:
    """Show each table that arrived with its rows and the beginning of its checksum."""
    t = terminal.text
    table = Table(title=t("moved-title", place=place))
    table.add_column(t("moved-table"))
    table.add_column(t("moved-rows"), justify="right")
    table.add_column(t("moved-checksum"))
    for name, one in moved.tables.items():
        table.add_row(name, str(one.n_rows), one.checksum[:16])
    console_of_run().print(table)
    console_of_run().print(t("move-done", place=place, rows=moved.n_rows), markup=False)
