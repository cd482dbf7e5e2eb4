"""The second factor: one-time passwords of an app, passkeys, and the codes that stand in for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import ANY_STAFF, CUSTOMER
from services.common.basics.errors import Conflict, Forbidden, NotFound
from services.common.basics.shapes import Example, Line, Note, Pattern, Timestamp
from services.support.api.parts import Accepted

ANYBODY = (CUSTOMER, *ANY_STAFF)
Bytes = Annotated[str, Pattern("[A-Za-z0-9_-]{1,8192}", "Not base64url."), Example("AQID")]
CredentialId = Annotated[str, Pattern("[A-Za-z0-9_-]{1,1400}", "Not base64url."), Example("AQID")]


class NoSession(Forbidden):
    """Who asks came by a link, not by signing in."""

    code = "sign_in_required"
    message = "Sign in first."


class BadPasskey(Forbidden):
    """The device's answer is not right: it was made for another page, another time, or by another key."""

    code = "bad_passkey"
    message = "This passkey was not taken. Begin again, on this page."


class PasskeyNotFound(NotFound):
    """The caller has no such passkey."""

    code = "passkey_not_found"
    message = "You have no such passkey."


class TooManyPasskeys(Conflict):
    """A person has ten at most."""

    code = "too_many_passkeys"
    message = "You have ten passkeys: remove one first."


class NoFactorBegun(Conflict):
    """There is no second factor that waits to be confirmed."""

    code = "no_factor_begun"
    message = "Begin with POST /v1/second-factor or /v1/second-factor/passkeys."


class FactorNeedsFactor(Forbidden):
    """A second factor is there, and this session did not show it."""

    code = "second_factor_required"
    message = "Sign in with your second factor before you change it."


class BadSecondFactor(Forbidden):
    """The second factor is wrong, used before, or there were too many wrong ones."""

    code = "bad_second_factor"
    message = (
        "This one-time password or passkey is not right, was used before, or there were too many wrong ones: wait "
    )
    message += "for the next one, or a quarter of an hour."


class BegunFactor(TypedDict):
    """What an app for one-time passwords (TOTP, RFC 6238) is told; it is shown once."""

    secret: str
    uri: Annotated[str, Note("the same as an otpauth:// address")]
    qr_code: Annotated[str, Note("the address as a QR code: an SVG picture in a data: address")]


@dataclass(frozen=True)
class ConfirmFactor:
    """What the app shows now."""

    one_time_password: Annotated[str, Line(20), Example("123456")]


class RecoveryCodes(TypedDict):
    """Each stands in once for the second factor; they are shown once. Keep them where the phone is not."""

    recovery_codes: list[str]


class BegunPasskey(TypedDict):
    """What a browser's `navigator.credentials.create` is told; bytes are base64url."""

    challenge: str
    host: Annotated[str, Note("`rp.id`")]
    user_id: str
    user_name: str
    algorithms: list[int]
    known: Annotated[list[str], Note("credentials that you have, for `excludeCredentials`")]


@dataclass(frozen=True)
class ConfirmPasskey:
    """What the browser answered, and what you call it. id: the credential's."""

    name: Annotated[str, Line(60), Example("My phone")]
    id: CredentialId
    client_data: Bytes
    attestation: Bytes


@dataclass(frozen=True)
class ShownPasskey:
    """What a browser's `navigator.credentials.get` answered; the challenge is in the refusal that asked for it."""

    id: CredentialId
    client_data: Bytes
    authenticator_data: Bytes
    signature: Bytes


class PasskeyView(TypedDict):
    """A passkey, by the name that its owner gave it."""

    id: str
    name: str
    created_at: Timestamp
    used_at: Annotated[str | None, Note("when it was last used to sign in")]


class NewPasskey(PasskeyView):
    """The passkey; with the first second factor, recovery codes."""

    recovery_codes: Annotated[list[str], Note("shown once; none where you have some")]


class FactorList(TypedDict):
    """What stands in your way, and in a stranger's, when you sign in."""

    one_time_password: bool
    passkeys: list[PasskeyView]
    recovery_codes_left: int


class Factors(Api):
    """What people show besides the code from their mailbox."""

    @query(roles=ANYBODY, errors=(NoSession,))
    def list_factors(self) -> FactorList:
        """List your second factors."""

    @command(roles=ANYBODY, errors=(NoSession, FactorNeedsFactor), keyed=False)
    def begin_factor(self) -> BegunFactor:
        """Begin to set up a second factor: an app that shows one-time passwords.

        It counts when it is confirmed. Who has one needs a session that has shown it, and gets a new one.
        """

    @command(roles=ANYBODY, errors=(NoSession, NoFactorBegun, BadSecondFactor, FactorNeedsFactor), keyed=False)
    def confirm_factor(self, request: ConfirmFactor) -> RecoveryCodes:
        """Confirm the second factor with what the app shows; this session counts as having shown it."""

    @command(roles=ANYBODY, errors=(NoSession, FactorNeedsFactor, TooManyPasskeys), keyed=False)
    def begin_passkey(self) -> BegunPasskey:
        """Begin to set up a passkey: a key that this device, or a security key, keeps.

        Confirm it within ten minutes. Who has a second factor needs a session that has shown it.
        """

    @command(roles=ANYBODY, errors=(NoSession, NoFactorBegun, BadPasskey, FactorNeedsFactor), keyed=False)
    def confirm_passkey(self, request: ConfirmPasskey) -> NewPasskey:
        """Confirm a passkey with what the browser answered; this session counts as having shown it."""

    @command(roles=ANYBODY, errors=(NoSession, PasskeyNotFound, FactorNeedsFactor))
    def remove_passkey(self, passkey_id: str) -> Accepted:
        """Remove one of your passkeys.

        With the last second factor the recovery codes go, and roles that need one wait for the next.
        """
