"""Support's unit of work: one transaction in its database, and everything that is read and written there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property, partial

from services.common.store import database
from services.support import tables
from services.support.contact_tables import WHO
from services.support.repository.answers import Answers
from services.support.repository.api_keys import ApiKeys
from services.support.repository.articles import Articles
from services.support.repository.canned import CannedReplies
from services.support.repository.complaints import Complaints
from services.support.repository.drafts import Drafts
from services.support.repository.incoming import IncomingMails
from services.support.repository.ladder import Ladder
from services.support.repository.passkeys import Passkeys
from services.support.repository.people import CLAIMED, ContactNotFound, Contacts, Notifications, People
from services.support.repository.privacy import Erasing, PrivacyRequests
from services.support.repository.quality import QualityReviews
from services.support.repository.quarantines import Quarantines
from services.support.repository.reads import Reads
from services.support.repository.reports import Reports
from services.support.repository.search import Found
from services.support.repository.sessions import Codes, Factors, OrderLinks, Sessions
from services.support.repository.sorting import Sorting
from services.support.repository.suggestions import Suggestions
from services.support.repository.teams import Teams
from services.support.repository.tickets import RATING_ASKED, Links, Reader, Tickets
from services.support.repository.triage import Triaged
from services.support.repository.uploads import Uploads
from services.support.repository.verifications import Verifications
from services.support.repository.webhooks import Webhooks, seal_secrets
from services.support.repository.workload import Workload
from services.support.settings import SupportSettings

__all__ = ["CLAIMED", "RATING_ASKED", "ContactNotFound", "Reader", "Transaction", "Work"]


class Work(database.Work):
    """One transaction in support's database."""

    settings: SupportSettings
    seals = (partial(WHO.seal_plain, table=tables.order_contacts), seal_secrets)

    @cached_property
    def tickets(self) -> Tickets:
        return Tickets(self.session, self, self.settings.team_time)

    @cached_property
    def found(self) -> Found:
        return Found(self.session)

    @cached_property
    def quarantines(self) -> Quarantines:
        return Quarantines(self.session)

    @cached_property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.session, self.now)

    @cached_property
    def verifications(self) -> Verifications:
        return Verifications(self.session)

    @cached_property
    def complaints(self) -> Complaints:
        return Complaints(self.session)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.session)

    @cached_property
    def quality(self) -> QualityReviews:
        return QualityReviews(self.session)

    @cached_property
    def replies(self) -> CannedReplies:
        return CannedReplies(self.session)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self.session)

    @cached_property
    def articles(self) -> Articles:
        return Articles(self.session, self)

    @cached_property
    def ladder(self) -> Ladder:
        return Ladder(self.session, self.now)

    @cached_property
    def suggestions(self) -> Suggestions:
        return Suggestions(self.session)

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self.session, self.now)

    @cached_property
    def sorting(self) -> Sorting:
        return Sorting(self.session)

    @cached_property
    def triaged(self) -> Triaged:
        return Triaged(self.session, self.now)

    @cached_property
    def teams(self) -> Teams:
        return Teams(self.session)

    @cached_property
    def workload(self) -> Workload:
        return Workload(self.session, self.now)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self.session, self.now)

    @cached_property
    def links(self) -> Links:
        return Links(self.session, self.now, self.settings.secret)

    @cached_property
    def notifications(self) -> Notifications:
        return Notifications(self.session, self.now)

    @cached_property
    def incoming(self) -> IncomingMails:
        return IncomingMails(self.session, self.now)

    @cached_property
    def contacts(self) -> Contacts:
        return Contacts(self.session)

    @cached_property
    def people(self) -> People:
        return People(self.session, self.now)

    @cached_property
    def codes(self) -> Codes:
        return Codes(self.session, self.now)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.session, self.now)

    @cached_property
    def factors(self) -> Factors:
        return Factors(self.session, self.now)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self.session)

    @cached_property
    def passkeys(self) -> Passkeys:
        return Passkeys(self.session)

    @cached_property
    def reads(self) -> Reads:
        return Reads(self.session)

    @cached_property
    def order_links(self) -> OrderLinks:
        return OrderLinks(self.session, self.now)

    @cached_property
    def privacy(self) -> PrivacyRequests:
        return PrivacyRequests(self.session, self.now)

    @cached_property
    def erasing(self) -> Erasing:
        return Erasing(self.session, self.now)

    def add(self, *rows: object) -> None:
        self.session.add_all(rows)


Transaction = Callable[..., AbstractContextManager[Work]]
"""Opens a unit of work: `with transaction() as work`."""
