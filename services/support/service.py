"""Support on the bus: the calls it answers and the jobs it does; the events it follows are in follows.py."""

from __future__ import annotations

from typing import Any

from services.common.basics import clock
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.clock import rfc3339
from services.common.bus.rpc import rpc
from services.common.edge.fields import load
from services.common.edge.tokens import ticket_token
from services.common.runtime.config import Configured
from services.common.runtime.database import Database
from services.common.runtime.service import Service
from services.common.runtime.timers import every
from services.support import schemas
from services.support.domain import SILENCE, Form
from services.support.follows import Follows
from services.support.handlers import links, mailing, sign_in, tickets
from services.support.repository import CLAIMED, Work
from services.support.settings import SupportSettings

Json = dict[str, Any]


class SupportService(Follows, Service):
    name = "support"
    transaction: Database[Work] = Database(Work)
    settings = Configured(SupportSettings)

    def may_see_order(self, order_number: str) -> bool:
        if self.work.caller.has(AGENT, LEAD) or super().may_see_order(order_number):
            return True
        contact = self.work.contacts.find(order_number)
        return contact is not None and self.work.caller.owns(f"order:{order_number}", contact.email)

    # what customers, guests and agents ask

    @rpc
    def open_ticket(self, form: Json) -> Json:
        """The contact form → `{ticket_number, answer_by, access_token}`; the token is the guest's way back."""
        contact_form = Form(**load(schemas.ContactForm, form))

        def act() -> Json:
            ticket, answer_by = tickets.open_ticket(work, self.settings, contact_form)
            return {"ticket_number": ticket.number, "answer_by": rfc3339(answer_by)}

        with self.transaction() as work:
            reply = work.once("open_ticket", form, act)
        return {**reply, "access_token": ticket_token(self.settings.secret, reply["ticket_number"], 1)}

    @rpc
    def get_ticket(self, number: str) -> Json:
        """The ticket with its thread; NotFound (`ticket_not_found`) also for whom it is none of their business."""
        with self.transaction(reading=True) as work:
            return tickets.get_ticket(work, self.settings, number)

    @rpc
    def list_tickets(self, query: Json) -> Json:
        """`{"items", "next_cursor"}`: staff by next deadline, customers their own."""
        wanted = load(schemas.ListTickets, query)
        with self.transaction(reading=True) as work:
            return tickets.list_tickets(work, wanted)

    @rpc
    def post_message(self, number: str, message: Json) -> Json:
        """`{body, internal?, status?}` → the ticket with the message; what is too late for it opens a linked ticket."""
        return self._command("post_message", tickets.post_message, schemas.PostMessage, number, message)

    @rpc
    def assign_ticket(self, number: str, request: Json) -> Json:
        return self._command("assign_ticket", tickets.assign_ticket, schemas.Assign, number, request)

    @rpc
    def resolve_ticket(self, number: str, request: Json) -> Json:
        return self._command("resolve_ticket", tickets.resolve_ticket, schemas.Resolve, number, request)

    @rpc
    def reopen_ticket(self, number: str, request: Json) -> Json:
        return self._command("reopen_ticket", tickets.reopen_ticket, schemas.Reopen, number, request)

    @rpc
    def close_ticket(self, number: str, request: Json) -> Json:
        return self._command("close_ticket", tickets.close_ticket, schemas.Nothing, number, request)

    @rpc
    def mark_spam(self, number: str, request: Json) -> Json:
        return self._command("mark_spam", tickets.mark_spam, schemas.Reason, number, request)

    @rpc
    def restore_ticket(self, number: str, request: Json) -> Json:
        return self._command("restore_ticket", tickets.restore_ticket, schemas.Reason, number, request)

    @rpc
    def rate_ticket(self, number: str, request: Json) -> Json:
        return self._command("rate_ticket", tickets.rate_ticket, schemas.Rate, number, request)

    @rpc
    def request_ticket_link(self, number: str, request: Json) -> Json:
        """A new link by mail, if `{email}` is the ticket's; the answer is always the same."""
        email = load(schemas.RenewLink, request)["email"]
        with self.transaction() as work:
            links.renew_link(work, self.settings, number, email)
        return {}

    @rpc
    def exchange_ticket_token(self, token: str) -> Json:
        """`{ticket_number, grants}`; NotFound (`token_invalid`) for what is unknown, expired or revoked."""
        with self.transaction(reading=True) as work:
            return links.exchange_token(work, token)

    @rpc
    def request_sign_in(self, request: Json) -> Json:
        """`{email}` → a code by mail; the answer is always the same."""
        email = load(schemas.RequestSignIn, request)["email"]
        with self.transaction() as work:
            sign_in.request_sign_in(work, email)
        return {}

    @rpc
    def verify_sign_in(self, request: Json) -> Json:
        """`{email, code}` → `{email, roles}`; Forbidden (`bad_code`)."""
        given = load(schemas.VerifySignIn, request)
        with self.transaction() as work:
            person = sign_in.verify_sign_in(work, self.settings, given["email"], given["code"])
        if person is None:
            raise sign_in.BadCode
        return person

    def _command(self, name: str, handler: Any, schema: Any, number: str, request: Json) -> Json:
        """One command on one ticket: checked, done at most once for its idempotency key."""
        wanted = load(schema, request)
        with self.transaction() as work:
            reply: Json = work.once(f"{name}:{number}", request, lambda: handler(work, self.settings, number, wanted))
        return reply

    # what it does by itself

    @every(0.5)
    def send_mail(self) -> None:
        """Send what is owed: claimed in one transaction, sent in none, the outcomes noted in another."""
        claimed = CLAIMED
        while claimed == CLAIMED:
            with self.transaction() as work:
                due = work.notifications.claim_due()
            claimed = len(due)
            for outcomes in mailing.deliver(due, self.settings, clock.now()) if due else ():
                with self.transaction() as work:
                    mailing.note_outcomes(work, self.settings, outcomes)

    @every(60.0)
    def close_silent_tickets(self) -> None:
        """Close what was resolved a week ago and has been silent since; complaints excepted."""
        with self.transaction() as work:
            tickets.close_silent(work, self.settings, work.tickets.silent_since(work.now - SILENCE))

    @every(3600.0)
    def forget_codes(self) -> None:
        """Drop codes that expired long enough ago to matter to no limit."""
        with self.transaction() as work:
            work.people.forget_codes(work.now - sign_in.KEPT)
