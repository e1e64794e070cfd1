"""What is refused of photos."""

from app.errors import AppError


class BadPhoto(AppError, ValueError):
    """A file that is no photo, or one too large to be opened safely."""

    code = "bad-photo"
    message = "this file cannot be kept as a photo ({reason}); send {accepted}"


class PhotoTooLarge(AppError, ValueError):
    """A photo of too many bytes."""

    code = "photo-too-large"
    message = "the photo has more than {limit_mb} MB; send a smaller one"


class TooManyPhotos(AppError, ValueError):
    """A stop that has as many photos as may be kept."""

    code = "too-many-photos"
    message = "this stop has {limit} photos already; delete one first"


class PhotoNotFound(AppError, LookupError):
    """No photo of that number."""

    code = "photo-not-found"
    message = "there is no photo {photo_id}"


class StopNotFound(AppError, LookupError):
    """A plan without that stop."""

    code = "stop-not-found"
    message = "plan {plan_id} has no stop {order} of {team} on {day}"


class PhotoTooEarly(AppError, RuntimeError):
    """A photo of a plan that is not carried out."""

    code = "photo-too-early"
    message = "plan {plan_id} is {state}: photos are kept of plans that were published"


STATUS: dict[type[Exception], int] = {
    PhotoTooLarge: 413,
    TooManyPhotos: 409,
    PhotoTooEarly: 409,
    PhotoNotFound: 404,
    StopNotFound: 404,
}
"""Error class to HTTP status; a class not named is a 422."""
