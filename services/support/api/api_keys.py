"""Keys by which the shop's own systems ask the API, beside the sessions of people.

    Authorization: Bearer pledge_key_<64 hex digits>

A key has roles of staff, but never those of leads and admins, and no mailbox: it cannot sign in, give a customer's
consent, or change staff, sessions and keys. What it does is recorded as `key:NAME:MAKER`. Where two people are needed,
who made a key and the key are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, TypedDict

from services.common.basics import caller
from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import ADMIN
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.basics.events import Event
from services.common.basics.shapes import Example, Length, Line, Note, Pattern, Timestamp
from services.support.api.parts import Accepted


class KeyRole(StrEnum):
    """What a key may do: as the staff of that role."""

    AGENT = caller.AGENT
    REVIEWER = caller.REVIEWER
    WAREHOUSE = caller.WAREHOUSE
    AFTERSALES = caller.AFTERSALES


class KeyEnd(StrEnum):
    """Why a key is good no more. maker_left: who made it is no admin any more."""

    BY_ADMIN = "by_admin"
    MAKER_LEFT = "maker_left"


class ApiKeyNotFound(NotFound):
    """There is no such key, or no longer."""

    code = "api_key_not_found"
    message = "There is no such API key, or no longer."


class ApiKeyNameTaken(Conflict):
    """Another key has this name: by its name it stands in the journal."""

    code = "api_key_name_taken"
    message = "There is an API key of this name: choose another name, or end that one first."


class TooManyApiKeys(Conflict):
    """There are as many keys as there can be."""

    code = "too_many_api_keys"
    message = "There are as many API keys as there can be: end one first."


class KeyEndsInPast(Invalid):
    """The key would be over before it is used."""

    code = "key_ends_in_past"
    message = "The end of an API key must lie ahead."


class KeyNameTooLong(Invalid):
    """A key stands where staff stand by their mailbox, by its name and the mailbox of who made it."""

    code = "key_name_too_long"
    message = "Together with your own mailbox this name is too long: choose a shorter one."


class KeyOver(Forbidden):
    """The key was ended, or its time is over."""

    code = "key_over"
    message = "This API key is good no more."


KeyId = Annotated[str, Line(36), Example("01a20741-af0f-78bd-abd5-59d22ef0d5df")]
KeyName = Annotated[
    str,
    Line(32),
    Pattern(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", "Not a name of lower-case letters, digits and hyphens."),
    Example("stock-system"),
    Note("lower-case letters, digits and hyphens; it stands in the journal"),
]


@dataclass(frozen=True)
class MakeApiKey:
    """ends_at: when the key is over by itself; without it, when it is ended."""

    examples: ClassVar[Mapping[str, object]] = {
        "the stock system": {"name": "stock-system", "roles": ["warehouse"], "ends_at": "2099-12-31T23:59:59Z"}
    }

    name: KeyName
    roles: Annotated[list[KeyRole], Length(1, 4), Example(["warehouse"])]
    ends_at: datetime | None = None


class ApiKeyView(TypedDict):
    """A key; its secret is not kept."""

    id: KeyId
    name: str
    roles: list[KeyRole]
    made_at: Timestamp
    made_by: str
    ends_at: Timestamp | None
    over: Annotated[bool, Note("its time is over: remove it")]
    used_at: Annotated[Timestamp | None, Note("when it was last used, to the day; null: never")]


class ApiKeyList(TypedDict):
    items: list[ApiKeyView]


class NewApiKey(TypedDict):
    """A new key with its secret, which is shown this once."""

    key: ApiKeyView
    secret: Annotated[str, Example("pledge_key_" + "0" * 64)]


class KeyCheck(TypedDict):
    """An access token for a key, with the roles that it has now."""

    id: KeyId
    access_token: str


@dataclass(frozen=True, kw_only=True)
class ApiKeyMade(Event):
    """An admin made a key for a system of the shop; the entry's actor says who."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "key_id"
    followed: ClassVar[bool] = False

    key_id: str
    name: str
    roles: list[str]
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ApiKeyEnded(Event):
    """A key is worth nothing from now on."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "key_id"
    followed: ClassVar[bool] = False

    key_id: str
    name: str
    reason: KeyEnd


class ApiKeys(Api):
    """Keys by which the shop's own systems ask."""

    @query(roles=(ADMIN,))
    def list_api_keys(self) -> ApiKeyList:
        """List the keys of the shop's systems, by name."""

    @command(roles=(ADMIN,), errors=(ApiKeyNameTaken, TooManyApiKeys, KeyEndsInPast, KeyNameTooLong), keyed=False)
    def make_api_key(self, wish: MakeApiKey) -> NewApiKey:
        """Make a key, whose secret is shown this once. All admins are told by mail.

        It is good until it is ended, its time is over, or who made it is no admin any more. A repeat is refused for
        its name: of a key whose secret was lost on the way nothing is left but to end it and to make another.
        """

    @command(roles=(ADMIN,), errors=(ApiKeyNotFound,))
    def end_api_key(self, key_id: KeyId) -> Accepted:
        """End a key. It is refused from then on."""

    @command(roles=(ANYONE,), errors=(KeyOver,), keyed=False)
    def check_api_key(self, secret_hash: str) -> KeyCheck:
        """Exchange the hash of a key for an access token, which says its roles now; note that it was used."""
