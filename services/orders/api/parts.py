"""Values that requests, events and the domain share, and how replies show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, NotRequired, TypedDict

from services.common.basics.money import ZERO, Money
from services.common.basics.personal import Personal, PersonalText
from services.common.basics.shapes import (
    DEFAULT_PLACE,
    Country,
    Email,
    Example,
    LanguageTag,
    Line,
    MoneyView,
    Note,
    Nullable,
    Quantity,
    Sku,
    ZoneName,
)
from services.orders.api.statuses import CheckName, CheckResult


@dataclass(frozen=True)
class Contact:
    """How the customer is reached, in their language and time zone.

    What browsers send for a language or zone that they do not know is as if it was left out.
    """

    name: Annotated[str, Personal(), Line(120), Example("Ada Lovelace")]
    email: Annotated[Email, Personal()]
    phone: Annotated[str, Personal(), Line(40), Example("+44 20 7946 0018")]
    language: Annotated[str, LanguageTag(), Nullable(), Note("else English"), Example("en")] = "en"
    time_zone: Annotated[
        str, ZoneName(), Nullable(), Note("IANA name; else that of the address"), Example("Europe/London")
    ] = ""


@dataclass(frozen=True)
class Address:
    """Where the goods go; `country` is ISO 3166-1 alpha-2, or one of AC, TA and XK.

    What is needed hangs on the country: Singapore has no city beside it, Hong Kong no postal code, the United States
    want a state. What is missing or unusual is asked about after the payment; a city that is needed is asked for now.
    """

    name: Annotated[str, Personal(), Line(120), Example("Ada Lovelace")]
    line1: Annotated[str, Personal(), Line(200), Example("12 St James's Square")]
    city: Annotated[str, Personal(), Line(120, min=0), Nullable(), Example("London")] = ""
    postal_code: Annotated[str, Personal(), Line(20, min=0), Nullable(), Example("SW1Y 4JH")] = ""
    country: Country = field(kw_only=True)
    line2: Annotated[str, Personal(), Line(200, min=0), Nullable()] = ""
    region: Annotated[str, Personal(), Line(120, min=0), Nullable(), Note("state, province, prefecture …")] = ""
    company: Annotated[str, Personal(), Line(120, min=0), Nullable()] = ""


@dataclass(frozen=True)
class LineTax:
    """The tax that is included in what the units of a line cost: of each of its `units`.

    jurisdiction: the country that it goes to. rate: in percent, "19.00". number: the shop's with its tax office.
    """

    jurisdiction: str
    rate: str
    number: str
    amounts: tuple[Money, ...]


@dataclass(frozen=True)
class BoughtLine:
    """What is left of a line of an order. `paid` is what each of its `units` cost the customer."""

    line_id: int
    sku: str
    title: str
    quantity: int
    unit_price: Money
    units: tuple[int, ...]
    paid: tuple[Money, ...]
    weight_g: int
    hs_code: str | None
    origin_country: str
    tax: LineTax | None = None

    @property
    def reduction(self) -> Money:
        """What its units cost less than their price."""
        return Money.total(self.unit_price - paid for paid in self.paid)


@dataclass(frozen=True)
class LineLeft:
    """What an option would leave of a line."""

    line_id: int
    sku: str
    title: str
    quantity: int


@dataclass(frozen=True)
class RemovedUnits:
    """Units that an accepted change took out of a line."""

    line_id: int
    sku: str
    quantity: int
    units: tuple[int, ...]


@dataclass(frozen=True)
class ShipmentPart:
    """Which pieces of an order one of its shipments brings, and from which stock place."""

    shipment_number: str
    lines: tuple[RemovedUnits, ...]
    place: str = DEFAULT_PLACE


@dataclass(frozen=True)
class PiecesBack:
    """So many pieces of a product that came back to us."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Totals:
    """Shipping and duties are always 0.00 (standard, section 3). goods: after the discount. tax: included in it."""

    goods: Money
    shipping: Money
    duties: Money
    total: Money
    discount: Money = ZERO
    tax: Money = ZERO


@dataclass(frozen=True)
class AppliedDiscount:
    """The discount that an order was placed with, and what it took off in all. percent: None for an amount."""

    code: str
    percent: int | None
    amount: Money


@dataclass(frozen=True)
class ReturnPolicy:
    """The return policy under which an order was placed, and its days."""

    version: str
    days: int


@dataclass(frozen=True)
class ReportedAmount:
    """What a provider says it took, in whatever currency it says."""

    amount: str
    currency: str


@dataclass(frozen=True)
class OfferedOption:
    """One of the choices of a change request, as the customer sees it."""

    option: str
    label: PersonalText
    lines_after: tuple[LineLeft, ...]
    refund: Money


@dataclass(frozen=True)
class Consent:
    """Proof that the customer wants it: who, when, how, and the digest of exactly what was shown."""

    by: PersonalText
    at: str
    how: str
    option: str
    digest: str


@dataclass(frozen=True)
class Finding:
    """The result of one check of a review, and what it was judged by."""

    check: CheckName
    result: CheckResult
    evidence: Annotated[str, Personal(), Line(1000)]


@dataclass(frozen=True)
class WantedLine:
    """So many pieces of a product."""

    sku: Sku
    quantity: Quantity


# how replies show them


class ContactView(TypedDict):
    name: str
    email: str
    phone: str
    language: str
    time_zone: str


class AddressView(TypedDict):
    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    line2: str
    region: str
    company: NotRequired[Annotated[str, Note("orders placed before there was the field do not have it")]]


class AppliedDiscountView(TypedDict):
    """The discount that an order was placed with. amount: what it took off then, in all."""

    code: str
    percent: int | None
    amount: MoneyView


class LineTaxView(TypedDict):
    """The tax that is included in what the units of a line cost. amounts: of each of its `units`."""

    jurisdiction: Annotated[str, Example("DE")]
    rate: Annotated[str, Note("in percent"), Example("19.00")]
    number: Annotated[str, Note("the shop's, with the tax office there"), Example("DE123456789")]
    amounts: list[MoneyView]


class OrderLineView(TypedDict):
    """What is left of a line; `paid` is what each of its `units` cost, after a discount."""

    line_id: int
    sku: str
    title: str
    quantity: int
    unit_price: MoneyView
    units: list[int]
    paid: list[MoneyView]
    weight_g: int
    hs_code: str | None
    origin_country: str
    discount: NotRequired[Annotated[MoneyView, Note("what its units cost less than their price")]]
    tax: NotRequired[Annotated[LineTaxView | None, Note("included in `paid`")]]


class LineLeftView(TypedDict):
    line_id: int
    sku: str
    title: str
    quantity: int
