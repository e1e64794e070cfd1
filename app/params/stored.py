"""The values that hold today: defaults, and on top of them what the office decided."""

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlmodel import Session, col, select

from app.calendar import OfficePattern
from app.errors import ParamNotFound
from app.models import ParamChange
from app.params.definition import Definition, Lang
from app.params.groups import CostParams, PlanParams, ResultParams
from app.params.office_table import COST, OFFICE, PLAN
from app.params.results_table import RESULTS
from app.params.signal_table import SIGNAL
from app.params.travel_table import TRAVEL
from app.params.worth_table import WORTH
from geodata.join_params import JoinParams
from geodata.speeds import TravelParams
from routing import WorthParams

DEFINITIONS: dict[str, Definition] = {
    row.name: row for row in (*WORTH, *OFFICE, *COST, *PLAN, *TRAVEL, *SIGNAL, *RESULTS)
}
"""Every parameter by its name, in the order it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """All values that hold; ``to_dict`` is what a plan keeps."""

    worth: WorthParams
    office: OfficePattern
    cost: CostParams
    plan: PlanParams
    travel: TravelParams
    signal: JoinParams
    results: ResultParams

    def to_dict(self) -> dict[str, Any]:
        """All values as plain JSON types, by group."""
        return {
            "worth": self.worth.to_dict(),
            "office": self.office.to_dict(),
            "cost": self.cost.to_dict(),
            "plan": self.plan.to_dict(),
            "travel": self.travel.to_dict(),
            "signal": self.signal.to_dict(),
            "results": self.results.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Mapping[str, Any]]) -> "Params":
        """Build from ``to_dict`` or a part of it; what is not given keeps its default.

        Raises
        ------
        InvalidProblem, BadValue
            When values contradict each other.
        """
        return cls(
            worth=WorthParams.from_dict(values.get("worth", {})),
            office=OfficePattern.from_dict(values.get("office", {})),
            cost=CostParams.from_dict(values.get("cost", {})),
            plan=PlanParams.from_dict(values.get("plan", {})),
            travel=TravelParams.from_dict(values.get("travel", {})),
            signal=JoinParams.from_dict(values.get("signal", {})),
            results=ResultParams.from_dict(values.get("results", {})),
        )


def default_params() -> Params:
    """Give the values of an office that decided nothing."""
    return Params.from_dict({})


def current_params(session: Session) -> Params:
    """Give the values that hold today."""
    return _with({name: row.value for name, row in _decided(session).items()})


def params_with(params: Params, values: Mapping[str, Any]) -> Params:
    """Give parameters with some of them otherwise, for one plan only.

    Raises
    ------
    ParamNotFound, BadParam, InvalidProblem, BadValue
        When a name is unknown, a value is beyond its limits, or values contradict each other.
    """
    nested = params.to_dict()
    for name, value in values.items():
        checked = definition_of(name).check(value)
        *path, leaf = name.split(".")
        place = nested
        for part in path:
            place = place[part]
        place[leaf] = checked
    return Params.from_dict(nested)


def set_params(
    session: Session, values: Mapping[str, Any], *, by: str, reason: str
) -> dict[str, Any]:
    """Decide about parameters, all or none, in the caller's transaction.

    When what is assumed of towers changes, signal is joined anew in the same transaction.

    Parameters
    ----------
    values
        JSON value by name; None: back to the default.
    by, reason
        Who decided, and why; kept with each.

    Returns
    -------
    dict
        The values as they are kept.

    Raises
    ------
    ParamNotFound, BadParam, InvalidProblem, BadValue
        When a name is unknown, a value is beyond its limits, or values contradict each other.
    """
    checked = {}
    for name, value in values.items():
        definition = definition_of(name)
        checked[name] = None if value is None else definition.check(value)
    held = {name: row.value for name, row in _decided(session).items()}
    after = _with({n: value for n, value in {**held, **checked}.items() if value is not None})
    for name, value in checked.items():
        session.add(ParamChange(name=name, value=value, changed_by=by, reason=reason))
    session.flush()
    if after.signal != _with(held).signal:
        # Imported here: it asks this module what holds, and loads the libraries of frames.
        from app.connectivity import rejoin

        rejoin(session)
    return checked


def definition_of(name: str) -> Definition:
    """Find a parameter.

    Raises
    ------
    ParamNotFound
        When there is none of that name; says which are spelled alike.
    """
    if name not in DEFINITIONS:
        alike = difflib.get_close_matches(name, DEFINITIONS, n=3, cutoff=0.4)
        raise ParamNotFound(name=name, alike=", ".join(alike) or "-")
    return DEFINITIONS[name]


def param_rows(session: Session, lang: Lang) -> list[dict[str, Any]]:
    """List every parameter with its value, its default, and who changed it when and why."""
    decided = _decided(session)
    held = current_params(session).to_dict()
    default = default_params().to_dict()
    return [
        {
            "name": name,
            "value": _at(held, name),
            "default": _at(default, name),
            "kind": row.kind.value,
            "unit": row.unit,
            "accepted": row.accepted,
            "meaning": row.meaning[lang],
            "source": row.source,
            **_decision(decided.get(name)),
        }
        for name, row in DEFINITIONS.items()
    ]


def changes_of(session: Session) -> list[dict[str, Any]]:
    """List the values that differ from the default, as a plan keeps them."""
    default = default_params().to_dict()
    held = current_params(session).to_dict()
    return [
        {
            "name": name,
            "value": _at(held, name),
            "default": _at(default, name),
            "unit": DEFINITIONS[name].unit,
            **_decision(row),
        }
        for name, row in sorted(_decided(session).items())
        if _at(held, name) != _at(default, name)
    ]


def digest_of(values: Mapping[str, Any]) -> str:
    """Name a set of values by what it holds: SHA-256 of its JSON with sorted keys."""
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _decision(row: ParamChange | None) -> dict[str, Any]:
    return {
        "changed_by": row.changed_by if row else None,
        "changed_at": row.changed_at.isoformat() if row else None,
        "reason": row.reason if row else None,
    }


def _decided(session: Session) -> dict[str, ParamChange]:
    """Find the decision that counts for each name that has one and is not back at its default."""
    rows = session.exec(select(ParamChange).order_by(col(ParamChange.id)))
    last = {row.name: row for row in rows}
    # A later version may have given a parameter up; what was decided about it then rests.
    return {n: row for n, row in last.items() if row.value is not None and n in DEFINITIONS}


def _with(values: Mapping[str, Any]) -> Params:
    nested: dict[str, Any] = {}
    for name, value in values.items():
        *path, leaf = name.split(".")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
        place[leaf] = value
    return Params.from_dict(nested)


def _at(values: Any, name: str) -> Any:  # noqa: ANN401 (any JSON value)
    for part in name.split("."):
        values = values[part]
    return values
