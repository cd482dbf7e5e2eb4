"""Where we ship to: the countries, how addresses are written there, and refusing one that cannot be delivered to.

What is refused, before anything depends on it, is the table of `domain.delivery`.
"""

from __future__ import annotations

from services.common.addresses import phone_prefix, rules_of
from services.common.basics.clock import rfc3339
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Page
from services.orders.api import REVIEW, Address, Contact, DestinationNotServed
from services.orders.api.destinations import AddressForm, DestinationNotFound, DestinationView
from services.orders.domain import address_form, delivery
from services.orders.domain.clocks import start_clock
from services.orders.repository import Work


def must_be_reachable(work: Work, to: Address, contact: Contact | None = None) -> None:
    """Refuse what cannot be reached: Invalid (`validation_failed`) with the fields, or DestinationNotServed.

    Without `contact` only the address is looked at.
    """
    if to.country not in work.settings.destinations:
        error = {"field": "delivery.country", "message": f"We do not ship to {to.country}."}
        raise DestinationNotServed(details={"errors": [error]})
    wrong = delivery.address_refusals(to) if contact is None else delivery.refusals(contact, to)
    if wrong:
        errors = [{"field": field, "message": message} for field, message in wrong.items()]
        raise Invalid("some fields are wrong", code="validation_failed", details={"errors": errors})


def list_destinations(work: Work) -> Page[DestinationView]:
    """Return the countries that we ship to, by name."""
    served: list[DestinationView] = [
        {"country": country, "name": rules_of(country).name} for country in work.settings.destinations
    ]
    return {"items": sorted(served, key=lambda each: each["name"]), "next_cursor": None}


def get_address_form(work: Work, country: str) -> AddressForm:
    """Return how addresses are written there. Raise DestinationNotFound for a country that we do not ship to."""
    if country not in work.settings.destinations:
        raise DestinationNotFound
    rules, settings = rules_of(country), work.settings
    review = start_clock(
        REVIEW, country, None, work.now, id="", calendar=settings.team_calendar, zone=settings.team_zone
    )
    return {
        "country": country,
        "name": rules.name,
        "parts": address_form.parts_of(rules),
        "regions": address_form.choices_of(rules),
        "postal_code_form": rules.form if "Z" in rules.parts else None,
        "postal_code_examples": list(rules.examples[:2]),
        "phone_prefix": phone_prefix(country),
        "review_by": rfc3339(review.due_at),
    }
