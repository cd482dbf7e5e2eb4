"""Signing in with a one-time code from an e-mail; roles are those that support knows for the address."""

from __future__ import annotations

from typing import Annotated, TypedDict

from gateway.http import limits
from gateway.http.calls import services, settings
from gateway.http.resource import Resource
from services.common.basics.caller import STAFF
from services.common.basics.clock import now
from services.common.basics.shapes import Example, Note
from services.common.edge import tokens
from services.support.api import Accepted, RequestSignIn, SupportApi, VerifySignIn

blp = Resource("sign-in", "One-time codes by e-mail, and what they are exchanged for")


class Session(TypedDict):
    """Send the token as `Authorization: Bearer …` with each request."""

    access_token: str
    expires_in: Annotated[int, Note("seconds")]
    roles: Annotated[list[str], Example(["customer"])]


@blp.post("/sign-in", SupportApi.request_sign_in, status=202, limit=limits.SIGN_IN)
def request_sign_in(request: RequestSignIn) -> Accepted:
    return services().support.request_sign_in(request)


@blp.post("/sign-in/verify", SupportApi.verify_sign_in, limit=limits.VERIFY)
def verify_sign_in(request: VerifySignIn) -> Session:
    person = services().support.verify_sign_in(request)
    email, roles = person["email"], person["roles"]
    actor = f"{'staff' if STAFF & {*roles} else 'customer'}:{email}"
    return {
        "access_token": tokens.access_token(settings().secret, actor, email, roles, now()),
        "expires_in": int(tokens.ACCESS_LIFETIME.total_seconds()),
        "roles": roles,
    }
