"""What is refused the evening before."""

from app.errors import AppError


class NotUnderWay(AppError, RuntimeError):
    """A plan that no team works by."""

    code = "not-under-way"
    message = "plan {plan_id} is {state}: only what is published, or in progress, goes or stays"


class BadReadiness(AppError, ValueError):
    """An answer or a verdict that cannot be used."""

    code = "bad-readiness"
    message = "{field}: {value!r} cannot be used; write: {accepted}"


class VerdictReasonMissing(AppError, ValueError):
    """A verdict that has to be explained."""

    code = "verdict-reason-missing"
    message = "{team}, {day}: say why; {verdict} needs a reason here (answered no: {unready})"


STATUS: dict[type[Exception], int] = {NotUnderWay: 409}
"""Error class to HTTP status; a class not named is a 422."""
