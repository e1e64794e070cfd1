"""What is refused when a plan is changed by hand."""

from app.errors import AppError


class BadEdit(AppError, ValueError):
    """An action that names what is not there."""

    code = "bad-edit"
    message = "action {action}, {field}: {value!r} cannot be used; write: {accepted}"


class StopLocked(AppError, RuntimeError):
    """An action on a stop that is locked."""

    code = "stop-locked"
    message = "action {action}: {at} is locked with {team} on {day}; unlock it first"


class NotEditable(AppError, RuntimeError):
    """A plan whose stops nobody changes any more."""

    code = "not-editable"
    message = (
        "plan {plan_id} is {state}: only drafts and proposed plans are changed by hand; re-plan "
        "it, which makes a new plan, or take it back to draft first"
    )


class NothingToUndo(AppError, RuntimeError):
    """A plan that nobody changed by hand since it was solved."""

    code = "nothing-to-undo"
    message = "plan {plan_id}: nothing was changed by hand since it was solved"


STATUS: dict[type[Exception], int] = {StopLocked: 409, NotEditable: 409, NothingToUndo: 409}
"""Error class to HTTP status; a class not named is a 422."""
