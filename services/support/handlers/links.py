"""How a guest gets in: to their ticket by a link of 256 bits, for thirty days, renewable by mail, revocable; to their
order by a signed link, of which a new one is mailed to the order's own address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from services.common.basics import ids
from services.common.basics.api import OrderNotFound
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.clock import rfc3339
from services.common.edge.tokens import CHECKOUT, ORDER_LIFETIME
from services.support.adapters.mail.tickets import link_renewed, order_link
from services.support.api import (
    Accepted,
    LinkCheck,
    LinkList,
    LinkNotFound,
    LinksEnded,
    LinkView,
    RequestOrderLink,
    RequestTicketLink,
    TicketAccess,
    TicketNotFound,
    TokenInvalid,
)
from services.support.domain import LinkRequest, OrderLink, Ticket, TicketLink
from services.support.handlers.access import owns_order, side_of
from services.support.handlers.mailing import queue_mail
from services.support.repository import Work


def exchange_ticket_token(work: Work, token: str) -> TicketAccess:
    """Say what a ticket's token proves: its holder is the ticket's customer, and perhaps reads the mailbox."""
    link = work.links.find_good(token)
    if link is None:
        raise TokenInvalid
    grants = [f"ticket:{link.ticket_number}"]
    if link.mailed:
        grants.append(f"mailbox:{link.ticket_number}")
    elif link.reads:
        grants.append(f"reads:{link.ticket_number}")
    if link.renewed:
        grants.append(f"renewed:{link.ticket_number}:{link.serial}")
    return {"ticket_number": link.ticket_number, "grants": grants}


def request_ticket_link(work: Work, number: str, request: RequestTicketLink) -> Accepted:
    """Note a request for a new link. A timer handles it later.

    The caller learns nothing, from the answer or from the time that it takes: each request is counted and written
    down alike, whatever the ticket and the address are. Counted for each pair, as for an order.
    """
    if work.people.count_code(f"link:{_pair(number, request.email)}"):
        work.add(LinkRequest(ids.new_id(), number, request.email, work.now))
    return {}


def request_order_link(work: Work, number: str, request: RequestOrderLink) -> Accepted:
    """Mail a new link to the order's customer, unless that is not their address or they were sent their share.

    The caller learns nothing, neither from the answer nor from how long it takes: a right guess and a wrong one each
    count once and write one row. Counted for each pair, so that no one can use up what the customer may ask for.
    """
    pair = _pair(number, request.email)
    contact, granted = work.contacts.find(number), work.people.count_code(f"order-link:{pair}")
    if not granted:
        return {}
    if contact is None or contact.email.casefold() != request.email.casefold():
        work.people.count_code(f"no-order:{pair}")  # forgotten after a day, as all counts are
        return {}
    key = f"{number}:link:{ids.new_id()}"
    queue_mail(
        work,
        order_link(number),
        contact.email,
        number,
        key=key,
        about="link",
        reference=number,
        order_number=number,
        tells_customer=False,
        language=contact.language,
    )
    return {}


def _pair(number: str, email: str) -> str:
    return hashlib.sha256(f"{number}\n{email}".encode()).hexdigest()[:32]


def check_order_link(work: Work, number: str, link_id: str) -> LinkCheck:
    """Say whether a link to an order is still good; news of one may come later than its holder."""
    return {"good": not work.order_links.ended(number, link_id)}


def list_order_links(work: Work, number: str) -> LinkList:
    """List the links to an order that are good."""
    _of_order(work, number)
    return {"items": [_shown(link) for link in work.order_links.of(number)]}


def end_order_link(work: Work, number: str, link_id: str) -> Accepted:
    """End one of them."""
    _of_order(work, number)
    if link_id not in {link.id for link in work.order_links.of(number)}:
        raise LinkNotFound
    _end_of_order(work, number, [link_id])
    return {}


def end_order_links(work: Work, number: str) -> Accepted:
    """End all of them, the first one too where its news has not come yet."""
    _of_order(work, number)
    _end_of_order(work, number, sorted({CHECKOUT, *(link.id for link in work.order_links.of(number))}))
    return {}


def list_ticket_links(work: Work, number: str) -> LinkList:
    """List the links to a ticket that are good."""
    side_of(work, work.tickets.get(number))
    return {"items": [_shown(link) for link in work.links.good(number)]}


def end_ticket_link(work: Work, number: str, link_id: str) -> Accepted:
    """End one of them."""
    ticket = work.tickets.get(number, lock=True)
    side_of(work, ticket)
    if link_id not in {str(link.serial) for link in work.links.good(number)}:
        raise LinkNotFound
    _end_of_ticket(work, ticket, [int(link_id)])
    return {}


def end_ticket_links(work: Work, number: str) -> Accepted:
    """End all of them; the next mail has a new one."""
    ticket = work.tickets.get(number, lock=True)
    side_of(work, ticket)
    _end_of_ticket(work, ticket, [link.serial for link in work.links.good(number)])
    return {}


def forget_links(work: Work) -> None:
    """Drop links of orders that cannot be good any more."""
    work.order_links.forget(work.now - timedelta(days=7))


def _of_order(work: Work, number: str) -> None:
    if not (work.caller.has(AGENT, LEAD) or owns_order(work, number) or f"order:{number}" in work.caller.grants):
        raise OrderNotFound


def _end_of_order(work: Work, number: str, link_ids: Iterable[str]) -> None:
    ended = list(link_ids)
    work.order_links.end(number, ended, ORDER_LIFETIME)
    work.journal.record(LinksEnded(ticket_number=None, order_number=number, links=ended))


def _end_of_ticket(work: Work, ticket: Ticket, serials: Iterable[int]) -> None:
    ended = list(serials)
    work.links.revoke(ticket.number, ended)
    linked = LinksEnded(ticket_number=ticket.number, order_number=ticket.linked_order, links=list(map(str, ended)))
    work.journal.record(linked)


def _shown(link: OrderLink | TicketLink) -> LinkView:
    if isinstance(link, OrderLink):
        first = link.id == CHECKOUT
        return {
            "id": link.id, "kind": "first" if first else "mail",
            "made_at": rfc3339(link.made_at), "ends_at": rfc3339(link.ends_at),
        }  # fmt: skip
    return {
        "id": str(link.serial), "kind": "mail" if link.mailed else "first",
        "made_at": rfc3339(link.created_at), "ends_at": rfc3339(link.expires_at),
    }  # fmt: skip


def mail_requested_links(work: Work) -> None:
    """Mail a new link for each request with the address of the ticket; it only ever goes to that address.

    The links given out before stay valid until the new one is used: anyone can ask.
    """
    for request in work.links.take_requests():
        try:
            ticket = work.tickets.get(request.ticket_number, lock=True)
        except TicketNotFound:
            continue
        if ticket.customer_email == request.email and not ticket.quarantined:
            _mail_link(work, ticket)


def _mail_link(work: Work, ticket: Ticket) -> None:
    serial, number = work.links.for_mail(ticket.number, renew=True), ticket.number
    key, mail = f"{number}:link:{serial}", link_renewed(number)
    queue_mail(
        work, mail, ticket.customer_email, serial, key=key, about="link", reference=number, ticket=ticket,
        tells_customer=False,
    )  # fmt: skip
