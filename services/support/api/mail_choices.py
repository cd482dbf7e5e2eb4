"""Which mails about their tickets a member of staff wants; those of the ladder always come (standard, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import ANY_STAFF
from services.common.basics.shapes import Note
from services.support.api.factors import NoSession


@dataclass(frozen=True)
class ChooseMails:
    """Both at once, as they are to be from now on."""

    assignments: Annotated[bool, Note("when a colleague gives you a ticket")]
    replies: Annotated[bool, Note("when a customer writes on a ticket of yours")]


class MailChoices(TypedDict):
    """Which mails you get; both, unless you chose otherwise."""

    assignments: bool
    replies: bool


class OwnMails(Api):
    """What a member of staff wants mails about."""

    @query(roles=ANY_STAFF, errors=(NoSession,))
    def get_mail_choices(self) -> MailChoices:
        """Tell which mails about your tickets you get. Mails about time that runs out always come."""

    @command(roles=ANY_STAFF, errors=(NoSession,))
    def choose_mails(self, request: ChooseMails) -> MailChoices:
        """Choose which mails about your tickets you get."""
