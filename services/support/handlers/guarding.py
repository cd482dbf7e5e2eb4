"""The guard of the contact form: whom it looks at, and what it makes of what they sent (standard, section 5)."""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.common.edge.tokens import form_ends
from services.support.api import ContactForm
from services.support.api.guard import QuarantineView, Suspicion, WithoutForm
from services.support.domain import Ticket
from services.support.domain.guard import FORM_LIFETIME, Filled, GuardRules, suspicions
from services.support.repository import Work

SHOWS = ("order:", "mailbox:")
"""The grants that show something; the link to a conversation that was given to its writer at once shows nothing."""


def judge(work: Work, form: ContactForm) -> list[Suspicion]:
    """Return what speaks against a message; nothing of who has shown who they are."""
    if work.caller.roles or any(grant.startswith(SHOWS) for grant in work.caller.grants):
        return []
    settings, token = work.settings, form.form_token
    ends = form_ends(settings.secrets, token) if token else None
    filled = Filled(bool(form.website), token is not None, ends - FORM_LIFETIME if ends else None)
    rules = GuardRules(settings.form_seconds, settings.contact_without_form == WithoutForm.QUARANTINE)
    return suspicions(filled, work.now, rules)


def show(work: Work, ticket: Ticket) -> QuarantineView | None:
    """Show staff why a ticket is, or was, set aside; None for one that never was."""
    found = work.quarantines.find(ticket.number)
    return None if found is None else {"reasons": found.reasons, "since": rfc3339(found.since)}
