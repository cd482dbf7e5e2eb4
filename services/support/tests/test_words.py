"""Every sentence told to a customer stands on something: an event, a clock, a timer, a control, or a standing rule.

Each mail is written from the example of its event, and each sentence that speaks of us or asks the reader to do
something is looked up in `STANDS_ON`. A sentence without a row, and a row whose event, clock, timer or control does not
exist, turn the test red. So a new promise needs what keeps it first.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import Enum
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import pytest

from services import SERVICES
from services.aftersales.api import terms as aftersales_terms
from services.common.basics.money import Money
from services.common.commitments.events import CommitmentAtRisk
from services.logistics.api import terms as logistics_terms
from services.logistics.api.events import TrackingUpdated
from services.logistics.api.statuses import ParcelStatus
from services.orders.api import AttentionKind, PaymentNeedsAttention, RefundFailed, UnknownPaymentFound
from services.orders.api import terms as orders_terms
from services.orders.api.events import BooksUnread, DisputeDecided, ErasuresHeldUp
from services.orders.api.statuses import DisputeStatus
from services.support.adapters.mail import (
    aftersales,
    banking,
    complaints,
    escalation,
    exchanges,
    ladder,
    logistics,
    orders,
    people,
    privacy,
    promises,
    remedies,
    staff,
    suggestions,
    tickets,
    triage,
)
from services.support.adapters.mail.letter import Mail, letter
from services.support.api import Category, DeclineGround, PartStatus, PrivacyKind, ResolutionCode
from services.support.api import terms as support_terms
from services.support.api.statuses import Above, ComplaintCause, ComplaintDecision, ComplaintRemedy
from services.support.domain import Link, PrivacyRequest, Suggestion
from services.support.domain.complaint import Decision
from services.support.domain.ladder import OVER, SHARES
from services.support.handlers.privacy import TAX_RECORDS
from services.support.service import SupportService
from services.support.tests.builders import NOW, TICKET_NUMBER, an_event, breached

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[3]
WEB = ROOT / "gateway" / "web" / "customer"
RESOURCES = ROOT / "gateway" / "resources"


class Ground(NamedTuple):
    """What a sentence stands on. kind: event, clock, timer, control, route, rule."""

    kind: str
    name: str


def event(name: str) -> Ground:
    """Name the event that reports it or causes it."""
    return Ground("event", name)


def clock(name: str) -> Ground:
    """Name the clock that runs for a promise."""
    return Ground("clock", name)


def timer(name: str) -> Ground:
    """Name the method of the service that does it by itself."""
    return Ground("timer", name)


def control(name: str) -> Ground:
    """Name the control the reader has, as "file: text" in the pages."""
    return Ground("control", name)


def route(name: str) -> Ground:
    """Name the request that the reader is told to make, as the gateway declares it."""
    return Ground("route", name)


def rule(name: str) -> Ground:
    """Name the rule of the platform that makes it true."""
    return Ground("rule", name)


ANSWER = control('ticket.js: "Write more"')
CONTACT = control('contact.html: id="contact"')
ORDER_PAGE = control('order.html: href="/contact"')
RETURN = control('order-requests.js: "/v1/returns"')
CHOOSE = control("order-changes.js: /answer")
POSTAGE = control('order-returns.js: "Ask for the postage"')
TAKE_MONEY = control('order-returns.js: "Take the money"')
LEAD = control('ticket.js: "Ask for a lead"')
RATE = control('ticket.js: "Send the rating"')

STANDS_ON: tuple[tuple[str, Ground], ...] = (
    # mail in
    (
        r"We have your message, but (?:one file|\d+ files) that came with your mail w",
        rule("Files of this mail were left"),
    ),
    (r"We take pictures \(JPEG, PNG, WebP\), PDF and plain text", rule("MOST_FILES")),
    (r"Please send it in one of these forms, or tell us in words", ANSWER),
    # orders
    (r"Shipping is free, and all duties and handling fees are borne by us", rule("customer_charged = 0")),
    (r"As soon as your payment has arrived, we check the order and tell you", event("payment_captured")),
    (r"We check your order within 1 working day", clock("review")),
    (r"You may try to pay again on the page of your order", control("order-payment.js: /payments")),
    (r"If that does not help, write to us on our Contact Us page", CONTACT),
    (r"We sort, pack and hand it over to the carrier within 1 to 3 working days", clock("dispatch")),
    (r"While checking your order we found something to clear up with you", event("review_needs_contact")),
    (r"Please answer us through the link below; we go on when we hear from you", ANSWER),
    (r"Your order changes only if you say so; if we do not hear from you, it stays as it is", rule("consent")),
    (r"Please choose on the page of your order", CHOOSE),
    (r"Please decide by ", rule("change_requested.expires_at")),
    (r"You may choose:", CHOOSE),
    (r"We send it as soon as everything is there again", event("stock_covered")),
    (r"We change the order exactly as you were shown, and confirm it", event("order_changed")),
    (r"If we have another question, we ask you again", event("change_requested")),
    (r"The change that we asked you about is no longer open", event("change_closed")),
    (r"We go on with your order( and tell you when the refund has settled)?", event("refund_settled")),
    (r"You asked us to cancel your order", event("cancellation_requested")),
    (r"We stop the parcel if it has not left yet, and tell you either way", event("recall_refused")),
    (r"We tell you when the refund has settled", event("refund_settled")),
    # logistics
    (r"You can follow each step on the page of your order", control("order-delivery.js: showParcel")),
    (r"Freight, duties and fees are paid by us", rule("customer_charged = 0")),
    (r"If the carrier reports that it could not be handed over, we tell you", event("tracking_updated")),
    (r"Please fetch it from the carrier's counter", rule("the carrier's word")),
    (r"Please fetch it there (soon|while it is kept)", event("parcel_facts_told")),
    (r"If the address needs a correction, please write to us on our Contact Us page", CONTACT),
    (r"If anything is wrong with it, write to us on our Contact Us page, or ask on the page of your order", RETURN),
    (r"We hope that you enjoy what you bought", rule("a wish")),
    (r"The carrier tells us that your parcel has been delivered", event("parcel_delivered")),
    (r"Within 5 working days we ask you what we shall do", clock("remedy")),
    (r"About your parcel we have news that we would rather not have", event("parcel_exception")),
    (r"We noticed that your parcel has not moved", event("parcel_stuck")),
    (r"You need do nothing unless we ask you", rule("nothing is asked")),
    (r"We told you that your parcel was delivered on ", event("delivery_taken_back")),
    (r"We know now that this was not so", event("delivery_taken_back")),
    (r"If you do have it, please answer here", ANSWER),
    (r"We tried to stop your parcel to ", event("recall_refused")),
    (r"When it has arrived, you can ask for a return on the page of your order", RETURN),
    (r"Answer us if you would like our help with that", ANSWER),
    # remedies
    (r"Please choose on the page of your order", control("order-remedies.js: /remedy")),
    (r"Please choose what we shall do", control("order-remedies.js: /remedy")),
    (r"We do exactly what you choose", event("remedy_accepted")),
    (r"You may choose", control("order-remedies.js: /remedy")),
    (r"You chose (that we send the goods again|to be paid back)", event("remedy_accepted")),
    (r"We hand them over to the carrier within 1 to 3 working days, and tell you when they leave", clock("dispatch")),
    (r"(- Keep waiting; i|I)f the parcel does not come, we ask you again", clock("remedy")),
    (r"The parcel about which we had written to you has turned up", event("remedy_closed")),
    (r"You can follow the parcel on the page of your order", control("order-delivery.js: showParcel")),
    (r"Before that, you had chosen", event("remedy_accepted")),
    # returns
    (r"We have received your request to return goods", event("return_requested")),
    (r"Our after-sales team reviews it within 2 working days and writes to you", clock("return_review")),
    (r"To decide about your return we need to know one thing more", event("return_info_requested")),
    (r"Please answer on the page of your order", control("order-returns.js: Send the answer")),
    (r"We go on when we have your answer", event("return_info_answered")),
    (r"Please send the goods to", event("return_authorized")),
    (r"We check the goods within 2 working days of their arrival", clock("verification")),
    (r"We check them within 2 working days, and tell you what we found", clock("verification")),
    (r"Two colleagues have looked at (your request|\d+ piece)", event("return_rejected")),
    (r"We cannot accept .*, and this decision is final", event("return_rejected")),
    (r"If you see it otherwise, you may appeal on the page of your order", control('order-returns.js: "appeal"')),
    (r"We hand the goods to a carrier within 5 working days", clock("send_back")),
    (r"We have sent .* back to you", event("return_sent_back")),
    (r"A second colleague looks at what is not decided", clock("verification")),
    (r"We have checked your return", event("return_inspected")),
    (r"Please keep the receipt for the postage: when .*, you enter it on the page of your order", POSTAGE),
    (r"We have received your receipt for the postage of your return", event("return_postage_asked")),
    (r"We look at it within 2 working days and write to you", clock("postage")),
    (r"We pay back the postage of ", event("return_postage_decided")),
    (r"We pay it to your original means of payment, as far as money of your order is left there", clock("refund")),
    (r"Two colleagues have looked at your receipt", event("return_postage_decided")),
    (r"If you see it otherwise, please enter it once more on the page of your order", POSTAGE),
    (r"We have received your request to exchange goods", event("return_requested")),
    (r"You wanted the same again: we see whether it is there, and write to you at once", event("exchange_arranged")),
    (r"We have put \d+ pieces? aside for you, and send (it|them) free of charge", event("exchange_arranged")),
    (r"Nothing is paid back for (it|them)", event("exchange_claimed")),
    (r"Until then you may still choose the money, on the page of your order", TAKE_MONEY),
    (r"You wanted the same goods again", event("return_exchange_ended")),
    (r"We cannot send them, because your bank is asking", event("exchange_refused")),
    (r"As you chose, we do not send the same goods again", event("return_exchange_ended")),
    (r"What you are owed goes back to you when your bank has decided", event("refund_settled")),
    (r"You chose on .* to be paid back instead of an exchange", event("return_refund_chosen")),
    (r"You get back what you paid for the goods that we accept", clock("refund")),
    (r"Your return goes on as it is", event("return_refund_chosen")),
    (r"We try to stop the parcel that we send you in exchange", event("exchange_stopped")),
    (r"We tried to stop the parcel that we send you in exchange", event("recall_refused")),
    # tickets
    (r"Thank you for writing to us", event("ticket_opened")),
    (r"We write to you about this", event("ticket_opened")),
    (r"A person answers you by ", clock("first_response")),
    (r"We have answered you", event("message_posted")),
    (r"We have answered you, and believe that your matter is solved", event("ticket_resolved")),
    (r"If that helps, you need do nothing; if not, just answer through the link below", ANSWER),
    (r"What we have marked as solved can be rated there", RATE),
    (r"It closes after 7 days without a word from you, unless it is a complaint", timer("close_silent_tickets")),
    (r"We need your answer to go on; please use the link below", ANSWER),
    (r"Our guard against automatic messages had set yours aside at first", event("ticket_quarantined")),
    (r"We had promised an answer by ", clock("first_response")),
    (r"We have sorted your message anew, and answer it later than we had said", event("ticket_amended")),
    (
        r"You have asked that (a lead of our team|the person in charge of .*) answers you",
        event("ticket_escalated"),
    ),
    (r"Your matter has been taken up again", event("ticket_reopened")),
    (r"You have written to us twice about one matter", event("ticket_merged")),
    (r"Your conversation .* goes on in this one, ", event("ticket_merged")),
    (r"What you wrote is kept, and what we promised you there is kept here", rule("clocks go on in the target")),
    (r"Please write to us in this conversation; what you write to the other one arrives here too", ANSWER),
    (r"We had put this conversation together with .*, and should not have", event("ticket_unmerged")),
    (r"It goes on by itself again; what you wrote meanwhile is in ", event("ticket_unmerged")),
    (r"In your conversation .* you wrote about more than one matter", event("ticket_split")),
    (r"So that nothing is left out, one of them has a conversation of its own now", event("ticket_split")),
    (r"A person answers you (there|here) by ", clock("first_response")),
    (r"We are late with our answer, and write to you about that", event("commitment_breached")),
    (r"(Our leads|They) have been told", event("ticket_escalated")),
    (r"(A lead of our team|The person in charge of our shop) answers you by ", clock("lead_answer")),
    (r"We cannot do what you asked for", event("ticket_resolved")),
    (r"The lead of our team decided this, for this reason", rule("declining needs a lead")),
    (r"If you see it otherwise, write to us through the link below: your message takes the matter up", ANSWER),
    (r"We have ended this conversation, because", event("ticket_resolved")),
    (r"We believe that your matter is solved, and have marked it so", event("ticket_resolved")),
    (r"Tell us below how satisfied you are", route("POST /ratings")),
    (r"If it is not solved, (open the link and write to us|write to us through the link below)", ANSWER),
    (r"If we hear nothing for 7 days, we close it", timer("close_silent_tickets")),
    (r"It is closed only when you say so, or our lead signs it", control('ticket.js: "closing"')),
    (r"We have asked you something, and cannot go on without your answer", event("message_posted")),
    (r"Please answer through the link below", ANSWER),
    (r"If we do not hear from you for 7 days, we end this conversation", timer("see_to_waiting_tickets")),
    (r"We have not heard from you since we reminded you, and have ended", timer("see_to_waiting_tickets")),
    (r"If you still need us, write to us through the link below", ANSWER),
    (r"You asked for a new link to your conversation with us", timer("mail_requested_links")),
    (r"Open the link; it is good for (30|120) days", rule("LINK_LIFETIME, ORDER_LIFETIME")),
    # late
    (r"We (are|were) late with [a-z ]+: we had promised it by ", event("commitment_breached")),
    (r"The lead of our team (has been told|is told, too)", event("commitment_breached")),
    (r"The lead of our team has closed your (matter|message)", event("ticket_closed")),
    (r"We write to you with news by ", clock("update")),
    (r"\d+ × .* cannot be delivered as promised: our stock had to be corrected", event("change_requested")),
    (r"The bank has not paid our refund of ", event("refund_failed")),
    (r"We send it again meanwhile", event("refund_submitted")),
    (r"We told you that our refund of .* had been paid", event("refund_settled")),
    (r"A colleague (looks after it|looks into it|follows it)", clock("payment_attention")),
    (r"We still owe it", clock("refund")),
    # money that does not fit
    (
        r"Your bank had asked for money of your order back; .* USD of it are yours, it has decided",
        event("refund_settled"),
    ),
    (r"It is your bank that pays them out", event("dispute_decided")),
    (r"If that is not what you wanted, please write to us on our Contact Us page", CONTACT),
    (r"We cannot begin with your order yet", rule("an order begins when it is paid in full")),
    (r"Please pay the rest on the page of your order", control("order-payment.js: /payments")),
    (r"If your order still waits for its payment, you may pay it in USD", control("order-payment.js: /payments")),
    (r"A payment of .* has arrived that we cannot use for your order as it is", event("payment_needs_attention")),
    (r"Your bank is looking into what you paid for it, so we send nothing back", event("payment_disputed")),
    (r"Your bank is looking into the other .* USD, so we send those back only when", event("payment_disputed")),
    # signing in
    (r"Somebody, hopefully you, wants to sign in with this address", route("POST /sign-in")),
    (r"Enter the code below within 10 minutes", rule("CODE_LIFETIME")),
    (r"Tell it to nobody", rule("advice")),
    (r"If it was (not )?you, you need do nothing", rule("a code and a factor that nobody uses do nothing")),
    (
        r"Somebody signed in with this address on .* from a browser that we had not seen before",
        event("session_started"),
    ),
    (r"If it was not you, .*: change its password first, then tell us through the form", CONTACT),
    (r"A second factor was set up for this address on ", event("factor_set")),
    (r"An admin took the second factor of this address away on .*, and ended its sessions", event("session_ended")),
    (r"Sign in again", route("POST /sign-in")),
    (r"If you did not ask for it, tell us through the form", CONTACT),
    # one's own data
    (r"The time for which we keep these customers is over, or the time in which we erase", event("erasures_held_up")),
    (r"Please see what is open .*GET /v1/orders/", route("GET /orders/<number(ORD):number>")),
    (r"The customer is erased by itself then", event("order_erased")),
    (r"Somebody who is signed in with this address asked for ", route("POST /privacy/erasure")),
    (r"The code below confirms it; it is good for ten minutes", rule("CODE_LIFETIME")),
    (r"Enter the code where you asked, under \"My data\" on the page", control('my-data.js: "Confirm with this code"')),
    (r"Within 30 calendar days we mail you a link to the copy", clock("privacy_request")),
    (r"Within 30 calendar days we erase what is not in use and tell you by mail", clock("privacy_request")),
    (r"This cannot be undone, and with the data goes the way to see your orders", event("order_erased")),
    (r"If it was not you, do not pass the code on: without it nothing is done", rule("confirmed by code")),
    (r"The copy of the data that we have of you is ready", event("export_confirmed")),
    (r"The link below gets it as a file until ", route("GET /privacy/exports/<link:token>")),
    (r"Keep the link to yourself", rule("advice")),
    (r"We have erased the data that we had of you, and how you signed in", event("privacy_request_ended")),
    (r"You need do nothing", rule("nothing is asked")),
    (r"If you order again, you are a new customer to us", rule("nothing of before is known")),
    # to staff
    (r"This ticket has been assigned to you", event("ticket_assigned")),
    (r"The customer has written to a ticket of yours", event("message_posted")),
    (r"Please answer; the clock of the answer runs", clock("next_response")),
    (r"Please see to it", rule("a request")),
    (r"The customer (of a ticket of yours )?is not content, and asks that ", event("ticket_escalated")),
    (r"The reason stands in the conversation", event("message_posted")),
    (r"Please answer the customer yourself by .*, as we have promised them", clock("lead_answer")),
    (r"An answer of somebody else does not count", event("escalation_answered")),
    (r"(A lead of our team|The person in charge of our shop) answers next", clock("lead_answer")),
    (r"Please help with what you know: write it down as a note", rule("a request")),
    (r"The promise [a-z_]+ of .* was not kept", event("commitment_breached")),
    (r"The promise [a-z_]+ of .* is at risk", event("commitment_at_risk")),
    (r"It is due at ", rule("the clock's own time")),
    (r"Time runs out, or is over, for what we have promised to customers", timer("climb_ladder")),
    (r"- [A-Z][a-z ]+ of \S+ (is due by .*: a quarter of the time is left|was due by )", timer("climb_ladder")),
    (r"- [A-Z][a-z ]+ of \S+ was kept, but late: it was due by ", rule("the clock's own verdict")),
    (r"- And \d+ more: the desk shows them all", rule("the desk's list of work")),
    (r"The customer has been told", event("customer_notified")),
    (r"The bank has refused the refund .*; it is not tried again by itself", event("refund_failed")),
    (r"The customer knows of the delay", event("refund_failed")),
    (r"Please look at it in the queue, GET /v1/refunds", route("GET /refunds")),
    (r"Try again with POST /v1/refunds", route("POST /refunds/<number(REF):refund_id>/retry")),
    (r"If you paid it by hand, .* at POST /v1/refunds", route("POST /refunds/<number(REF):refund_id>/paid")),
    (r"The bank had paid the refund .*, and has taken that back now", event("refund_failed")),
    (r"It is owed again, and the customer has been told", event("refund_failed")),
    (r"It is sent again by itself", event("refund_submitted")),
    (r"It is in the queue, GET /v1/refunds", route("GET /refunds")),
    (r"\S+ [A-Z]{3} wait for you \([a-z ]+\): ", event("payment_needs_attention")),
    (r"Please look at the case, GET /v1/payments/attention, and .*/retry", route("GET /payments/attention")),
    (r"Please look at the case, GET /v1/payments/attention, and ", route("GET /payments/attention")),
    (r"Please find out whose it is", route("POST /payments/<number(PAY):payment_id>/settle")),
    (r"The case is listed by GET /v1/payments/attention", route("GET /payments/attention")),
    (r"What it disputes is not paid back, and nothing of the order leaves, until the bank has", event("dispatch_held")),
    (r"It tells us that itself; what it tells only you, record with POST ", event("dispute_decided")),
    (r"If only its report was lost, the case ends by itself once that comes", event("payment_settled")),
    (
        r"(The bank has changed its decision: the|The) dispute about .* is (open|answered|won|lost)",
        event("dispute_decided"),
    ),
    (r"The money is ours: the order keeps it, and what waited for it goes on", event("payment_settled")),
    (r"The customer has the money: what we owed them counts as paid with it", event("refund_settled")),
    (r"If the order is confirmed and not paid any more, that is a case", event("payment_needs_attention")),
    (r"The books of the provider .* could not be read for half an hour", event("books_unread")),
    (r"They (agreed last at|were never compared)", event("books_unread")),
    (r"It is tried again by itself, at least once an hour", event("books_unread")),
    (r"Please see whether the provider has an outage", route("GET /payments/books")),
    (
        r"Nothing is paid until you decide with POST /v1/payments/.*; a delivery .* pays it by itself",
        route("POST /payments/<number(PAY):payment_id>/settle"),
    ),
    (r"No refund of the order is sent until you say so", rule("HOLDS_ALL_PAYOUTS")),
    # what is looked into
    (r"We want to answer you truthfully and in full, and have to look into it first", event("verification_requested")),
    (r"This is what we look into", event("verification_requested")),
    (r"You get the complete answer by .*; a second person checks it before", clock("complete_answer")),
    (r"We go on, and you get the complete answer as we promised", clock("complete_answer")),
    (r"If it takes longer than a working day, we write to you with news by ", clock("update")),
    (r"There is news about what we are looking into for you", event("message_posted")),
    (r"You had asked, and we have looked into it", event("answer_verified")),
    (r"This is our answer", event("answer_verified")),
    (r"A second person of our team has checked it", rule("two_people")),
    (r"A colleague has written the complete answer to a question that was looked into", event("answer_drafted")),
    (
        r"Please check it: approve it, edit and approve it, or send it back with the reason",
        route("POST /verifications/<id:verification_id>/decision"),
    ),
    (r"The customer waits for it", clock("complete_answer")),
    (r"A colleague has not agreed to your answer; the reason stands beside the conversation", event("draft_sent_back")),
    (r"Please write it again; the clock of the complete answer runs", clock("complete_answer")),
    # suggestions
    (r"We decide about your suggestion by ", clock("suggestion_review")),
    (r"We have taken in what you wrote as a suggestion", event("suggestion_received")),
    (r"We had taken in what you wrote as a suggestion, and have sorted it anew as ", event("ticket_amended")),
    (r"So we do not decide about it as a suggestion any more", event("suggestion_moved")),
    (r"If you meant it as a suggestion, write to us through the link below, and a person answers", ANSWER),
    (r"The lead of our team has read the suggestion, and decides about it next", clock("suggestion_review")),
    (r"We (do not )?plan to do it", event("suggestion_moved")),
    (r"It is done, because (you suggested it|it was suggested to us)", event("suggestion_moved")),
    (r"We have announced it", event("suggestion_moved")),
    (r"We write to you when it is done", event("suggestion_moved")),
    (r"Our public board of suggestions shows it in our words, without your name", event("suggestion_edited")),
    (r'You follow the suggestion "', route("POST /suggestions/<id:suggestion_id>/follow")),
    (r"This was the last mail about it", rule("an announced suggestion has no step left")),
    (
        r"If you want to be told no more, open the board through the link below and choose to stop following it",
        route("POST /suggestions/<id:suggestion_id>/follow"),
    ),
    # complaints
    (r"A person takes your complaint up by ", clock("complaint_acknowledgment")),
    (r"Then we look into it and write to you each working day with what is new", clock("update")),
    (r"We decide about it by .*, and tell you the reasons", clock("complaint_decision")),
    (r"If it takes longer than a working day, we write to you with news by ", clock("update")),
    (r"We have taken in your complaint", event("complaint_received")),
    (r"We have taken up your complaint", event("complaint_acknowledged")),
    (r"You object to our decision about your complaint, and we look at it again", event("complaint_objected")),
    (r"Other people of our team than before decide by ", clock("complaint_decision")),
    (r"Other people of our team than before have decided this", rule("who decided is not asked again")),
    (r"We have decided: ", event("complaint_decided")),
    (r"These are our reasons", event("complaint_decided")),
    (r"You get \d+\.\d\d USD back, to the account that you paid from by ", clock("refund")),
    (r"This is what we do about it", event("complaint_decided")),
    (r"We ask you on the page of your order what we do about the parcel, and you choose", event("remedy_requested")),
    (
        r"If you do not agree, you can object once, until 14 days after it is closed, on the page",
        control('complaint.js: "Object to the decision"'),
    ),
    (r"You can also turn to .*: https://", rule("next_body")),
    (
        r"It is closed when you say so on the page, or when our lead signs it; never by silence",
        control('ticket.js: "It is solved: close it"'),
    ),
    (r"A colleague has decided about a complaint, and it needs a second person", event("complaint_moved")),
    (r"Please look at it: agree, or send it back with the reason", event("complaint_moved")),
    (r"A complaint has been given to you to investigate", event("complaint_acknowledged")),
    (
        r"Please find out what happened, tell the customer what is new each working day, and decide in time",
        clock("complaint_decision"),
    ),
    (r"Your decision about a complaint is not in force; the reason stands beside", event("complaint_moved")),
    (r"Please decide again; the clock of the decision runs", clock("complaint_decision")),
    (r"A customer objects to the decision about a complaint", event("complaint_objected")),
    (r"Please see to it that people decide who had not decided before", clock("complaint_decision")),
    # every mail
    (r"(The money is still yours; )?[Ww]e are sorry", rule("an apology")),
    (r"To answer us, please use the link", ANSWER),
    (r"We write in English", rule("one language")),
)
SPEAKS = re.compile(
    r"\b(we|us|our|just answer|a person|a colleague|somebody else|please|you (may|can|find)|open the link|it closes)\b",
    re.IGNORECASE,
)


def sentences(text: str, *, every: bool = False) -> Iterator[str]:
    """Yield the sentences of a text that say what we do or what the reader can do, without quotations.

    every: yield all sentences, whatever they say.
    """
    for line in re.sub(r"\n\n", "\n", text).splitlines():
        for part in re.split(r"(?<=[.?!:]) +(?=[A-Z])|What happens next: ", line):
            sentence = part.strip()[:1].upper() + part.strip()[1:]
            wanted = every and re.search(r"[.?!;]$", sentence)
            if (wanted or SPEAKS.search(sentence)) and not line.startswith(">"):
                yield sentence


def written() -> Iterator[tuple[str, Mail]]:
    """Yield every mail to a customer, from the example of its event."""
    for module in (orders, logistics, aftersales, exchanges, remedies):
        for name, write in inspect.getmembers(module, inspect.isfunction):
            hints = get_type_hints(write)
            own_event = write.__module__ == module.__name__ and {"event", "zone"} <= set(hints)
            if own_event and hints["return"] is Mail and not name.startswith("_"):
                yield from ((name, mail) for mail in variants(write, hints))
    yield from (("key_status", logistics.key_status(scan(status), None)) for status in logistics.KEY_STATUSES)
    for kind in promises.LATE:
        late = breached(kind, "SHP-0000-0000-0", None)
        yield "broken", promises.broken(late, None, NOW, leads_told=True)
        yield "broken", promises.broken(late, None, NOW, leads_told=True, ticket_number=TICKET_NUMBER)
        yield "broken", promises.broken(late, None, None, leads_told=False, ticket_number=TICKET_NUMBER)
    yield from own()
    yield from about_signing_in()
    yield from about_their_data()
    yield from about_escalation()
    yield from to_staff()


def about_signing_in() -> Iterator[tuple[str, Mail]]:
    """Yield the mails about signing in."""
    yield "sign_in_code", tickets.sign_in_code()
    yield "new_sign_in", people.new_sign_in(NOW, people.plain_device("Mozilla/5.0 (X11; Linux) Firefox/1"))
    yield "factor_set", people.factor_set(NOW)
    yield "factor_reset", people.factor_reset(NOW)


def about_their_data() -> Iterator[tuple[str, Mail]]:
    """Yield the mails about a customer's own data."""
    yield from (("privacy_code", privacy.code(kind, "PRV-0000-0000-0")) for kind in PrivacyKind)
    yield "erasures_held_up", privacy.erasures_held_up(an_event(ErasuresHeldUp))
    yield "copy_ready", privacy.copy_ready("PRV-0000-0000-0", NOW)
    asked = PrivacyRequest("PRV-0000-0000-0", PrivacyKind.ERASURE, "ada@example.com", NOW, "", NOW)
    asked.note("order ORD-0000-0000-6", PartStatus.ERASED)
    asked.note("conversation TIC-0000-0000-6", PartStatus.ERASED)
    asked.note("order ORD-0000-0001-R", PartStatus.WAITING, "it is not finished")
    asked.note("your name and address with order ORD-0000-0000-6", PartStatus.KEPT, TAX_RECORDS, NOW)
    yield "erased", privacy.erased(asked.number, asked.parts)
    yield "erased", privacy.erased(asked.number, [])


