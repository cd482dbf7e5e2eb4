"""Signing in with a one-time code by mail, what becomes of it, and a second factor (standard, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.errors import Forbidden, NotFound
from services.common.basics.shapes import Asked, Email, Example, Line, Note, Timestamp
from services.support.api.factors import ANYBODY, BadSecondFactor, NoSession, ShownPasskey
from services.support.api.parts import Accepted

Token = Annotated[str, Line(128)]


class BadCode(Forbidden):
    """The code is wrong, used up or too old, or another browser asked for it."""

    code = "bad_code"
    message = "This code is not right, used up or too old, or another browser asked for it."


class SecondFactorRequired(Forbidden):
    """The code is right; this person must show a second factor too. The code stays good.

    details: passkeys, for `navigator.credentials.get`: challenge, host, known; one_time_password, whether there is one.
    """

    code = "second_factor_required"
    message = "Send the same code again, with your passkey, the one-time password of your app or a recovery code."


class SessionOver(Forbidden):
    """The session was ended, or not used for too long."""

    code = "session_over"
    message = "This session is over: sign in again."


class SessionNotFound(NotFound):
    """There is no session of this id, or it is another person's."""

    code = "session_not_found"
    message = "You have no such session."


class SecondFactor(StrEnum):
    """How a session stands to the second factor."""

    NONE = "none"  # there is none
    PASSED = "passed"  # it was shown
    ENROL = "enrol"  # the roles admin and lead wait until one is set up
    MISSING = "missing"  # there is one, which this session did not show: sign in again


@dataclass(frozen=True)
class RequestSignIn(Asked):
    """The address to which the code is mailed."""

    email: Email


class SignInRequested(TypedDict):
    """The answer looks the same whether the address is known or not."""

    request: Annotated[str, Note("send it back with the code: the code is good in this browser only")]


@dataclass(frozen=True)
class VerifySignIn(Asked):
    """Spaces in the code are ignored: mails show it in two groups.

    request: from the answer to POST /v1/sign-in. browser: from an earlier answer, if there was one. device: what the
    session is called in your list; without it, what the browser calls itself.
    """

    email: Email
    code: Annotated[str, Line(20), Example("1234 5678")]
    request: Token
    one_time_password: Annotated[str, Line(40), Note("of the app, or a recovery code")] | None = None
    passkey: ShownPasskey | None = None
    browser: Token | None = None
    device: Annotated[str, Line(200)] | None = None


@dataclass(frozen=True)
class RefreshSession:
    """The refresh token stays the same as long as the session is good."""

    refresh_token: Token


class SignedIn(TypedDict):
    """Who signed in, and as what. Send the access token as `Authorization: Bearer …` with each request."""

    email: str
    roles: Annotated[list[str], Example(["customer"])]
    access_token: str
    expires_in: Annotated[int, Note("seconds")]
    refresh_token: Annotated[str, Note("gets the next access token; keep it to yourself")]
    session_id: str
    browser: Annotated[str, Note("send it when you sign in again, so that this browser is known")]
    second_factor: SecondFactor


class Refreshed(TypedDict):
    """The next access token, and the roles as they are now."""

    email: str
    roles: Annotated[list[str], Example(["customer"])]
    access_token: str
    expires_in: Annotated[int, Note("seconds")]
    session_id: str
    second_factor: SecondFactor


class SessionCheck(TypedDict):
    """Whose session it is, and the roles that count in it now."""

    email: str
    roles: list[str]


class SessionView(TypedDict):
    """Where a person is signed in."""

    id: str
    device: str
    created_at: Timestamp
    used_at: Annotated[Timestamp, Note("when an access token was last got")]
    ends_at: Annotated[Timestamp, Note("when it is over unless it is used")]
    current: bool
    second_factor: bool


class SessionList(TypedDict):
    items: list[SessionView]


class SignIn(Api):
    """How people prove who they are, and how they leave."""

    @command(roles=(ANYONE,), keyed=False)
    def request_sign_in(self, request: RequestSignIn) -> SignInRequested:
        """Have a one-time code sent.

        How many codes an address is sent is limited; beyond that, the newest code that was sent is the one to enter.
        """

    @command(roles=(ANYONE,), errors=(BadCode, SecondFactorRequired, BadSecondFactor), keyed=False)
    def verify_sign_in(self, request: VerifySignIn) -> SignedIn:
        """Exchange a code for a session.

        A code is good once, for ten minutes, in the browser that asked for it, which has five tries; then, and for a
        wrong one, 403 `bad_code`. Who has a second factor is answered 403 `second_factor_required`, with the challenge
        for a passkey, and sends the code again with the passkey's answer or a one-time password. A sign-in from a
        browser that was not seen before is told by mail.
        """

    @command(roles=(ANYONE,), errors=(SessionOver,), keyed=False)
    def refresh_session(self, request: RefreshSession) -> Refreshed:
        """Get the next access token of a session, which is good for a quarter of an hour.

        A session of staff ends after 8 hours without use and after 24 in all, a customer's after 30 and 90 days.
        """

    @query(roles=(ANYONE,), errors=(SessionOver,))
    def check_session(self, session_id: str) -> SessionCheck:
        """Say whose session it is and which roles count in it now."""

    @query(roles=ANYBODY, errors=(NoSession,))
    def list_sessions(self) -> SessionList:
        """List where you are signed in, the newest first."""

    @command(roles=ANYBODY, errors=(NoSession, SessionNotFound))
    def end_session(self, session_id: str) -> Accepted:
        """End one of your sessions; its tokens are worth nothing from then on."""

    @command(roles=ANYBODY, errors=(NoSession,))
    def end_sessions(self) -> Accepted:
        """End all your sessions, this one too."""

    @command(roles=ANYBODY, errors=(NoSession,))
    def sign_out(self) -> Accepted:
        """End this session."""
