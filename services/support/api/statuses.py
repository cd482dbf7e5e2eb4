"""The closed lists of support: categories, topics, statuses (standard, sections 1 and 5)."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What a customer may write about; one form takes them all."""

    PRODUCT = "product"
    ORDER = "order"
    LOGISTICS = "logistics"
    AFTERSALES = "aftersales"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"


class Topic(StrEnum):
    """What a question before buying is about."""

    PARAMETERS = "parameters"
    MATERIALS = "materials"
    USAGE = "usage"
    MATCHING = "matching"
    ORDER_RULES = "order_rules"
    LOGISTICS_INSTRUCTIONS = "logistics_instructions"


class Priority(StrEnum):
    """How soon a matter is to be answered. It may shorten the time that its category has, and never lengthens it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class View(StrEnum):
    """A part of the inbox. `waiting` is for the customer; in all others but `spam` something is ours to do.

    `quarantined`: staff have to look whether a person wrote it.

    `escalated`: its customer has asked for a lead, and none has answered yet.
    """

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    VERIFYING = "verifying"
    WAITING = "waiting"
    SPAM = "spam"
    QUARANTINED = "quarantined"


class Origin(StrEnum):
    """Who began the conversation: the customer with the form, or we with news about an order."""

    CONTACT = "contact"
    OUTREACH = "outreach"


class Author(StrEnum):
    """Who a message is from. `system` is never a person, and stops no clock."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class TicketStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_INTERNAL = "waiting_internal"
    VERIFYING = "verifying"
    RESOLVED = "resolved"
    CLOSED = "closed"
    SPAM = "spam"
    MERGED = "merged"  # it goes on in another ticket
    QUARANTINED = "quarantined"  # it may be from no person, and is not taken in yet


class Turn(StrEnum):
    """Whose turn it is after a message of staff: the statuses that a message may move a ticket to."""

    OPEN = TicketStatus.OPEN.value
    WAITING_CUSTOMER = TicketStatus.WAITING_CUSTOMER.value
    WAITING_INTERNAL = TicketStatus.WAITING_INTERNAL.value


class Above(StrEnum):
    """Who answers a customer who is not content: a lead, or an admin where the shop has no lead."""

    LEAD = "lead"
    ADMIN = "admin"


class ResolutionCode(StrEnum):
    """How it ended. `declined` needs a reason and a lead.

    `settled` and `silent` are ours alone: the customer decided the matter elsewhere, or did not answer our question.
    """

    ANSWERED = "answered"
    SOLVED = "solved"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    SETTLED = "settled"
    SILENT = "silent"


class AgentCode(StrEnum):
    """The resolution codes that staff may give."""

    ANSWERED = ResolutionCode.ANSWERED.value
    SOLVED = ResolutionCode.SOLVED.value
    DECLINED = ResolutionCode.DECLINED.value
    DUPLICATE = ResolutionCode.DUPLICATE.value


class DeclineGround(StrEnum):
    """Why a demand is declined: a closed list, so that it can be counted. `as_promised`: of complaints not upheld too.

    `not_shown`: it could not be seen that it is as the customer says. `too_late`: the time to ask for it is over.
    """

    NOT_OFFERED = "not_offered"
    NOT_POSSIBLE = "not_possible"
    AS_PROMISED = "as_promised"
    NOT_SHOWN = "not_shown"
    TOO_LATE = "too_late"
    LAW = "law"
    OTHER = "other"


class VerificationStatus(StrEnum):
    """How far the complete answer is. `drafted`: it waits for a second person; `verified`: it went out."""

    OPEN = "open"
    DRAFTED = "drafted"
    SENT_BACK = "sent_back"
    VERIFIED = "verified"


class VerificationDecision(StrEnum):
    """What the second person decides about a draft."""

    APPROVE = "approve"
    SEND_BACK = "send_back"


class SuggestionStatus(StrEnum):
    """How far a suggestion is. `withdrawn`: its ticket was sorted as something else."""

    RECEIVED = "received"
    REVIEWED = "reviewed"
    PLANNED = "planned"
    DECLINED = "declined"
    DONE = "done"
    ANNOUNCED = "announced"
    WITHDRAWN = "withdrawn"


class SuggestionStep(StrEnum):
    """The steps that a lead takes."""

    REVIEWED = SuggestionStatus.REVIEWED.value
    PLANNED = SuggestionStatus.PLANNED.value
    DECLINED = SuggestionStatus.DECLINED.value
    DONE = SuggestionStatus.DONE.value
    ANNOUNCED = SuggestionStatus.ANNOUNCED.value


class ClosedBy(StrEnum):
    CUSTOMER = "customer"
    LEAD = "lead"
    SILENCE = "silence"


class ComplaintStatus(StrEnum):
    """How far a complaint is.

    `proposed`: a second person has to agree; `arranging`: orders is asked for the refund; `objected`: the customer does
    not accept the decision; `withdrawn`: its ticket was sorted as something else.
    """

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    PROPOSED = "proposed"
    ARRANGING = "arranging"
    DECIDED = "decided"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"


class ComplaintStep(StrEnum):
    """What staff do with a complaint.

    `agreed` and `sent_back` are a second person's; `improved`: a lead records what was changed because of it.
    """

    ACKNOWLEDGED = "acknowledged"
    INVESTIGATED = "investigated"
    DECIDED = "decided"
    AGREED = "agreed"
    SENT_BACK = "sent_back"
    IMPROVED = "improved"


class ComplaintDecision(StrEnum):
    """Whether the customer was right."""

    UPHELD = "upheld"
    PARTLY = "partly"
    NOT_UPHELD = "not_upheld"


class ComplaintRemedy(StrEnum):
    """What the customer gets for it.

    `resend`: the customer chooses on the page of the order what we do about a parcel that does not arrive.
    """

    APOLOGY = "apology"
    REFUND = "refund"
    RESEND = "resend"
    OTHER = "other"


class ComplaintCause(StrEnum):
    """What a complaint came from: a closed list, so that it can be counted."""

    LATE_DELIVERY = "late_delivery"
    LOST_OR_DAMAGED_PARCEL = "lost_or_damaged_parcel"
    WRONG_OR_MISSING_GOODS = "wrong_or_missing_goods"
    PRODUCT_FAULT = "product_fault"
    PRODUCT_INFORMATION = "product_information"
    ORDER_HANDLING = "order_handling"
    PAYMENT = "payment"
    RETURN_HANDLING = "return_handling"
    LATE_ANSWER = "late_answer"
    WRONG_ANSWER = "wrong_answer"
    CONDUCT = "conduct"
    SITE = "site"
    OTHER = "other"


class RefundState(StrEnum):
    """How far the refund of a complaint is. `failed`: the bank did not pay it; we go on until it has."""

    DUE = "due"
    SETTLED = "settled"
    FAILED = "failed"
