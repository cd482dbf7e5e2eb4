"""The evidence file for a bank: what an order's owners have recorded of it, as one document that can be sent.

It is made when it is asked for, from what the services show to a lead, and kept nowhere. Where a service does not
answer there is no file: one with gaps would lose the case.
"""

from __future__ import annotations

from flask import Response

from gateway.documents.evidence import Evidence, document
from gateway.http import reads
from gateway.http.calls import services, settings
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
MOST_TICKETS = 100


def make_evidence(dispute: DisputeView) -> Response:
    """Make the file about a dispute. Raise Unavailable unless all services answer."""
    number = dispute["order_number"]
    order = compose_order(number)
    story, silent = read_timeline(number)
    missing = sorted({*order["missing"], *silent})
    if missing:
        raise Unavailable(f"{', '.join(missing)} do not answer just now", code="service_unavailable")
    tickets, left_out = _conversations(number)
    evidence = Evidence(
        shop=settings().public_url,
        made_at=rfc3339(now()),
        dispute=dispute,
        order=order,
        story=story,
        tickets=tickets,
        left_out=left_out,
    )
    reads.also(number)
    name = f"evidence-{dispute['payment_id']}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(document(evidence), 200, headers, content_type=f"{FILE}; charset=utf-8")


def _conversations(number: str) -> tuple[list[TicketView], bool]:
    """Return the conversations about the order, the oldest first, and whether some were left out as too many.

    Not what only claims to be about it, nor spam.
    """
    worker = services()
    found: list[TicketSummary] = []
    cursor: str | None = None
    while True:
        page: Page[TicketSummary] = worker.support.list_tickets(
            ListTickets(order_number=number, cursor=cursor, limit=MOST_TICKETS)
        )
        found += [each for each in page["items"] if _is_about_it(each)]
        cursor = page["next_cursor"]
        if cursor is None or len(found) > MOST_TICKETS:
            break
    found.sort(key=lambda ticket: ticket["opened_at"])
    return [worker.support.get_ticket(each["number"]) for each in found[:MOST_TICKETS]], len(found) > MOST_TICKETS


def _is_about_it(ticket: TicketSummary) -> bool:
    return ticket.get("order_link") != "claimed" and ticket["status"] != TicketStatus.SPAM
