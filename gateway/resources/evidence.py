"""The evidence file for a bank: what an order's owners have recorded of it, as one document that can be sent.

It is made when it is asked for, from what the services show to a lead, and kept nowhere. Where a service does not
answer there is no file: one with gaps would lose the case.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from gateway.http import reads
from gateway.http.calls import services, settings
from gateway.resources.composition import compose_order
from gateway.resources.timeline import read_timeline
from gateway.web.evidence import Evidence, document
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
    evidence = Evidence(
        shop=settings().public_url,
        made_at=rfc3339(now()),
        dispute=dispute,
        order=order,
        story=story,
        tickets=list(_conversations(number)),
    )
    reads.also(number)
    name = f"evidence-{dispute['payment_id']}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(document(evidence), 200, headers, content_type=f"{FILE}; charset=utf-8")


def _conversations(number: str) -> Iterator[TicketView]:
    """Yield the conversations about the order, the oldest first; not what only claims to be about it, nor spam."""
    worker = services()
    found: list[TicketSummary] = []
    cursor: str | None = None
    while len(found) < MOST_TICKETS:
        page: Page[TicketSummary] = worker.support.list_tickets(
            ListTickets(order_number=number, cursor=cursor, limit=MOST_TICKETS)
        )
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    for each in sorted(found, key=lambda ticket: ticket["opened_at"]):
        if each.get("order_link") != "claimed" and each["status"] != TicketStatus.SPAM:
            yield worker.support.get_ticket(each["number"])
