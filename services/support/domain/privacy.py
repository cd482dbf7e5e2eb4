"""A customer's request about their own data: asked, confirmed with a mailed code, answered by every service, ended.

    unconfirmed → running → ended

An erasure ends when orders has said which orders it erased, and logistics and aftersales have answered each of those.
What waits does not hold it up: it is named in the mail, and erased by the service that has it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.common.basics.clock import rfc3339
from services.common.basics.events import Event
from services.common.basics.personal import ERASED
from services.support.api.events import ErasureConfirmed, ExportConfirmed, PrivacyRequestEnded
from services.support.api.privacy import PartStatus, PrivacyKind, PrivacyPart, PrivacyStatus
from services.support.domain.people import CODE_LIFETIME, CODE_TRIES, sign_in_code_matches

ORDERS = "orders"


@dataclass
class PrivacyRequest:
    """code_id, code_until, tries: the code that was mailed last. answers: "orders", and "<service> <order number>".

    file_hash, file_until: of the link that a copy is fetched by.
    """

    number: str
    kind: PrivacyKind
    email: str
    asked_at: datetime
    code_id: str
    code_until: datetime
    tries: int = 0
    status: PrivacyStatus = PrivacyStatus.UNCONFIRMED
    confirmed_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    parts: list[PrivacyPart] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    erased_orders: list[str] = field(default_factory=list)
    file_hash: str | None = None
    file_until: datetime | None = None

    def mail_code(self, code_id: str, now: datetime) -> None:
        """Let another code count from now on."""
        self.code_id, self.code_until, self.tries = code_id, now + CODE_LIFETIME, 0

    def takes(self, code: str, secrets: tuple[str, ...], now: datetime) -> bool:
        """Try a code. Return whether it is the right one; a wrong one costs a try."""
        if self.tries >= CODE_TRIES or now >= self.code_until:
            return False
        if sign_in_code_matches(secrets, self.code_id, code):
            return True
        self.tries += 1
        return False

    def confirm(self, now: datetime) -> Event:
        """Begin: who asked has shown that they read the mailbox."""
        self.status, self.confirmed_at = PrivacyStatus.RUNNING, now
        if self.kind is PrivacyKind.EXPORT:
            return ExportConfirmed(request_id=self.number)
        return ErasureConfirmed(request_id=self.number, email=self.email)

    def note(self, what: str, status: PartStatus, why: str = "", until: datetime | None = None) -> None:
        """Note what became of a part. What was said last of a part holds."""
        part: PrivacyPart = {"what": what, "status": status, "why": why}
        if until is not None:
            part["until"] = rfc3339(until)
        # another list: JSON that is changed in place is not written
        self.parts = [*(each for each in self.parts if (each["what"], each["status"]) != (what, status)), part]

    def answered(self, *answers: str) -> None:
        self.answers = sorted({*self.answers, *answers})

    def is_answered(self, wanted: Iterable[str]) -> bool:
        """Return whether orders has answered, and each of these has."""
        return ORDERS in self.answers and set(wanted) <= set(self.answers)

    def forget(self) -> None:
        """Forget whose it was, and the copy."""
        self.email, self.file_hash, self.file_until = ERASED, None, None

    def end(self, now: datetime) -> Event | None:
        """End it. An erased person is not named in it any more. None if it had ended."""
        if self.status is not PrivacyStatus.RUNNING:
            return None
        self.status, self.ended_at = PrivacyStatus.ENDED, now
        if self.kind is PrivacyKind.ERASURE:
            self.forget()
        return PrivacyRequestEnded(request_id=self.number)
