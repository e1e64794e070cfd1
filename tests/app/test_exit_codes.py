"""How commands end, and how options are named to whoever typed them."""

import pytest
import typer

from app.cli import _flag
from app.run import NO_PLAN, end_of


@pytest.mark.parametrize("status", ["infeasible", "no_solution"])
def test_a_plan_that_breaks_rules_has_an_exit_code_of_its_own(status: str) -> None:
    with pytest.raises(typer.Exit) as caught:
        end_of({"status": status})
    assert caught.value.exit_code == NO_PLAN == 3


@pytest.mark.parametrize("status", ["optimal", "feasible"])
def test_a_plan_that_keeps_to_all_rules_ends_well(status: str) -> None:
    end_of({"status": status})


@pytest.mark.parametrize(
    ("field", "typed"),
    [("from_day", "--from"), ("pins", "--pin"), ("max_changes", "--max-changes"),
     ("--state", "--state")],
)  # fmt: skip
def test_options_are_named_as_they_are_typed(field: str, typed: str) -> None:
    assert _flag(field) == typed