def about_escalation() -> Iterator[tuple[str, Mail]]:
    """Yield the mails about tickets that are taken to a lead, or whose time runs out."""
    lines = [ladder.RungLine(TICKET_NUMBER, "next_response", share, NOW, late=False) for share in SHARES]
    yield (
        "running_out",
        ladder.running_out([*lines, ladder.RungLine("TIC-1", "resolution", OVER, NOW, late=True)], "UTC"),
    )
    yield "running_out", ladder.running_out(lines * 20, "Asia/Shanghai")
    yield "for_lead", escalation.for_lead(TICKET_NUMBER, NOW, "Asia/Shanghai")
    for to in Above:
        yield "for_assignee", escalation.for_assignee(TICKET_NUMBER, to)
        for so in (True, False):
            yield "asked", escalation.asked(TICKET_NUMBER, NOW, None, to, told=so, reopened=so)


def to_staff() -> Iterator[tuple[str, Mail]]:
    """Yield the mails to people who work on it, and to leads."""
    yield "assigned", staff.assigned(TICKET_NUMBER)
    yield "customer_wrote", staff.customer_wrote(TICKET_NUMBER)
    yield "drafted", staff.drafted(TICKET_NUMBER)
    yield "sent_back", staff.sent_back(TICKET_NUMBER)
    for told in (True, False):
        yield "for_staff", promises.for_staff(breached("refund", "REF-0000-0000-0", None), customer_told=told)
    at_risk = CommitmentAtRisk(**vars(breached("refund", "REF-0000-0000-0", "ORD-0000-0000-D")))
    yield "for_staff", promises.for_staff(at_risk)
    yield "refund_needs_person", banking.refund_needs_person(an_event(RefundFailed))
    yield "refund_came_back", banking.refund_came_back(an_event(RefundFailed))
    for kind in AttentionKind:
        case = an_event(PaymentNeedsAttention, kind=kind, reason="a reason that is told elsewhere")
        yield "payment_needs_person", banking.payment_needs_person(case)
    for outcome in (DisputeStatus.WON, DisputeStatus.LOST):
        for before in (DisputeStatus.OPEN, DisputeStatus.LOST):
            decided = an_event(DisputeDecided, outcome=outcome, before=before)
            yield "dispute_decided", banking.dispute_decided(decided)
    for compared in (None, NOW):
        unread = an_event(BooksUnread, compared_at=compared, problem="told elsewhere")
        yield "books_unread", banking.books_unread(unread)
    yield "unknown_payment", banking.unknown_payment(an_event(UnknownPaymentFound, reason="told elsewhere"))


