"""What is refused of requests for visits."""

from app.errors import AppError


class RequestNotFound(AppError, LookupError):
    """No request of that number."""

    code = "request-not-found"
    message = "there is no request {request_id}; `jemput-bola requests` lists those there are"


class BadRequest(AppError, ValueError):
    """A request with a field that cannot be used."""

    code = "bad-request-field"
    message = "{field}: {value!r} cannot be used; write: {accepted}"


class RequestKnown(AppError, ValueError):
    """A letter that was entered before."""

    code = "request-known"
    message = "letter {number} of {village_code} is request {request_id} already"


class RequestStepRefused(AppError, RuntimeError):
    """A step that the state of a request does not allow."""

    code = "request-step-refused"
    message = "request {request_id} is {state}: {action} is not possible; possible now: {allowed}"


class RequestReasonMissing(AppError, ValueError):
    """A step of a request that has to be explained."""

    code = "request-reason-missing"
    message = "request {request_id}: say why, {action} needs a reason"


class RequestChanged(AppError, RuntimeError):
    """A request that somebody else moved on."""

    code = "request-changed"
    message = "request {request_id} has version {version}, not {known}: look at it again"


STATUS: dict[type[Exception], int] = {
    RequestNotFound: 404,
    RequestKnown: 409,
    RequestStepRefused: 409,
    RequestChanged: 409,
}
"""Error class to HTTP status; a class not named is a 422."""
