"""The office's parameters: one table of defaults, what an office decided on top, what holds."""

from app.params.definition import Definition, Kind
from app.params.groups import CostParams, PlanParams, ResultParams
from app.params.stored import (
    DEFINITIONS,
    Params,
    changes_of,
    current_params,
    default_params,
    definition_of,
    digest_of,
    param_rows,
    params_with,
    set_params,
)

__all__ = [
    "DEFINITIONS",
    "CostParams",
    "Definition",
    "Kind",
    "Params",
    "PlanParams",
    "ResultParams",
    "changes_of",
    "current_params",
    "default_params",
    "definition_of",
    "digest_of",
    "param_rows",
    "params_with",
    "set_params",
]