def variants(write: Callable[..., Mail], hints: Mapping[str, Any]) -> Iterator[Mail]:
    more = {"news_by": NOW} if "news_by" in hints else {}
    if write is logistics.key_status:
        return
    yield write(an_event(hints["event"]), None, **more)
    closed = list(closed_values(hints["event"]))
    loose = hints["event"].__dataclass_fields__.keys() - {name for changes in closed for name in changes}
    for changes in (*closed, *(changes for changes in TOLD_APART if changes.keys() <= loose)):
        yield write(an_event(hints["event"], **changes), None, **more)


TOLD_APART: tuple[dict[str, Any], ...] = (
    *({"option": option} for option in ("wait", "cancel", "resend", "refund")),
    *({"cause": cause} for cause in ("change", "cancellation", "exchange", "remedy", "return")),
    *({"use": use} for use in ("order", "again", "part", "surplus", "attention")),
    *({"reason": reason} for reason in logistics._TROUBLE),
    *({"outcome": outcome} for outcome in ("accepted", "declined")),
    {"pays": "postage"},
    {"disputed": 1},
    {"waits": Money(100)},
    {"surplus": Money(100)},
    {"parcel_status": "delivered"},
    {"law": None},
    {"remedy_id": "RMD-0000-0000-0"},
)
"""What mails look at that is no closed list in the event itself."""


