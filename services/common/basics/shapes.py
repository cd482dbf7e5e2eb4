"""What a declared field may hold: markers for `Annotated`, and the shapes that every service uses.

    quantity: Quantity                                   # a shape of this module
    note: Annotated[str, Text(4000), Note("for staff")]  # a marker, and what the API document says of the field
    reason: Annotated[str, Line(500)] | None = None      # may be left out, or null
    language: Annotated[str, Line(9), Nullable()] = "en" # may be left out, null or empty; null is refused without it

A request is a frozen dataclass. What its fields must fulfil together is declared (`rules`), or checked in
`__post_init__`, which raises `Wrong`; so a request object that exists is valid. A reply is a TypedDict of JSON: money
and times are already text. `edge.schemas` derives the marshmallow schemas, and with them the API document. This module
knows no library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Generic, NotRequired, TypedDict, TypeVar

from services.common.basics import ids
from services.common.basics.money import CURRENCY, Money

T = TypeVar("T")


class Wrong(ValueError):
    """What is wrong with a request as a whole, or by field: `Wrong("Either a or b.")`, `Wrong({"a": "Needed."})`."""

    def __init__(self, complaint: str | Mapping[str, str]):
        super().__init__(str(complaint))
        self.complaint = complaint


class Asked:
    """The base of requests that guests make: guests with different addresses may use the same idempotency key.

    asker: the address of who asks, as they say, which proves nothing; the field `email`, unless a request overrides it.
    """

    @property
    def asker(self) -> str:
        return str(getattr(self, "email", ""))


# markers


@dataclass(frozen=True)
class Line:
    """One line of text, stripped, without control characters; `min` to `max` characters."""

    max: int = 200
    min: int = 1


@dataclass(frozen=True)
class Text:
    """Text of several lines (LF), otherwise like `Line`."""

    max: int = 10_000
    min: int = 1


@dataclass(frozen=True)
class Between:
    """A whole number from `min` to `max`; never a float, a text or a truth value."""

    min: int
    max: int


@dataclass(frozen=True)
class Length:
    """At least and at most so many items. The length is checked before anything in the list is loaded."""

    min: int
    max: int


@dataclass(frozen=True)
class Pattern:
    """A regular expression that the whole text must match, in the part of the syntax that JavaScript reads too."""

    regex: str
    complaint: str


@dataclass(frozen=True)
class Code:
    """A code as labels and lists have it: blanks at its ends count for nothing, nor what cannot be seen there."""


@dataclass(frozen=True)
class Number:
    """One of our public numbers, its check character included (`basics.ids`)."""

    prefix: str


@dataclass(frozen=True)
class EmailAddress:
    """An e-mail address by its form, lower case, at most 254 characters."""


@dataclass(frozen=True)
class CountryCode:
    """ISO 3166-1 alpha-2, upper case."""


@dataclass(frozen=True)
class Except:
    """These values of the enumeration are not for callers to say."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class ZoneName:
    """A time zone by its IANA name, `Europe/London`; what is none (`Etc/Unknown`) is taken for left out."""


@dataclass(frozen=True)
class LanguageTag:
    """A language by its tag, `pt-BR`; what is none (`und`, `C`) is taken for left out."""


@dataclass(frozen=True)
class Format:
    """The `format` of a text in a reply, for the API document."""

    name: str


@dataclass(frozen=True)
class Nullable:
    """Accept JSON null, and an empty text, like leaving the field out: the default, whatever it is.

    A field that may be None takes null without it.
    """


@dataclass(frozen=True)
class Seen:
    """The version that the caller saw. Over HTTP it is the body's `version` or the If-Match header."""


@dataclass(frozen=True)
class Note:
    """What the API document says of the field."""

    text: str


@dataclass(frozen=True)
class Example:
    """A value that works, for the API document."""

    value: object


# shapes of requests

UPLOAD_LINK = r"/v1/uploads/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""The address of a file that was sent here before (POST /v1/uploads)."""

