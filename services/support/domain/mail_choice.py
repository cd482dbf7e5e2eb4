"""Which mails about their tickets a member of staff wants; those of the ladder always come. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class MailChoice:
    """assignments: when a colleague gives them a ticket. replies: when a customer writes on one of theirs."""

    email: str
    assignments: bool = True
    replies: bool = True
