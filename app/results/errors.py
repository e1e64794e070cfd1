"""What is refused of results, beside single reports (``ledger.REFUSALS``)."""

from app.errors import AppError


class PlanNotCarriedOut(AppError, RuntimeError):
    """A plan that no team ever worked by."""

    code = "plan-not-carried-out"
    message = (
        "plan {plan_id} is {state} and was never published: nobody can have results of it; publish "
        "it first, or send them to the plan that the teams had"
    )


class EntryNotFound(AppError, LookupError):
    """No report of that number."""

    code = "entry-not-found"
    message = "there is no report {entry_id} of plan {plan_id}; `jemput-bola results list` has them"


class ResultsChanged(AppError, RuntimeError):
    """Reports that are others than those a planner looked at."""

    code = "results-changed"
    message = (
        "the reports that stand for this session are {standing}, you decided on {known}; read them "
        "again"
    )


class BadSettlement(AppError, ValueError):
    """A settlement that decides nothing."""

    code = "bad-settlement"
    message = "settlement, {field}: {value!r} cannot be used; write: {accepted}"


class BadResultsFile(AppError, ValueError):
    """A file of results that cannot be read."""

    code = "bad-results-file"
    message = "{file}, {place}: {value!r} cannot be used; write: {accepted}"


STATUS: dict[type[Exception], int] = {
    PlanNotCarriedOut: 409,
    EntryNotFound: 404,
    ResultsChanged: 409,
    BadSettlement: 422,
    BadResultsFile: 422,
}
