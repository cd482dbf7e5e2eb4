"""Signing in with a one-time code from an e-mail; roles are those that support knows for the address."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import fields

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer, Line, Strict
from services.common.basics.api import ANYONE
from services.common.basics.caller import STAFF
from services.common.basics.clock import now
from services.common.edge import tokens
from services.common.edge.fields import EmailAddress

blp = Resource("sign-in", "One-time codes by e-mail, and what they are exchanged for")


class SignIn(Strict):
    email = EmailAddress(required=True)


class VerifySignIn(Strict):
    email = EmailAddress(required=True)
    code = Line(20, required=True, metadata={"example": "1234 5678"})


class Accepted(Answer):
    """The same whether the address is known or not."""


class Session(Answer):
    """Send the token as `Authorization: Bearer …` with each request."""

    access_token = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})
    roles = fields.List(fields.String(), required=True, metadata={"example": ["customer"]})


@blp.route("/sign-in", methods=["POST"])
@blp.allows(ANYONE)
@blp.takes(SignIn)
@blp.answers(202, Accepted)
def request_sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Have a one-time code sent.

    The answer is always the same; how many codes an address is sent is limited.
    """
    reply: dict[str, Any] = services().support.request_sign_in(body)
    return reply


@blp.route("/sign-in/verify", methods=["POST"])
@blp.allows(ANYONE)
@blp.takes(VerifySignIn)
@blp.answers(200, Session)
def verify_sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Exchange a code for an access token.

    A code is good once, for ten minutes and five tries; then, and for a wrong one, 403 `bad_code`.
    """
    person = services().support.verify_sign_in(body)
    email, roles = person["email"], person["roles"]
    actor = f"{'staff' if STAFF & {*roles} else 'customer'}:{email}"
    token = tokens.access_token(current_app.config["PLEDGE"].secret, actor, email, roles, now())
    return {
        "access_token": token,
        "expires_in": int(tokens.ACCESS_LIFETIME.total_seconds()),
        "roles": roles,
    }