def closed_values(event: type[Any]) -> Iterator[dict[str, Any]]:
    """Yield each value of each field of an event that has a closed list of them."""
    for name, hint in get_type_hints(event).items():
        kinds = get_args(hint) or (hint,)
        for kind in kinds:
            if kind is bool:
                yield from ({name: value} for value in (True, False))
            elif isinstance(kind, type) and issubclass(kind, Enum):
                yield from ({name: value} for value in kind)


def scan(status: str) -> Any:
    return an_event(TrackingUpdated, status=ParcelStatus(status))


def own() -> Iterator[tuple[str, Mail]]:
    """Yield the mails about tickets."""
    number = TICKET_NUMBER
    for yours in (True, False):
        yield "begun", tickets.begun(number, "Text.", your_turn=yours)
        yield "answered", tickets.answered(number, "Text.", "Question?", "Subject", your_turn=yours)
        yield "answered", tickets.answered(number, "Text.", None, "Subject", your_turn=False, done=yours)
        yield "reminder", tickets.reminder(number, ends=yours)
        for code in ResolutionCode:
            yield "ended", tickets.ended(number, code, "Reason.", complaint=yours)
    for ground in DeclineGround:
        yield "ended", tickets.ended(number, ResolutionCode.DECLINED, "Reason.", ground, complaint=False)
    yield "received", tickets.received(number, NOW)
    yield "received", tickets.received(number, NOW, review_by=NOW)
    for promised in (NOW, NOW - timedelta(days=1)):
        yield "let_through", tickets.let_through(number, promised, NOW - timedelta(hours=1), review_by=NOW)
    yield "amended", tickets.amended(number, NOW)
    yield "looked_into", tickets.looked_into(number, "Is it for 110 V?", NOW, NOW)
    yield "news", tickets.news(number, "Text.")
    yield "verified", tickets.verified(number, "Text.", "Question?")
    yield "reopened", tickets.reopened(number, NOW)
    yield "closed", tickets.closed(number)
    yield "taken_out", tickets.taken_out(number, "Reason.")
    yield "ended_in_silence", tickets.ended_in_silence(number)
    yield "rating_asked", tickets.rating_asked(number)
    for count in (1, 3):
        yield "files_left", tickets.files_left(number, count)
    yield "link_renewed", tickets.link_renewed(number)
    yield "order_link", tickets.order_link("ORD-0000-0000-D")


