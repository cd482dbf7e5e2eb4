"""Signing in with a one-time code by mail (standard, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import ANYONE, Api, command
from services.common.basics.errors import Forbidden
from services.common.basics.shapes import Asked, Email, Example, Line
from services.support.api.parts import Accepted


class BadCode(Forbidden):
    """The code is wrong, used up or too old."""

    code = "bad_code"
    message = "This code is not right, used up or too old."


@dataclass(frozen=True)
class RequestSignIn(Asked):
    """The address to which the code is mailed."""

    email: Email


@dataclass(frozen=True)
class VerifySignIn(Asked):
    """Spaces in the code are ignored: mails show it in two groups."""

    email: Email
    code: Annotated[str, Line(20), Example("1234 5678")]


class SignedIn(TypedDict):
    """Who signed in, and as what."""

    email: str
    roles: Annotated[list[str], Example(["customer"])]


class SignIn(Api):
    """How people prove their address."""

    @command(roles=(ANYONE,))
    def request_sign_in(self, request: RequestSignIn) -> Accepted:
        """Have a one-time code sent.

        The answer is always the same; how many codes an address is sent is limited.
        """

    @command(roles=(ANYONE,), errors=(BadCode,), keyed=False)
    def verify_sign_in(self, request: VerifySignIn) -> SignedIn:
        """Exchange a code for an access token.

        A code is good once, for ten minutes and five tries; then, and for a wrong one, 403 `bad_code`.
        """
