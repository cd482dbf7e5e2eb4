"""Tokens that grant access, made here and read here.

access   the session of who signed in, with roles, for a quarter of an hour; support signs. Whether the session is good
         and which roles count now is asked of support; what the token says counts only while support cannot be asked
         An API key is exchanged for one, too, by the gateway: that says the key, its name, who made it and its roles
key      256 random bits that a shop's back end sends; support stores the hash
refresh  256 random bits that get the next access token; support stores the hash and the session
order    leave to act as the customer of one order: what the link in an e-mail carries. Good for 120 days: from the
         order to the end of the return window, even when the parcel comes late; each later mail has a new one. It has
         an id, by which it can be ended. Support signs those that it mails, the gateway the first
stream   leave to open the live stream of one order within a minute, for a browser's EventSource, which sends no
         header; the gateway signs
ticket   256 bits derived from the secret, the ticket and a serial, so that a lost mail can be sent again although
         only the token's hash is stored; the owner of tickets stores hash, expiry and revocation
form     stands for one form that is being written, so that what is sent for it can be counted, and tells its age
reply    what stands in the address to which a customer answers a mail: of one ticket or order, for one mailbox, good
         for 120 days; in lower case, since mail servers do not keep the case of letters
rating   one score for one ending of a ticket, as a mail offers it: leave to give that ticket one rating, and no more

Signed means that a change of one bit makes it worthless (`keys`). What follows from the secret is made with the first
of the platform's secrets and proven by any of them: a new one begins while the old one's tokens are about.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from services.common.basics import ids
from services.common.basics.untyped import Fields, JsonDict
from services.common.edge.keys import ACCESS, ORDER, STREAM, Signing, Verifying

ACCESS_LIFETIME = timedelta(minutes=15)
ORDER_LIFETIME = timedelta(days=120)
TICKET_LIFETIME = timedelta(days=30)
STREAM_LIFETIME = timedelta(minutes=1)
REPLY_LIFETIME = ORDER_LIFETIME
ACCESS_PREFIX, ORDER_PREFIX, TICKET_PREFIX, STREAM_PREFIX, REFRESH_PREFIX = "acc_", "ord_", "tic_", "str_", "ref_"
FORM_PREFIX, RATING_PREFIX = "frm_", "rat_"
KEY_PREFIX = "pledge_key_"
"""Scanners find keys that leaked by it: `pledge_key_[0-9a-f]{64}`."""
CHECKOUT = "checkout"
"""The id of the link that a guest is given when the order is placed; those that are mailed have ids of their own."""


class LinkClaims(NamedTuple):
    """What an order's token says: the order, and which of its links it is."""

    order_number: str
    link_id: str


class RatingClaims(NamedTuple):
    """What the token of a rating says: the ticket, which of its endings, and the score that was chosen, 1 to 5."""

    ticket_number: str
    cycle: int
    score: int


class Access(NamedTuple):
    """What an access token says: the session, and who that was with which roles when it was signed."""

    session_id: str
    email: str
    roles: list[str]


class KeyAccess(NamedTuple):
    """What the access token of an API key says: the key, who made it, and the roles that it has."""

    key_id: str
    name: str
    made_by: str
    roles: list[str]


def access_token(
    keys: Signing, access: Access | KeyAccess, now: datetime, lifetime: timedelta = ACCESS_LIFETIME
) -> str:
    """Sign the token that a signed-in person sends with each request, or that the gateway gets for an API key."""
    return ACCESS_PREFIX + keys.sign(ACCESS, access._asdict(), now + lifetime)


def read_access(keys: Verifying, token: str, now: datetime) -> Access | None:
    """Return the session and its owner, or None for a token that is expired, changed or not ours."""
    claims = _claims(keys, token, now, Access._fields)
    return None if claims is None else Access(*claims)


