"""What is refused because of who asks."""

from app.errors import AppError


class Unauthorised(AppError, PermissionError):
    """Nobody is signed in, or the token does not hold."""

    code = "unauthorised"
    message = (
        "sign in at /sign-in, or send the header 'Authorization: Bearer TOKEN' with a token that "
        "has not expired and was not revoked (`jemput-bola token add`)"
    )


class SignInRefused(AppError, PermissionError):
    """Name and password do not open an account."""

    code = "sign-in-refused"
    message = "name or password is wrong, or the account is closed; an admin can give a new link"


class LinkRefused(AppError, PermissionError):
    """A sign-in link that does not hold."""

    code = "link-refused"
    message = (
        "this sign-in link was used, has expired or never was; `jemput-bola account link NAME` "
        "makes another"
    )


class SingleSignOnLost(AppError, PermissionError):
    """An answer of the sign-in service that belongs to no sign-in of this browser."""

    code = "single-sign-on-lost"
    message = (
        "this sign-in was begun in another browser, took longer than ten minutes or was used "
        "already; begin again"
    )


class SingleSignOnRefused(AppError, PermissionError):
    """The sign-in service refused, or what it says does not hold."""

    code = "single-sign-on-refused"
    message = "the sign-in service did not let you in, or its answer does not hold: {reason}"


class SingleSignOnDown(AppError, ConnectionError):
    """The sign-in service does not answer as it should."""

    code = "single-sign-on-down"
    message = (
        "the sign-in service at {place} does not answer as it should ({reason}); sign in with a "
        "password, or ask who runs this service to check JEMPUTBOLA_OIDC_ISSUER"
    )


class NoAccountHere(AppError, PermissionError):
    """Somebody whom the sign-in service knows, but who has no open account."""

    code = "no-account-here"
    message = (
        "{account} has no account here, or it is closed; an admin adds or opens it under this name"
    )


class BadSingleSignOn(AppError, ValueError):
    """Settings of single sign-on that do not fit together."""

    code = "bad-single-sign-on"
    message = (
        "JEMPUTBOLA_OIDC_ISSUER {issuer!r} and JEMPUTBOLA_OIDC_CLIENT_ID {client!r}: set both or "
        "none; the issuer is an https address (http on this machine only)"
    )


class RoleRefused(AppError, PermissionError):
    """The role of the account does not do this."""

    code = "role-refused"
    message = "{operation} is done by {roles}; the account {account} is {role}"


class OutsideArea(AppError, PermissionError):
    """Something outside the area of the account."""

    code = "outside-area"
    message = (
        "{what} cannot be written by an account of the area {area}; ask somebody whose area is "
        "wide enough"
    )


class WholeServiceOnly(AppError, PermissionError):
    """Figures of the whole service, asked for by an account of one area."""

    code = "whole-service-only"
    message = (
        "figures of the whole service are for admins of the whole country; the account {account} "
        "is of the area {area}"
    )


class OtherTeam(AppError, PermissionError):
    """What names persons, or opens a calendar, of another team than the account's own."""

    code = "other-team"
    message = "the account {account} is of team {own} and does this for that team only, not {team}"


class FeedNotFound(AppError, LookupError):
    """No calendar address of that number."""

    code = "feed-not-found"
    message = "there is no calendar address {feed_id} that could be revoked; `jemput-bola calendar`"


class AccountNotFound(AppError, LookupError):
    """No account of that name."""

    code = "account-not-found"
    message = "there is no account {account}; `jemput-bola account list` lists them"


class AccountExists(AppError, ValueError):
    """An account of that name is there already."""

    code = "account-exists"
    message = "the name {account} is taken; choose another"


class BadAccount(AppError, ValueError):
    """An account or a token with a value that cannot be used."""

    code = "bad-account"
    message = "{field}: {value!r} cannot be used; write: {accepted}"


class LastAdmin(AppError, RuntimeError):
    """Nobody would be left to manage accounts."""

    code = "last-admin"
    message = "{account} is the last open admin account of the whole country; make another first"


class TokenNotFound(AppError, LookupError):
    """No token of that number."""

    code = "token-not-found"
    message = "there is no token {token_id} that could be revoked; `jemput-bola token list`"


class TooManyRequests(AppError, RuntimeError):
    """Asked too often."""

    code = "too-many-requests"
    message = "too many requests of this kind; wait {seconds} s"


class TokenRetired(AppError, PermissionError):
    """The one token of the server, which earlier versions had."""

    code = "token-retired"
    message = (
        "JEMPUTBOLA_TOKEN no longer opens anything: unset it, make an account for each machine "
        "(`jemput-bola account add NAME --role viewer`) and give it a token of its own "
        "(`jemput-bola token add NAME --for PURPOSE`)"
    )


STATUS: dict[type[Exception], int] = {
    Unauthorised: 401,
    SignInRefused: 401,
    LinkRefused: 401,
    SingleSignOnLost: 401,
    SingleSignOnRefused: 401,
    NoAccountHere: 401,
    SingleSignOnDown: 503,
    RoleRefused: 403,
    OutsideArea: 403,
    WholeServiceOnly: 403,
    OtherTeam: 403,
    FeedNotFound: 404,
    AccountNotFound: 404,
    AccountExists: 409,
    LastAdmin: 409,
    TokenNotFound: 404,
    TooManyRequests: 429,
}
"""As ``errors.STATUS``, of these."""
