"""What is refused in the life of a plan."""

from app.errors import AppError


class StepRefused(AppError, RuntimeError):
    """A step that the state of a plan does not allow."""

    code = "step-refused"
    message = "plan {plan_id} is {state}: {action} is not possible; possible now: {allowed}"


class ReasonMissing(AppError, ValueError):
    """A step that has to be explained."""

    code = "reason-missing"
    message = "plan {plan_id}: say why, {action} needs a reason"


class PlanFrozen(AppError, RuntimeError):
    """A plan that may not be solved again."""

    code = "plan-frozen"
    message = (
        "plan {plan_id} is {state}: only a draft is solved again; re-plan it, which makes a new "
        "plan, or take it back to draft first"
    )


class PlanBreaksRules(AppError, ValueError):
    """A plan that breaks rules, proposed without a word on it."""

    code = "plan-breaks-rules"
    message = (
        "plan {plan_id} breaks rules ({rules}); repair it, or propose it with a reason, which "
        "stays with it"
    )


class LettersMissing(AppError, ValueError):
    """A plan to publish without the number of an assignment letter for each team."""

    code = "letters-missing"
    message = (
        "plan {plan_id}: number of the assignment letter missing for {teams}; not in the plan: "
        "{unknown}"
    )


class RevisionMissing(AppError, ValueError):
    """Stops that moved under an assignment letter that orders others."""

    code = "revision-missing"
    message = (
        "plan {plan_id}: the days of {teams} are not those of plan {replaced}; their assignment "
        "letters need a revision with a number of its own"
    )


class WeekTaken(AppError, RuntimeError):
    """A week that another published plan has, or none where one was to be replaced."""

    code = "week-taken"
    message = (
        "the published plan of {regency} in {week} is {plan_id}; name it as the one to be replaced "
        "(-: there is none, name none)"
    )


class WeekClosed(AppError, RuntimeError):
    """A week that is over, and whose plan is closed."""

    code = "week-closed"
    message = (
        "{week} of {regency} is closed with plan {plan_id}; nothing is published in its place, "
        "plan a later week"
    )


class TeamOutTwice(AppError, RuntimeError):
    """A team that is out on the same day under the plan of the week before or after."""

    code = "team-out-twice"
    message = (
        "plan {plan_id}: {team} is out on {day} under plan {other} of {week} already; plan this "
        "week anew, or take that day out of one of the two"
    )


class OnlySupposed(AppError, RuntimeError):
    """A scenario with teams, hours, kits or parameters that are not the office's."""

    code = "only-supposed"
    message = (
        "plan {plan_id} is a scenario ({name}) with teams, hours, kits or parameters that are not "
        "the office's; bring the list of teams or the parameters up to date and plan the week again"
    )


class PlanNotRecorded(AppError, LookupError):
    """A plan of which it is not known how it was made."""

    code = "plan-not-recorded"
    message = (
        "plan {plan_id} cannot be made again: it has no record of a search (it is not solved yet, "
        "was made by hand, or by an earlier version); solve it again to have one"
    )


STATUS: dict[type[Exception], int] = {
    StepRefused: 409,
    PlanFrozen: 409,
    PlanBreaksRules: 409,
    WeekTaken: 409,
    WeekClosed: 409,
    TeamOutTwice: 409,
    PlanNotRecorded: 409,
    OnlySupposed: 409,
}
"""Error class to HTTP status; a class not named is a 422."""
