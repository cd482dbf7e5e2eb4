"""What support promises, and within which time (standard, sections 1 and 6).

first_response   from the customer's first message to a person's answer, by category; sooner by priority
next_response    from a further message that is unanswered, by category; sooner by priority
complete_answer  3 working days to the complete answer of what has to be looked into
lead_answer      1 working day from the moment at which a customer asks for a lead to that lead's own answer
resolution       5 working days from the opening or reopening; stands still while we wait for the customer
suggestion_review  10 working days from a suggestion to the decision about it, planned or declined
complaint_acknowledgment  1 working day from a complaint to the person who takes it up and says so
complaint_decision  5 working days from a complaint, or an objection, to its decision; stands still like resolution
update           1 working day to our next news, from the moment at which we tell that something is late or wrong, and
                 again after each news while something is looked into
privacy_request  30 calendar days from the request of a person's data, or of their erasure, to its end
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.common.basics.retention import KeptData, years
from services.common.basics.shapes import BreachCause
from services.common.commitments.terms import Table, calendar_days, days, hours

FIRST_RESPONSE, NEXT_RESPONSE = "first_response", "next_response"
COMPLETE_ANSWER, RESOLUTION, UPDATE = "complete_answer", "resolution", "update"
PRIVACY_REQUEST, SUGGESTION_REVIEW = "privacy_request", "suggestion_review"
COMPLAINT_ACKNOWLEDGMENT, COMPLAINT_DECISION = "complaint_acknowledgment", "complaint_decision"
LEAD_ANSWER = "lead_answer"

ANSWER = (("complaint", 2), ("aftersales", 4), ("order", 4), ("product", 8), ("logistics", 8), ("suggestion", 8))

SOONER = (("urgent", 2), ("high", 4))
"""Hours to an answer by priority, where the category has more; the other priorities change nothing."""

TERMS = Table(
    {
        **{
            f"{kind}.{category}": hours(target)
            for kind in (FIRST_RESPONSE, NEXT_RESPONSE)
            for category, target in (*ANSWER, *SOONER)
        },
        COMPLETE_ANSWER: days(3),
        RESOLUTION: days(5),
        UPDATE: days(1),
        LEAD_ANSWER: days(1),
        SUGGESTION_REVIEW: days(10),
        COMPLAINT_ACKNOWLEDGMENT: days(1),
        COMPLAINT_DECISION: days(5),
        PRIVACY_REQUEST: calendar_days(30),
    }
)

CAUSES: Mapping[str, BreachCause] = dict.fromkeys((name.partition(".")[0] for name in TERMS), BreachCause.SUPPORT)
"""Who breaks each promise: what waits for the customer stands still."""

TICKETS_KEPT = KeptData(
    "conversations: who, and everything that was said and sent", years(3), "the end of the conversation",
    "questions and claims that come later; not erased while it is open",
)  # fmt: skip
MAILS_KEPT = KeptData(
    "mails: to whom and what; that one was sent stays", years(1), "the mail", "to show what a customer was told"
)
REQUESTS_KEPT = KeptData(
    "requests about one's own data; without the mailbox once an erasure has ended, or a copy can be fetched no more",
    years(3), "the request", "to show that it was done in time",
)  # fmt: skip
COPIES_KEPT = KeptData("the link to a copy of one's data", timedelta(days=7), "the mail", "to fetch it")
UNCONFIRMED_KEPT = KeptData(
    "requests about one's own data that were not confirmed", timedelta(days=1), "the request", "the code may come late"
)
CODES_KEPT = KeptData("codes to sign in, and who asked for them", timedelta(days=1), "the code", "limits of tries")
SESSIONS_KEPT = KeptData(
    "sessions, and in the journal who signed in", timedelta(days=60), "the last use", "to see where one was signed in"
)
BROWSERS_KEPT = KeptData("browsers that are known", timedelta(days=400), "the last use", "to warn of new ones")
OPINIONS_KEPT = KeptData(
    "what readers think of articles, in words of their own", years(1), "the opinion", "to mend the text"
)
FILES_KEPT = KeptData(
    "files that were sent and that no message, return or shipment names",
    timedelta(days=1),
    "the sending",
    "to be named",
)
RECEIVED_KEPT = KeptData(
    "mails that came in, as they came, in the folder Done of the mailbox", timedelta(days=14), "the mail",
    "to look up what a message was made of",
)  # fmt: skip
RECEIPTS_KEPT = KeptData(
    "from whom mails came, what became of them, and which mailboxes gave ours back; no text",
    timedelta(days=60),
    "the mail",
    "to take each once",
)
DRAFTS_KEPT = KeptData(
    "answers and notes that staff began and did not send", timedelta(days=30), "the last word",
    "to go on writing, at another machine too; sooner where the conversation is erased",
)  # fmt: skip
FOLLOWERS_KEPT = KeptData(
    "mailboxes that follow a suggestion which was declined, done or withdrawn", years(1), "its last step",
    "to tell of the next one; gone at once when it is announced",
)  # fmt: skip
READS_KEPT = KeptData(
    "which personal data staff have read: who, what, when and why", timedelta(days=400), "the reading",
    "to see whether it was called for; `PLEDGE_READS_KEPT_DAYS` sets another time",
)  # fmt: skip
WEBHOOKS_KEPT = KeptData(
    "webhooks that were sent to the shop's own systems: the event without personal data, and how it went",
    timedelta(days=30), "the event", "to send them again",
)  # fmt: skip
RETENTION = (
    TICKETS_KEPT, MAILS_KEPT, REQUESTS_KEPT, COPIES_KEPT, UNCONFIRMED_KEPT, CODES_KEPT, SESSIONS_KEPT, BROWSERS_KEPT,
    OPINIONS_KEPT, FILES_KEPT, RECEIVED_KEPT, RECEIPTS_KEPT, DRAFTS_KEPT,
    FOLLOWERS_KEPT, READS_KEPT, WEBHOOKS_KEPT,
)  # fmt: skip
