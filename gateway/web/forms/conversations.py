"""A customer's conversations without JavaScript: read, go on, ask for a lead. The form holds the session's token.

| address             | what is sent                 | the API's operation            |
|---------------------|------------------------------|--------------------------------|
| POST /plain/tickets | token, cursor                | GET /v1/tickets                |
| POST /plain/ticket  | token, number                | GET /v1/tickets/{n}            |
| POST /plain/message | token, number, message, key  | POST /v1/tickets/{n}/messages  |
| POST /plain/lead    | token, number, reason, key   | POST /v1/tickets/{n}/escalation|
"""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.web.forms.forms import admit_form, filled_in, form_key, page_after, page_of
from gateway.web.forms.inside import Answer, ask
from services.common.basics import ids
from services.common.language import N_
from services.support.api.terms import LEAD_ANSWER, TERMS

WHO = {"customer": N_("You"), "agent": N_("We"), "system": N_("Automatic message")}

blp = Blueprint("conversations", __name__)
blp.before_request(admit_form)


@blp.post("/plain/tickets")
def show_tickets() -> Response:
    given = filled_in("token", "cursor")
    token = given.get("token", "")
    answer = ask("GET", page_after("/v1/tickets", given), token=token)
    return page_of("start" if answer.refused else "tickets", answer, token=token)


@blp.post("/plain/ticket")
def show_ticket() -> Response:
    given = filled_in("token", "number")
    return _ticket(given.get("token", ""), _number(given))


@blp.post("/plain/message")
def send_message() -> Response:
    given = filled_in("token", "number", "message")
    path = f"/v1/tickets/{_number(given)}/messages"
    answer = ask("POST", path, {"body": given.get("message", "")}, token=given.get("token"), key=form_key())
    # what was closed long ago goes on in another ticket, which the answer names
    number = _number(given) if answer.refused else answer.document["number"]
    return _ticket(given.get("token", ""), number, answer, N_("Your message has arrived."), given)


@blp.post("/plain/lead")
def ask_for_lead() -> Response:
    given = filled_in("token", "number", "reason")
    path = f"/v1/tickets/{_number(given)}/escalation"
    answer = ask("POST", path, {"reason": given.get("reason", "")}, token=given.get("token"), key=form_key())
    done = N_("You asked for a lead, who reads all of it and answers you. An e-mail says until when.")
    return _ticket(given.get("token", ""), _number(given), answer, done, given)


def _number(given: dict[str, str]) -> str:
    return ids.fold_number(given.get("number", ""), ids.TICKET) or "-"


def _ticket(
    token: str, number: str, answer: Answer | None = None, done: str = "", given: dict[str, str] | None = None
) -> Response:
    """Show the conversation as it is now, with what was refused or done."""
    ticket = ask("GET", f"/v1/tickets/{number}", token=token)
    if ticket.refused:
        return page_of("start", answer if answer and answer.refused else ticket)
    failed = answer is not None and answer.refused
    return page_of(
        "ticket", answer or ticket, document=ticket.document, token=token, who=WHO, lead_answer=TERMS[LEAD_ANSWER],
        done="" if failed else done, given=given if failed and given else {},
    )  # fmt: skip
