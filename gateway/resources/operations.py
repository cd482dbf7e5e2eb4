"""For those who run the shop: what was given up, what comes next, the terms and keys in force."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypedDict, cast

from gateway.http.calls import ask_each, caller, services, settings
from gateway.http.resource import Resource
from services import SERVICES
from services.aftersales.api import terms as aftersales
from services.common.basics.api import EVERY, DeadLetter, EveryService, RedriveLetters, Redriven, Upcoming
from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.clock import now, sortable
from services.common.basics.errors import NotFound
from services.common.basics.shapes import Example, Note, Page, PageQuery
from services.common.commitments import in_words
from services.common.edge.keys import birthdays
from services.logistics.api import terms as logistics
from services.orders.api import terms as orders
from services.support.api import SupportApi
from services.support.api import terms as support
from services.support.api.mail_in import MailAside

LETTERS = "/operations/dead-letters"
TERMS = {"orders": orders.TERMS, "logistics": logistics.TERMS, "aftersales": aftersales.TERMS, "support": support.TERMS}

blp = Resource("operations", "For those who run the shop")


class ServiceNotFound(NotFound):
    """None of our services has this name."""

    code = "service_not_found"
    message = "There is no such service."


class ServiceLetter(DeadLetter):
    service: str


class Letters(TypedDict):
    """The messages that were given up, the oldest of each service; `more` names those that have more of them."""

    items: list[ServiceLetter]
    more: list[str]
    missing: list[str]


class ServiceUpcoming(Upcoming):
    service: str


class UpcomingOfAll(TypedDict):
    """What the services will do by themselves next, the soonest first."""

    items: list[ServiceUpcoming]
    missing: list[str]


class KeyView(TypedDict):
    """A key that signs now; `made_on` where its name says so."""

    purpose: str
    name: str
    made_on: str | None
    days: Annotated[int | None, Note("how old it is")]


class KeyList(TypedDict):
    items: list[KeyView]


class TermView(TypedDict):
    """Within which time a promise is kept. Clocks that run keep the terms with which they were started."""

    service: str
    kind: Annotated[str, Example("dispatch")]
    words: Annotated[str, Example("1 to 3 working days")]
    version: str


class TermList(TypedDict):
    items: list[TermView]


@blp.get(LETTERS, EveryService.list_dead_letters)
def list_dead_letters(query: PageQuery) -> Letters:
    """List the messages that were given up, of all services, up to `limit` of each."""
    parts, missing = ask_each(lambda service, _: service.list_dead_letters(PageQuery(query.limit)))
    items = [cast(ServiceLetter, {"service": name, **each}) for name, part in parts.items() for each in part["items"]]
    more = [name for name, part in parts.items() if part["next_cursor"]]
    return {"items": sorted(items, key=lambda each: sortable(each["dead_at"])), "more": more, "missing": missing}


@blp.post(f"{LETTERS}/<name:service>", EveryService.redrive_letters, errors=(ServiceNotFound,))
def redrive_letters(service: str, wish: RedriveLetters) -> Redriven:
    if service not in SERVICES:
        EVERY["redrive_letters"].require(caller(), ())  # who may not do it learns no more than where there is one
        raise ServiceNotFound
    asked: EveryService = getattr(services(), service)
    return asked.redrive_letters(wish)


@blp.get("/operations/upcoming", EveryService.list_upcoming)
def list_upcoming() -> UpcomingOfAll:
    """List what the services will do by themselves next: jobs, notices about promises, further tries of messages."""
    parts, missing = ask_each(lambda service, _: service.list_upcoming())
    items = [cast(ServiceUpcoming, {"service": name, **each}) for name, part in parts.items() for each in part["items"]]
    return {"items": sorted(items, key=lambda each: sortable(each["at"])), "missing": missing}


@blp.get("/operations/mail-aside", SupportApi.list_mail_aside)
def list_mail_aside(query: PageQuery) -> Page[MailAside]:
    return services().support.list_mail_aside(query)


@blp.get("/operations/keys", roles=(ADMIN,))
def list_keys() -> KeyList:
    """List the keys that sign now, of which the gateway knows, and how old they are. No key itself is shown."""
    today = now().date()
    texts = (settings().gateway_keys, settings().public_keys)
    known = {(purpose, name): made for text in texts for purpose, name, made in birthdays(text)}
    return {"items": [_key(purpose, name, made, today) for (purpose, name), made in sorted(known.items())]}


@blp.get("/operations/terms", roles=(ADMIN, LEAD))
def list_terms() -> TermList:
    """List the terms that are in force: what is promised from now on, and within which time."""
    return {
        "items": [
            {"service": service, "kind": kind, "words": in_words(terms), "version": terms.version}
            for service, table in TERMS.items()
            for kind, terms in table.items()
        ]
    }


def _key(purpose: str, name: str, made: date | None, today: date) -> KeyView:
    return {
        "purpose": purpose,
        "name": name,
        "made_on": made.isoformat() if made else None,
        "days": (today - made).days if made else None,
    }