def read_key_access(keys: Verifying, token: str, now: datetime) -> KeyAccess | None:
    """Return what such a token says of an API key, or None for one that is expired, changed or not ours."""
    claims = _claims(keys, token, now, KeyAccess._fields)
    return None if claims is None else KeyAccess(*claims)


def _claims(keys: Verifying, token: str, now: datetime, names: tuple[str, ...]) -> list[Any] | None:
    """Return these claims of an access token; None where it is not good, or says something else."""
    claims = keys.read(ACCESS, token.removeprefix(ACCESS_PREFIX), now) or {}
    return [claims[name] for name in names] if {*names} <= {*claims} else None


def is_key(token: str) -> bool:
    """Return whether it has the form of an API key. Nothing is verified."""
    return _KEY.fullmatch(token) is not None


def order_token(keys: Signing, order_number: str, now: datetime, link_id: str = CHECKOUT) -> str:
    """Sign the token that the customer of one order sends; it needs no account."""
    return ORDER_PREFIX + keys.sign(ORDER, {"order": order_number, "link": link_id}, now + ORDER_LIFETIME)


def read_order(keys: Verifying, token: str, now: datetime) -> LinkClaims | None:
    """Return the order and the link, or None for a token that is expired, changed or not ours."""
    claims = keys.read(ORDER, token.removeprefix(ORDER_PREFIX), now)
    return None if claims is None else LinkClaims(str(claims["order"]), str(claims["link"]))


def stream_token(keys: Signing, order_number: str, caller: Fields, ends: datetime | None, now: datetime) -> str:
    """Return the token that opens the live stream of that order in the caller's name.

    ends: when the stream must end.
    """
    claims = {"order_number": order_number, "caller": dict(caller), "ends": ends and ends.timestamp()}
    return STREAM_PREFIX + keys.sign(STREAM, claims, now + STREAM_LIFETIME)


def read_stream(keys: Verifying, token: str, now: datetime) -> JsonDict | None:
    """Return `{order_number, caller, ends}`, or None for a token that is expired, changed or not ours."""
    claims = keys.read(STREAM, token.removeprefix(STREAM_PREFIX), now)
    return None if claims is None else {name: claims[name] for name in ("order_number", "caller", "ends")}


def ends_at(keys: Verifying, token: str, now: datetime) -> datetime | None:
    """Return when a signed token expires; None for one of another kind, and for one that is not good."""
    purpose = {ACCESS_PREFIX: ACCESS, ORDER_PREFIX: ORDER}.get(token[:4])
    claims = keys.read(purpose, token[4:], now) if purpose else None
    return datetime.fromtimestamp(claims["until"], UTC) if claims else None


def ticket_token(secret: str, ticket_number: str, serial: int) -> str:
    """Return the token of a ticket's link. A new serial gives a new token."""
    mac = hmac.new(secret.encode(), f"ticket\n{ticket_number}\n{serial}".encode(), hashlib.sha256).digest()
    return TICKET_PREFIX + base64.urlsafe_b64encode(mac).decode().rstrip("=")


def export_token(secret: str, number: str) -> str:
    """Return the token of the link to a copy of a person's data: 128 bits that follow from the request's number."""
    return hmac.new(secret.encode(), f"export\n{number}".encode(), hashlib.sha256).hexdigest()[:32]


def form_token(secret: str, form: str, until: datetime) -> str:
    """Return the token of a form: its name (hexadecimal), until when it is good, and what proves both."""
    ends = int(until.timestamp())
    return f"{FORM_PREFIX}{form}.{ends}.{_form_proof(secret, form, ends)}"


def read_form(secrets: tuple[str, ...], token: str, now: datetime) -> str | None:
    """Return the name of the form, or None for a token that is expired, changed or not ours."""
    ends = form_ends(secrets, token)
    return None if ends is None or ends <= now else token.removeprefix(FORM_PREFIX).partition(".")[0]


