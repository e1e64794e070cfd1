"""Sign-in with an office's own service, by OpenID Connect: authorization code with PKCE.

The service proves who somebody is; whether they have an account here, and what it may do, is
decided here. Documents and keys of the service are read at each sign-in: those are rare, and a key
that was changed holds at once.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlmodel import Session, select

from app.access_errors import (
    NoAccountHere,
    SingleSignOnDown,
    SingleSignOnLost,
    SingleSignOnRefused,
)
from app.models import Account
from app.settings import Settings

# Signed with a key that only the service has: with a shared secret we could sign it ourselves.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
LEEWAY_S = 60
LASTS_S = 600
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in that was begun in a browser, which keeps it in a cookie until it comes back."""

    state: str
    nonce: str
    verifier: str
    goes_to: str

    def packed(self) -> str:
        """Write it as the value of a cookie."""
        return base64.urlsafe_b64encode(orjson.dumps(asdict(self))).decode()

    @classmethod
    def unpacked(cls, text: str | None) -> "Attempt":
        """Read the value of a cookie, or raise ``SingleSignOnLost``."""
        try:
            attempt = cls(**orjson.loads(base64.urlsafe_b64decode(text or "")))
        except (ValueError, TypeError, binascii.Error) as error:
            raise SingleSignOnLost from error
        if not all(isinstance(value, str) for value in asdict(attempt).values()):
            raise SingleSignOnLost
        return attempt


class SignInService:
    """The service of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def begin(self, back: str, goes_to: str) -> tuple[str, Attempt]:
        """Give the service's page for a new sign-in, and what the browser keeps meanwhile.

        ``back`` is our page that the service sends the browser to.

        Raises
        ------
        SingleSignOnDown
            When the service does not answer, or says something else than it should.
        """
        attempt = Attempt(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48), goes_to=goes_to,
        )  # fmt: skip
        asked = {
            "response_type": "code", "client_id": self._settings.oidc_client_id,
            "redirect_uri": back, "scope": "openid profile email", "state": attempt.state,
            "nonce": attempt.nonce, "code_challenge_method": "S256",
            "code_challenge": create_s256_code_challenge(attempt.verifier),
        }  # fmt: skip
        with self._client() as client:
            page = self._discover(client)["authorization_endpoint"]
        return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}", attempt

    def finish(self, attempt: Attempt, answer: Mapping[str, str], back: str) -> str:
        """Find out who came back from the service: the name of an account.

        Raises
        ------
        SingleSignOnLost
            When the answer belongs to another sign-in.
        SingleSignOnRefused
            When the service refused, or what it says does not hold.
        SingleSignOnDown
            As ``begin``.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise SingleSignOnLost
        if "code" not in answer:
            raise SingleSignOnRefused(reason=answer.get("error", "no code")[:200])
        with self._client() as client:
            known = self._discover(client)
            tokens = self._exchange(client, known["token_endpoint"], attempt, answer["code"], back)
            keys = _json(client, "GET", known["jwks_uri"])
        return self._name(self._claims(tokens, keys, attempt))

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)

    def _discover(self, client: httpx.Client) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer
        found = _json(client, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") != issuer or not all(isinstance(found.get(n), str) for n in needed):
            raise SingleSignOnDown(place=issuer, reason="openid-configuration")
        return found

    def _exchange(
        self, client: httpx.Client, place: str, attempt: Attempt, code: str, back: str
    ) -> dict[str, Any]:
        """Trade the code for tokens: only who began the sign-in has its verifier."""
        secret = self._settings.oidc_client_secret.get_secret_value()
        client_id = self._settings.oidc_client_id
        sent = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "client_id": client_id, "code_verifier": attempt.verifier,
        }  # fmt: skip
        auth = httpx.BasicAuth(client_id, secret) if secret else None
        return _json(client, "POST", place, data=sent, auth=auth)

    def _claims(
        self, tokens: Mapping[str, Any], keys: dict[str, Any], attempt: Attempt
    ) -> Mapping[str, Any]:
        """Check signature and claims of the ID token (OpenID Connect Core 1.0, 3.1.3.7)."""
        client_id = self._settings.oidc_client_id
        try:
            token = jwt.decode(
                str(tokens.get("id_token")), KeySet.import_key_set(keys), algorithms=ALGORITHMS  # type: ignore[arg-type]  # a document of the service, judged by what reads it
            )  # fmt: skip
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._settings.oidc_issuer},
                    "aud": {"essential": True, "value": client_id},
                },
                params={
                    "nonce": attempt.nonce,
                    "client_id": client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SingleSignOnRefused(reason=str(error)[:200]) from error
        return token.claims

    def _name(self, claims: Mapping[str, Any]) -> str:
        claim = self._settings.oidc_claim
        name = claims.get(claim)
        if not isinstance(name, str) or not name:
            raise SingleSignOnRefused(reason=f"{claim}: -")
        # Whoever may write any address into a profile could be anybody.
        if claim == "email" and claims.get("email_verified") is not True:
            raise SingleSignOnRefused(reason="email_verified: false")
        # Addresses and names are the same in any case; two subjects that differ in it are two.
        # Some letters beyond ASCII become an ASCII one in lower case (the sign of kelvin a k), so
        # that somebody's address would be another's name; no account has a name with such.
        return name.lower() if name.isascii() and claim != "sub" else name


def account_of(session: Session, name: str) -> Account:
    """Find the open account of who was let in by the service, or raise ``NoAccountHere``."""
    account = session.exec(select(Account).where(Account.name == name)).first()
    if account is None or not account.is_active:
        raise NoAccountHere(account=name[:64])
    return account


def _json(client: httpx.Client, method: str, place: str, **sent: Any) -> dict[str, Any]:  # noqa: ANN401 (arguments of httpx)
    """Ask the service for a document; what it refuses is said by its own error code."""
    try:
        answer = client.request(method, place, headers={"Accept": "application/json"}, **sent)
        found = orjson.loads(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError) as error:
        raise SingleSignOnDown(place=place[:200], reason=str(error)[:200]) from error
    if not isinstance(found, dict):
        raise SingleSignOnDown(place=place[:200], reason="JSON")
    if answer.status_code in {400, 401, 403} and "error" in found:
        raise SingleSignOnRefused(reason=str(found["error"])[:200])
    if answer.status_code != 200:
        raise SingleSignOnDown(place=place[:200], reason=str(answer.status_code))
    return found