def of_suggestions() -> Iterator[tuple[str, Mail]]:
    """Yield the mails about suggestions, at each step."""
    yield "suggestion received", suggestions.taken_in(TICKET_NUMBER, NOW)
    for category in sorted({*Category} - {Category.SUGGESTION}):
        yield "suggestion withdrawn", suggestions.withdrawn(TICKET_NUMBER, category, NOW)
        yield "suggestion withdrawn", suggestions.withdrawn(TICKET_NUMBER, category, None)
    for status in suggestions.SUBJECTS:
        for public in (True, False):
            found = Suggestion(
                "1", TICKET_NUMBER, NOW, NOW, status, "Title", "Text.", "Reason.", "/shop", public, review_by=NOW
            )
            yield "suggestion moved", suggestions.moved(TICKET_NUMBER, found, "https://shop.example")
            yield "suggestion followed", suggestions.followed(found, "https://shop.example")


def of_several() -> Iterator[tuple[str, Mail]]:
    """Yield the mails about tickets that are put together, taken apart or split."""
    number = TICKET_NUMBER
    for due in (NOW, None):
        yield "merged", triage.merged(number, number, due)
        yield "unmerged", triage.unmerged(number, number, due)
        yield "split", triage.split(number, number, due)


def of_complaints() -> Iterator[tuple[str, Mail]]:
    """Yield the mails about complaints, at each step, to the customer and to staff."""
    number = TICKET_NUMBER
    yield "complaint received", tickets.received(number, NOW, steps=(NOW, NOW))
    yield "complaint taken in", complaints.taken_in(number, NOW, NOW)
    yield "complaint acknowledged", complaints.acknowledged(number, "Text.", NOW, NOW)
    yield "complaint news", complaints.news(number, "Text.", NOW, NOW)
    yield "complaint objected", complaints.objected(number, NOW, NOW)
    for verdict, remedy in product(ComplaintDecision, (*ComplaintRemedy, None)):
        decision = Decision(
            verdict, "Reason.", ComplaintCause.CONDUCT, "lena", remedy, "Note.", Money(2000), "DE", refund_due_at=NOW
        )
        for final in (True, False):
            yield "complaint decided", complaints.decided(number, decision, final=final)
    for write in (complaints.proposed, complaints.came_back, complaints.investigate, complaints.decide_again):
        yield "complaint at the desk", write(number)


