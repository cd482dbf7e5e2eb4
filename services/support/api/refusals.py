"""What support refuses, each with its stable code (standard, sections 1, 5 and 6)."""

from __future__ import annotations

from services.common.basics import states
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.basics.states import WrongStatus as WrongStatus

ANSWER_MIN = 20
"""Characters that a public answer of staff has at least."""


class TicketNotFound(NotFound):
    """There is no ticket of this number, or the caller has nothing to do with it."""

    code = "ticket_not_found"
    message = "No such ticket."


class TokenInvalid(NotFound):
    """The token of a ticket's link is unknown, expired or revoked."""

    code = "token_invalid"
    message = "This link is not good, or no longer."


class NotAnswered(Conflict):
    """A message of the customer has no public answer yet."""

    code = "not_answered"
    message = "The customer still waits for an answer: answer first, then resolve."


class ReopenWindowOver(Conflict):
    """The ticket was closed more than 14 days ago."""

    code = "reopen_window_over"
    message = "It was closed too long ago to be taken up again; a new message opens a new ticket linked to it."


class AlreadyRated(Conflict):
    """The customer has rated this resolution before."""

    code = "already_rated"
    message = "This resolution has been rated."


class VersionMoved(states.VersionMoved):
    """The ticket has another version than the one that the caller saw.

    details: version, current (the ticket as it is now), messages (what has arrived).
    """

    message = "Somebody else changed the ticket meanwhile; look again."


class NoSuchAgent(Conflict):
    """The address belongs to no agent or lead."""

    code = "no_such_agent"
    message = "nobody with that address answers tickets"


class ReasonRequired(Invalid):
    """A demand is declined without a note that says why."""

    code = "reason_required"
    message = "declining a demand needs a reason"


class DecliningNeedsLead(Forbidden):
    """Only a lead may decline a demand."""

    code = "role_required"
    message = "only a lead may decline a demand"


class SpamNeedsLead(Forbidden):
    """Only a lead may mark a demand as spam that may be a customer's."""

    code = "role_required"
    message = "only a lead may take a complaint, a proven mailbox or the customer of an order for spam"


class AmendingNeedsLead(Forbidden):
    """Only a lead may change the category of a complaint or a suggestion."""

    code = "role_required"
    message = "only a lead may decide that a complaint or a suggestion is none"


class AnswerTooShort(Invalid):
    """A public answer of staff has less than a sentence."""

    code = "answer_too_short"
    message = f"an answer is a whole sentence, of {ANSWER_MIN} characters at least"


class AnswerRepeats(Invalid):
    """A public answer of staff says what the one before it said."""

    code = "answer_repeats"
    message = "the customer has read exactly this already: say what is new"


class StillVerifying(Conflict):
    """The ticket's question is being looked into: it ends with the answer that a second person agreed to."""

    code = "still_verifying"
    message = "This question is being looked into; the answer that a second person agrees to ends that."


class VerificationNotFound(NotFound):
    """There is no such verification."""

    code = "verification_not_found"
    message = "No such verification."


class OwnDraft(Forbidden):
    """The author of a draft is to check it."""

    code = "second_person_required"
    message = "another person than the author of the draft checks it"


class NothingToAmend(Invalid):
    """A correction that names no field."""

    code = "nothing_to_amend"
    message = "name at least one field that is to change"


class TopicOfOrder(Invalid):
    """A topic is given for a ticket about an order."""

    code = "topic_of_order"
    message = "topics are for questions before buying: leave out the topic or the order's number"


class StaffBeginTickets(Forbidden):
    """Staff use the contact form to write to, or for, a customer."""

    code = "staff_begin_tickets"
    message = "staff begin a conversation with POST /v1/tickets; the contact form is for customers"


class NotRatable(Conflict):
    """This ending is none that a customer is asked to rate."""

    code = "not_ratable"
    message = "This ending is not rated."


class NoteAsksNobody(Invalid):
    """An internal note is to make it the customer's turn."""

    code = "note_asks_nobody"
    message = "a note asks the customer nothing: write a public message"


class ComplaintNotFound(NotFound):
    """The ticket is no complaint, and was none."""

    code = "complaint_not_found"
    message = "This ticket is no complaint."


class ComplaintUndecided(Conflict):
    """A complaint is to be resolved before it is decided."""

    code = "complaint_undecided"
    message = "A complaint ends with its decision, and its reasons: decide it first."


class RemedyUnfit(Invalid):
    """The remedy does not fit the decision: see `detail`."""

    code = "remedy_unfit"
    message = "a complaint that is upheld, or partly, has a remedy; one that is not has no refund"


class RefundNeedsOrder(Conflict):
    """A refund, or a new parcel, is decided on a ticket whose order is not proven to be the customer's."""

    code = "refund_needs_order"
    message = "A refund or a new parcel is for an order: the ticket needs one that is proven to be the customer's."


class NothingDecided(Conflict):
    """There is no decision to object to, or to learn from."""

    code = "nothing_decided"
    message = "This complaint is not decided."


class AlreadyObjected(Conflict):
    """The customer has objected to the decision before."""

    code = "already_objected"
    message = "A decision can be objected to once; another person has decided again, or does so now."


class OtherPersonDecides(Forbidden):
    """Who proposed or took a decision, or complained, is to decide about it."""

    code = "second_person_required"
    message = "another person decides this: not who proposed it, decided before, or has complained"


class CauseNeedsLead(Forbidden):
    """Only a lead records what was changed because of a complaint that is decided."""

    code = "role_required"
    message = "only a lead records what was changed because of a complaint"
