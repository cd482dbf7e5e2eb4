"""Where we ship to, and how addresses are written there (standard, section 3: global shipping)."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from services.common.basics.api import ANYONE, Api, query
from services.common.basics.errors import NotFound
from services.common.basics.shapes import Example, Note, Page, Timestamp

PartName = Literal["name", "company", "line1", "line2", "city", "region", "postal_code"]


class DestinationNotFound(NotFound):
    """A country that is none, or that we do not ship to."""

    code = "destination_not_found"
    message = "We do not ship to that country."


class DestinationView(TypedDict):
    """A country that we ship to."""

    country: Annotated[str, Example("DE")]
    name: Annotated[str, Note("in English and capitals, as on an envelope"), Example("GERMANY")]


class AddressPartView(TypedDict):
    """One part of an address: the field of the order's `delivery` that it goes to, and what people call it there."""

    field: PartName
    label: Annotated[str, Example("Postal code")]
    required: Annotated[bool, Note("what is missing is asked about after the payment, or refused")]


class RegionChoice(TypedDict):
    """A state, province or the like; `code` is what to send."""

    code: Annotated[str, Example("CA")]
    name: Annotated[str, Example("California")]


class AddressForm(DestinationView):
    """How an address is written in a country.

    parts               in the order in which the country's post writes them
    regions             to choose from; empty: any text, or nothing
    postal_code_form    a regular expression, case does not matter; null where none is known
    postal_code_examples, phone_prefix  to be shown beside the fields
    review_by           when the review of an order that is paid now ends at the latest
    """

    parts: list[AddressPartView]
    regions: list[RegionChoice]
    postal_code_form: Annotated[str, Example("\\d{5}")] | None
    postal_code_examples: list[str]
    phone_prefix: Annotated[str, Example("+49")]
    review_by: Timestamp


class Destinations(Api):
    """Where we ship to."""

    @query(roles=(ANYONE,))
    def list_destinations(self) -> Page[DestinationView]:
        """List the countries that we ship to, all at once."""

    @query(roles=(ANYONE,), errors=(DestinationNotFound,))
    def get_address_form(self, country: str) -> AddressForm:
        """Tell how an address is written in a country: parts, names, regions, postal codes."""