OrderNumber = Annotated[str, Number(ids.ORDER), Example(ids.number(ids.ORDER, 0))]
ReturnNumber = Annotated[str, Number(ids.RETURN), Example(ids.number(ids.RETURN, 0))]
_NOT_TEXT = r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\uf8ff\ufeff\ufff0-\uffff"
_NOT_IN_SKUS = rf'"%<>\\\x7f-\xa0{_NOT_TEXT}'
SKU_PATTERN = (
    rf"[^\x00-/:-@\[-`{{-\xbf{_NOT_TEXT}]"  # a letter or digit of any script
    rf"([^\x00-\x1f{_NOT_IN_SKUS}]{{0,62}}[^\x00-\x20{_NOT_IN_SKUS}])?"
)
"""1 to 64 characters: ABC/123, TS 01 L, CAB.S&M.10, ÄB-1, SKU+1; no control characters, quotes and percent signs."""

DEFAULT_PLACE = "main"
PLACE_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
PlaceCode = Annotated[str, Line(20), Pattern(PLACE_PATTERN, "Not the code of a place."), Example("berlin")]
"""The code of a stock place. What is not said to be elsewhere is at the default one."""
Sku = Annotated[str, Code(), Pattern(SKU_PATTERN, "Not a SKU."), Example("MUG-CLAY-350")]
Quantity = Annotated[int, Between(1, 999), Example(2)]
Email = Annotated[str, EmailAddress(), Example("ada@example.com")]
Country = Annotated[str, CountryCode(), Example("GB")]
Cursor = Annotated[str, Line(400), Note("`next_cursor` of the page before")]
Limit = Annotated[int, Between(1, 100), Note("items in a page"), Example(20)]
Version = Annotated[int, Between(1, 2**31 - 1), Seen(), Note("refuse if it is another one; or send If-Match")]


@dataclass(frozen=True)
class PageQuery:
    """The query of every list; lists that can be filtered add their fields."""

    limit: Limit = 20
    cursor: Cursor | None = None


# shapes of replies

Timestamp = Annotated[str, Format("date-time"), Example("2026-03-02T09:30:00Z")]


class MoneyView(TypedDict):
    """An exact amount."""

    amount: Annotated[str, Pattern(r"-?\d+\.\d{2}", "Not an amount."), Example("12.34")]
    currency: Annotated[str, Example("USD")]


def money_view(amount: Money) -> MoneyView:
    """Show an amount as replies do."""
    return {"amount": str(amount), "currency": CURRENCY}


class Verdict(StrEnum):
    """Whether a promise was kept, or can still be."""

    RUNNING = "running"
    PAUSED = "paused"
    KEPT = "kept"
    BREACHED = "breached"
    RECALLED = "recalled"  # what was promised is wanted no more: neither kept nor broken


class BreachCause(StrEnum):
    """With whom the time was lost when a promise was broken, as far as facts say it."""

    WAREHOUSE = "warehouse"
    CARRIER = "carrier"
    CUSTOMS = "customs"
    CUSTOMER = "customer"
    PROVIDER = "provider"  # of payments, or the bank behind it
    PLATFORM = "platform"  # the shop and its leads, reviewers and after-sales team
    SUPPORT = "support"
    UNKNOWN = "unknown"  # the facts do not say


class CommitmentView(TypedDict):
    """A promise on its clock. `status` is the verdict now; times that are not known yet are left out."""

    kind: str
    subject: str
    started_at: Timestamp
    due_at: Timestamp
    status: Verdict
    earliest_at: NotRequired[Timestamp]
    stopped_at: NotRequired[Timestamp]
    provisional: NotRequired[bool]
    calendar: NotRequired[str]
    calendar_version: NotRequired[str]
    zone: NotRequired[str]
    terms_version: NotRequired[str]
    cause: NotRequired[Annotated[BreachCause, Note("with whom the time was lost; for staff, of a broken promise")]]


class Page(TypedDict, Generic[T]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None
