"""A small OpenID Connect provider: run as a process, it signs with a key of its own.

It lets in whoever ``who`` names on its page, at once, and does one thing wrong if ``fault`` says
so. Codes are good once, for the client, the address and the PKCE verifier they were made for.
Its first line of output is its address.
"""

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "jemput-bola", "rahasia"  # of tests
KEY, FOREIGN_KEY = (RSAKey.generate_key(2048, {"kid": "1"}) for _ in range(2))
codes: dict[str, dict[str, str]] = {}


def token_for(issuer: str, made: dict[str, str]) -> str:
    """Sign who was let in; ``fault`` says what is wrong with it."""
    now, fault = int(time.time()), made.get("fault", "")
    claims: dict[str, Any] = {
        "iss": issuer, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300,
        "nonce": made["nonce"], "email": made["who"], "email_verified": True,
    }  # fmt: skip
    wrong = {
        "audience": {"aud": "another-client"},
        "audiences": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        "expired": {"iat": now - 900, "exp": now - 600},
        "issuer": {"iss": "https://another.example"},
        "nonce": {"nonce": "another"},
        "unverified": {"email_verified": False},
        "nameless": {"email": None},
    }
    claims |= wrong.get(fault, {})
    if fault == "unsigned":
        parts = ({"alg": "none"}, claims)
        written = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts]
        return b".".join([*written, b""]).decode()
    key = FOREIGN_KEY if fault == "key" else KEY
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


class Handler(BaseHTTPRequestHandler):
    """Answers as OpenID Connect Discovery and Core say."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._json(
                {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/enter",
                 "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"}
            )  # fmt: skip
        elif parts.path == "/keys":
            self._json({"keys": [KEY.as_dict(private=False)]})
        elif parts.path == "/enter":
            self._enter(query)
        else:
            self._json({"error": "not-found"}, 404)

    def _enter(self, query: dict[str, str]) -> None:
        told = {"state": query["state"]}
        if query.get("fault") == "refused":
            told["error"] = "access_denied"
        else:
            told["code"] = secrets.token_urlsafe(16)
            codes[told["code"]] = query
        self.send_response(303)
        self.send_header("Location", f"{query['redirect_uri']}?{urlencode(told)}")
        self.end_headers()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        sent = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        made = codes.pop(sent.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.headers.get("Authorization") != f"Basic {basic}":
            self._json({"error": "invalid_client"}, 401)
        elif (
            made is None
            or made["code_challenge_method"] != "S256"
            or made["code_challenge"] != challenge
            or made["redirect_uri"] != sent["redirect_uri"]
            or made["client_id"] != sent["client_id"]
        ):
            self._json({"error": "invalid_grant"}, 400)
        else:
            token = token_for(self.issuer, made)
            self._json({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _json(self, body: dict[str, Any], status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201 (its address)
    server.serve_forever()
