"""What support does by itself: mails, links, reminders, the ladder, handing out tickets, removing files, forgetting."""

from __future__ import annotations

from services.common.runtime.database import Database
from services.common.runtime.parallel import Parallel
from services.common.runtime.timers import every
from services.support.adapters.mailbox.settings import MailInSettings
from services.support.handlers import (
    articles,
    assigning,
    delivering,
    drafting,
    ladder,
    links,
    mail_in,
    mailing,
    privacy,
    reads,
    sign_in,
    suggestions,
    uploads,
    waiting,
)
from services.support.repository import Work
from services.support.settings import SupportSettings


class SupportJobs:
    """The timers of the service. Each job may run on two replicas at once."""

    transaction = Database(Work, SupportSettings)

    @every(0.5, due=lambda work: work.notifications.next_due())
    def send_mail(self) -> None:
        """Send the mails that are due."""
        mailing.send_due_mails(self.transaction)

    @every(0.5, due=lambda work: work.webhooks.next_due())
    def send_webhooks(self) -> None:
        """Send the webhooks that are due."""
        delivering.send_due(self.transaction, Parallel(delivering.CALLS))

    @every(seconds=lambda settings: settings.part(MailInSettings).mail_in_seconds)
    def take_mails(self) -> None:
        """Take the mails that came in."""
        mail_in.take_mails(self.transaction)

    @every(60.0)
    def close_silent_tickets(self) -> None:
        """Close what was resolved a week ago and has been silent since; complaints excepted."""
        with self.transaction() as work:
            waiting.close_silent_tickets(work)

    @every(2.0, due=lambda work: work.ladder.next_look())
    def climb_ladder(self) -> None:
        """Tell staff of promises on tickets whose time runs out, each once, in one mail for each person."""
        with self.transaction() as work:
            ladder.climb(work)

    @every(0.5, due=lambda work: work.links.next_request())
    def mail_requested_links(self) -> None:
        """Mail the links that were asked for."""
        with self.transaction() as work:
            links.mail_requested_links(work)

    @every(60.0)
    def see_to_waiting_tickets(self) -> None:
        """Remind customers of our question; end what was not answered a week after that, complaints excepted."""
        with self.transaction() as work:
            waiting.see_to_waiting_tickets(work)

    @every(1.0, due=assigning.next_turn)
    def hand_out_tickets(self) -> None:
        """Give what waits to who is there and has room; take back what is held by who is off or has left."""
        assigning.hand_out_in_turns(self.transaction)

    @every(5.0, due=lambda work: work.uploads.next_end())
    def remove_ended_files(self) -> None:
        """Remove files that nothing named within a day, and those of what was erased."""
        uploads.remove_ended(self.transaction)

    @every(5.0, due=lambda work: work.erasures.asked())
    def erase_what_ended(self) -> None:
        """Erase the conversations whose customer asked for it while they were open."""
        with self.transaction() as work:
            privacy.erase_what_ended(work)

    @every(3600.0)
    def forget_codes(self) -> None:
        """Drop codes, sessions and links that ended so long ago that they do not matter."""
        with self.transaction() as work:
            sign_in.forget_old(work)
            reads.forget_reads(work)
            links.forget_links(work)
            articles.forget_opinions(work)
            articles.ask_to_look_again(work)
            mail_in.forget_mails(work)
            drafting.forget_drafts(work)
            suggestions.forget_followers(work)
            delivering.forget(work)
        privacy.forget(self.transaction)

    @every(86400.0)
    def mend_search(self) -> None:
        """Write the words of what an older release opened or erased; all tickets are read for it."""
        for _ in range(privacy.PAGES):
            with self.transaction() as work:
                if not work.found.mend():
                    break
