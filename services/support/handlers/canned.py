"""Canned replies: saved, filled for a ticket, and sent with all that they set in one step (standard, section 1)."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from services.common.basics import ids
from services.common.basics.caller import LEAD
from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.support import views
from services.support.adapters.mail.letter import greeting
from services.support.api import AmendTicket, PostedMessage, PostMessage, ResolveTicket
from services.support.api.canned import (
    OF_ORDER,
    DeleteReply,
    ListReplies,
    PreviewReply,
    ReplyMoved,
    ReplyPreview,
    ReplyView,
    SaveReply,
    Variable,
    filled,
    named_in,
)
from services.support.api.events import ReplyDeleted
from services.support.api.parts import Accepted
from services.support.domain import Ticket
from services.support.domain.canned import CannedReply
from services.support.handlers import tickets, writing
from services.support.handlers.access import acting, require_person
from services.support.repository import Work

NO_ORDER = "the ticket names no order"
CLAIMED = "the order is only claimed: it is not proven to be the customer's"
NO_NAME = "your name is not entered among the staff"
NOT_A_NAME = "what was given as a name cannot be one"
NO_VARIABLE = "there is no such variable"


def list_replies(work: Work, query: ListReplies) -> Page[ReplyView]:
    """List those of all, and the caller's own."""
    return work.replies.page(show, query, acting(work))


def put_reply(work: Work, wish: SaveReply) -> ReplyView:
    """Save a new reply, or another text of one."""
    person, by_lead = acting(work), work.caller.has(LEAD)
    if wish.id is None:
        require_version(wish.version, 0, lambda: None, ReplyMoved)  # the caller saw a version of what is not there
        reply = CannedReply(ids.new_id(), wish.scope, None, wish.name, wish.text, person, work.now)
        reply.revise(wish, person, work.now, by_lead=by_lead)
        work.replies.add(reply)
    else:
        reply = work.replies.get(wish.id, person, lock=True)
        _require_change(reply, wish.version, by_lead=by_lead)
        reply.revise(wish, person, work.now, by_lead=by_lead)
        work.session.flush()
    work.journal.record(*reply.saved())
    return show(reply)


def delete_reply(work: Work, reply_id: str, request: DeleteReply) -> Accepted:
    """Delete it; what was answered with it stays."""
    person = acting(work)
    reply = work.replies.get(reply_id, person, lock=True)
    _require_change(reply, request.version, by_lead=work.caller.has(LEAD))
    work.replies.delete(reply)
    work.journal.record(ReplyDeleted(reply_id=reply.id, scope=reply.scope, deleted_by=person))
    return {}


def preview_reply(work: Work, request: PreviewReply) -> ReplyPreview:
    """Fill in what support knows. What an order's services know is filled in by the gateway, which asks them."""
    ticket = work.tickets.get(request.ticket_number)
    require_person(ticket)
    text = request.text or work.replies.get(request.reply_id or "", acting(work)).text
    known = _values(work, ticket)
    missing = {name: _why(ticket, name) for name in named_in(text) if name not in known}
    return {
        "ticket_number": ticket.number,
        "text": filled(text, known),
        "values": {name: known[name] for name in named_in(text) if name in known},
        "missing": [{"name": name, "why": why} for name, why in missing.items()],
        "order_number": ticket.linked_order,
    }


def post_message(work: Work, number: str, request: PostMessage) -> PostedMessage:
    """Write to the thread; with a reply, set what it sets in the same transaction, by the rules of each step."""
    if request.reply_id is None or not work.caller.is_staff:
        return writing.post_message(work, number, request)
    reply = work.replies.get(request.reply_id, acting(work))
    posted = writing.post_message(work, number, replace(request, status=request.status or reply.then))
    if reply.category or reply.priority:
        tickets.amend_ticket(work, number, AmendTicket(category=reply.category, priority=reply.priority))
    if reply.resolve:
        tickets.resolve_ticket(work, number, ResolveTicket(reply.resolve))
    work.replies.count(reply.id)
    return cast(PostedMessage, {**posted, **views.summary(work.tickets.get(number), to_staff=True)})


def fill_known(work: Work, number: str, text: str) -> str:
    """Fill in what support knows of the ticket. What is left is refused where the text is sent."""
    ticket = work.tickets.get(number)
    return filled(text, _values(work, ticket)) if named_in(text) else text


def show(reply: CannedReply) -> ReplyView:
    """Show a reply."""
    return {
        "id": reply.id,
        "scope": reply.scope,
        "name": reply.name,
        "text": reply.text,
        "topic": reply.topic,
        "then": reply.then,
        "category": reply.category,
        "priority": reply.priority,
        "resolve": reply.resolve,
        "variables": named_in(reply.text),
        "uses": reply.uses,
        "saved_by": reply.saved_by,
        "saved_at": rfc3339(reply.saved_at),
        "version": reply.version,
    }


def _require_change(reply: CannedReply, seen: int | None, *, by_lead: bool) -> None:
    reply.require_right(by_lead=by_lead)
    require_version(seen, reply.version, lambda: show(reply), ReplyMoved)


def _values(work: Work, ticket: Ticket) -> dict[str, str]:
    agent = work.people.find_staff(work.caller.email) if work.caller.email else None
    found = {
        Variable.CUSTOMER_NAME: ticket.customer_name if greeting(ticket.customer_name) != greeting(None) else None,
        Variable.TICKET_NUMBER: ticket.number,
        Variable.ORDER_NUMBER: ticket.linked_order,
        Variable.AGENT_NAME: agent.name if agent else None,
    }
    return {name.value: value for name, value in found.items() if value}


def _why(ticket: Ticket, name: str) -> str:
    if name in OF_ORDER:
        return NO_ORDER if ticket.order_number is None else CLAIMED if ticket.linked_order is None else ""
    return {Variable.AGENT_NAME.value: NO_NAME, Variable.CUSTOMER_NAME.value: NOT_A_NAME}.get(name, NO_VARIABLE)