def form_ends(secrets: tuple[str, ...], token: str) -> datetime | None:
    """Return until when a form's token is good or was, or None for one that is changed or not ours."""
    found = _FORM.fullmatch(token)
    if found is None:
        return None
    ends = int(found[2])
    return datetime.fromtimestamp(ends, UTC) if _proven(_form_proof, secrets, found[3], found[1], ends) else None


def rating_token(secret: str, claims: RatingClaims) -> str:
    """Return the token of a score for one ending of a ticket. What it says stands in it, with what proves it."""
    number, cycle, score = claims
    return f"{RATING_PREFIX}{number}.{cycle}.{score}.{_rating_proof(secret, claims)}"


def read_rating(secrets: tuple[str, ...], token: str) -> RatingClaims | None:
    """Return the ticket, the ending and the score, or None for a token that is changed or not ours."""
    found = _RATING.fullmatch(token)
    if found is None:
        return None
    claims = RatingClaims(found[1], int(found[2]), int(found[3]))
    return claims if _proven(_rating_proof, secrets, found[4], claims) else None


def _rating_proof(secret: str, claims: RatingClaims) -> str:
    text = "\n".join(map(str, ("rating", *claims)))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _form_proof(secret: str, form: str, ends: int) -> str:
    return hmac.new(secret.encode(), f"form\n{form}\n{ends}".encode(), hashlib.sha256).hexdigest()


_KEY = re.compile(rf"{KEY_PREFIX}[0-9a-f]{{64}}", re.ASCII)
_RATING = re.compile(rf"{RATING_PREFIX}([0-9A-Z-]{{1,20}})\.([1-9][0-9]{{0,5}})\.([1-5])\.([0-9a-f]{{32}})", re.ASCII)
_FORM = re.compile(rf"{FORM_PREFIX}([0-9a-f]{{32}})\.([0-9]{{1,12}})\.([0-9a-f]{{64}})", re.ASCII)


def reply_token(secret: str, number: str, recipient: str, now: datetime) -> str:
    """Return the token of the address to which the recipient answers about that ticket or order."""
    day = int((now + REPLY_LIFETIME).timestamp() // _DAY)
    plain = number.replace("-", "").lower()
    return f"{plain}{day:04x}{_reply_proof(secret, plain, day, recipient)}"


def number_of_reply(token: str) -> str | None:
    """Return the number that such a token names, which proves nothing; None for what is none."""
    found = _REPLY.fullmatch(token.lower())
    if found is None:
        return None
    prefix, chars = found[1][:3].upper(), found[1][3:].upper()
    number = f"{prefix}-{chars[:4]}-{chars[4:8]}-{chars[8:]}"
    return number if ids.is_number(number, prefix) else None


def proves_reply(secrets: tuple[str, ...], token: str, recipient: str, now: datetime) -> bool:
    """Return whether we gave that token to the recipient, and it is not too old."""
    found = _REPLY.fullmatch(token.lower())
    if found is None or int(found[2], 16) * _DAY <= now.timestamp():
        return False
    return _proven(_reply_proof, secrets, found[3], found[1], int(found[2], 16), recipient)


def _reply_proof(secret: str, plain: str, day: int, recipient: str) -> str:
    """Return 128 bits, as 26 letters and digits."""
    told = f"reply\n{plain}\n{day}\n{recipient}"
    mac = hmac.new(secret.encode(), told.encode(), hashlib.sha256).digest()[:16]
    return base64.b32encode(mac).decode().rstrip("=").lower()


_DAY = 86_400
_REPLY = re.compile(r"((?:tic|ord)[0-9a-z]{9})([0-9a-f]{4})([a-z2-7]{26})", re.ASCII)


def _proven(make: Callable[..., str], secrets: tuple[str, ...], proof: str, *about: object) -> bool:
    """Return whether one of these secrets makes that proof: the one that is in use, or one before it."""
    return any([hmac.compare_digest(make(secret, *about), proof) for secret in secrets])


def token_hash(token: str) -> str:
    """Return the hash of a token, the only form in which those of tickets, sessions and keys are stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