MAILS = [*written(), *of_suggestions(), *of_complaints(), *of_several()]


def test_every_mail_about_a_ticket_is_looked_at():
    functions = inspect.getmembers(tickets, inspect.isfunction)
    mails = {name for name, write in functions if get_type_hints(write).get("return") is Mail and name[0] != "_"}

    assert mails - {"sign_in_code"} == {name for name, _ in own()}


@pytest.mark.parametrize(("name", "mail"), MAILS, ids=[name for name, _ in MAILS])
def test_every_sentence_of_a_mail_stands_on_something(name: str, mail: Mail) -> None:
    to_followers = name.startswith("suggestion followed")  # which quotes the lead's reason
    every = mail.link in (Link.DESK, Link.CODE) and not to_followers
    body = mail.text if every else letter(mail.text, mail.link, "https://shop.example", "Ada")

    said = sentences(body, every=every)
    loose = [each for each in said if not any(re.match(pattern, each) for pattern, _ in STANDS_ON)]

    assert loose == [], name


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in STANDS_ON])
def test_no_ground_is_kept_for_a_sentence_that_is_gone(pattern: str) -> None:
    texts = (letter(mail.text, mail.link, "", None) for _, mail in MAILS)

    assert any(re.match(pattern, each) for text in texts for each in sentences(text, every=True))


