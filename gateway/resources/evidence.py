"""The evidence file for a bank: what an order's owners have recorded of it, as one document that can be sent.

It is made when it is asked for, from what the services show to a lead, and kept nowhere. Where a service does not
answer there is no file: one with gaps would lose the case.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

from flask import Response

from gateway.documents import evidence_paper, printing
from gateway.documents.evidence import Conversations, Evidence, document
from gateway.http import reads
from gateway.http.calls import ask, services, settings
from gateway.resources.composition import compose_order
from gateway.resources.timeline import read_timeline
from services.common.basics.clock import now, rfc3339
from services.common.basics.errors import Unavailable
from services.common.basics.shapes import Page
from services.orders.api.disputes import DisputeView
from services.support.api.replies import TicketSummary, TicketView
from services.support.api.statuses import TicketStatus
from services.support.api.ticket_forms import ListTickets

FILE = "text/html"
PAGE, MOST_PAGES = 100, 50
MOST_TICKETS = 100
AT_ONCE = 10


def make_evidence(dispute: DisputeView) -> Response:
    """Make the file about a dispute. Raise Unavailable unless all services answer."""
    evidence = _collect(dispute)
    headers = {"Content-Disposition": f'attachment; filename="{_name(dispute)}.html"', "Cache-Control": "no-store"}
    return Response(document(evidence), 200, headers, content_type=f"{FILE}; charset=utf-8")


def print_evidence(dispute: DisputeView) -> Response:
    """Make the file about a dispute as PDF. Raise Unavailable unless all services answer."""
    return printing.pdf(f"{_name(dispute)}.pdf", evidence_paper.paper(_collect(dispute)))


def _name(dispute: DisputeView) -> str:
    return f"evidence-{dispute['payment_id']}"


def _collect(dispute: DisputeView) -> Evidence:
    number = dispute["order_number"]
    order = compose_order(number)
    story, silent = read_timeline(number)
    missing = sorted({*order["missing"], *silent})
    if missing:
        raise Unavailable(f"{', '.join(missing)} do not answer just now", code="service_unavailable")
    evidence = Evidence(
        shop=settings().public_url,
        made_at=rfc3339(now()),
        dispute=dispute,
        order=order,
        story=story,
        conversations=read_conversations(services().support, number),
    )
    reads.also(number)
    return evidence


class Support(Protocol):
    """What is asked of support."""

    def list_tickets(self, query: ListTickets) -> Page[TicketSummary]: ...

    def get_ticket(self, number: str) -> TicketView: ...


def read_conversations(support: Support, number: str) -> Conversations:
    """Read what was said about the order, the oldest first; name those of which there is no room to show what was said.

    Not what only claims to be about it, nor spam. Raise Unavailable if support stops answering meanwhile.
    """
    found: list[TicketSummary] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = support.list_tickets(ListTickets(order_number=number, cursor=cursor, limit=PAGE))
        found += [each for each in page["items"] if _is_about_it(each)]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    found.sort(key=lambda ticket: (ticket["opened_at"], ticket["number"]))
    shown, named = found[:MOST_TICKETS], found[MOST_TICKETS:]
    tickets: list[TicketView] = []
    for start in range(0, len(shown), AT_ONCE):
        asked = [ask(partial(support.get_ticket, each["number"])) for each in shown[start : start + AT_ONCE]]
        for each in asked:
            ticket = each.reply
            if ticket is None:
                raise Unavailable("support does not answer just now", code="service_unavailable")
            tickets.append(ticket)
    return Conversations(tickets, named, complete=cursor is None)


def _is_about_it(ticket: TicketSummary) -> bool:
    return ticket.get("order_link") != "claimed" and ticket["status"] != TicketStatus.SPAM
