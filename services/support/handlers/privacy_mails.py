"""What follows once a mail about a person's data has left, or was given up: no trace of whom it went to is kept."""

from __future__ import annotations

from services.common.basics import ids
from services.support.api.terms import PRIVACY_REQUEST
from services.support.domain import Notification, NotificationStatus
from services.support.repository import Work


def note_sent(work: Work, item: Notification) -> None:
    """End the request for a copy: its link is in the mail that has just left."""
    if not ids.is_number(item.reference, ids.PRIVACY):
        return
    if item.about == "privacy_copy" and (request := work.privacy.find(item.reference)) is not None:
        work.journal.record(request.end(work.now))
        work.commitments.stop(PRIVACY_REQUEST, request.number, work.now)
    item.erase()


def note_failed(item: Notification) -> None:
    """Forget whom a mail was for that is tried no more. A copy that did not arrive stays on its clock, for a person."""
    if ids.is_number(item.reference, ids.PRIVACY) and item.status is NotificationStatus.FAILED:
        item.erase()