def clocks() -> set[str]:
    tables = (orders_terms, logistics_terms, aftersales_terms, support_terms)
    return {kind.partition(".")[0] for module in tables for kind in module.TERMS}


def events() -> set[str]:
    folders = (ROOT / "services" / service / "contracts" for service in SERVICES)
    contracts = {path.name.partition(".")[0] for folder in folders for path in folder.glob("*.json")}
    return contracts | {each.event.type for each in SupportService.follows}


@pytest.mark.parametrize("ground", sorted({ground for _, ground in STANDS_ON}), ids=str)
def test_every_ground_exists(ground: Ground) -> None:
    match ground.kind:
        case "event":
            assert ground.name in events()
        case "clock":
            assert ground.name in clocks()
        case "timer":
            assert callable(getattr(SupportService, ground.name))
        case "control":
            file, _, text = ground.name.partition(": ")
            (page,) = WEB.rglob(file)
            assert text in page.read_text("utf-8")
        case "route":
            method, _, path = ground.name.partition(" ")
            declared = "\n".join(each.read_text("utf-8") for each in RESOURCES.glob("*.py"))
            assert re.search(rf'blp\.{method.lower()}\(f?"{re.escape(path)}"', declared)
        case "rule":
            assert ground.name


def test_a_promise_with_nothing_behind_it_turns_the_table_red():
    mail = Mail("Subject", "we have told the carrier to hurry.", "we call you tomorrow.", "", Link.TICKET)

    loose = [each for each in sentences(mail.text) if not any(re.match(pattern, each) for pattern, _ in STANDS_ON)]

    assert loose == ["We have told the carrier to hurry.", "We call you tomorrow."]


def test_every_mail_begins_with_a_capital_letter_after_the_name():
    for name, mail in MAILS:
        body = letter(mail.text, mail.link, "", "Ada Lovelace")
        assert re.match(r"Hello Ada Lovelace,\n\n[^a-z]", body), name


def test_mails_to_staff_name_the_case():
    for mail in (staff.assigned(TICKET_NUMBER), staff.customer_wrote(TICKET_NUMBER)):
        assert TICKET_NUMBER in mail.text
