"""The plain forms: look-up, contact, and with a code by e-mail an order's decisions and its withdrawal.

| address            | what is sent                            | the API's operation                              |
|--------------------|-----------------------------------------|--------------------------------------------------|
| GET  /plain        |                                         |                                                  |
| POST /plain/contact| the fields of the contact form, files   | POST /v1/uploads, POST /v1/contact               |
| POST /plain/link   | order_number, email                     | POST /v1/orders/{n}/link                         |
| POST /plain/code   | email                                   | POST /v1/sign-in                                 |
| POST /plain/orders | email, request, code; or token          | POST /v1/sign-in/verify, GET /v1/orders          |
| POST /plain/order  | token, number                           | GET /v1/orders/{n}                               |
| GET  /suggestions  | cursor; or id                           | GET /v1/suggestions                              |
| POST /suggestions/{id}/code | email, follow or stop          | POST /v1/sign-in                                 |
| POST /suggestions/{id}/follow | email, request, code; the same | POST /v1/sign-in/verify, …/follow              |
| POST /plain/withdrawal | token, number; then confirmed       | POST /v1/orders/{n}/cancellation, /v1/returns    |
| POST /plain/data   | token                                   | GET /v1/privacy/requests                         |
| POST /plain/data/request | token, kind                       | POST /v1/privacy/export, /v1/privacy/erasure     |
| POST /plain/data/code | token, number, code                  | POST /v1/privacy/requests/{n}/confirmation       |

The pages with scripts are the real ones; these are for who has none. A repeat of a form is harmless: it has its key,
and a message of the same words and files is the same message. Its conversations are in `conversations`,
a customer's own edits of an order, and the answers to our proposals, in `edits`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import Forbidden

from gateway.http import frame, limits
from gateway.http.security import PAGE_POLICY
from gateway.http.words import TEXTS, _, tongue
from gateway.resources.uploads import measured
from gateway.web.forms.arrivals import has_arrived, is_divided
from gateway.web.forms.begun import begin_form, is_over
from gateway.web.forms.codes import in_words
from gateway.web.forms.inside import Answer, ask, send_file
from gateway.web.forms.order_papers import papers_of
from services.common.basics import ids
from services.common.basics.clock import now, parse_rfc3339
from services.common.basics.untyped import JsonDict
from services.common.language import ENGLISH, N_, date_in_words, decimal, language, speaking, term_in_words
from services.support.api.uploads import MOST_BYTES, MOST_FILES

blp = Blueprint("plain", __name__)

CONTACT = ("category", "topic", "sku", "order_number", "name", "email", "subject", "message")
BEFORE_IT_LEAVES = ("awaiting_payment", "in_review", "contacting_you", "preparing")
UNDER_WAY = ("dispatched", "in_transit", "customs", "out_for_delivery")
STEPS = {
    "received": N_("We have received it."),
    "reviewed": N_("Our lead has read it, and decides about it next."),
    "planned": N_("We plan to do it."),
    "declined": N_("We do not plan to do it."),
    "done": N_("It is done."),
    "announced": N_("It is done and announced."),
}
NO_NUMBER = N_("This is none of our numbers. Please compare it with our e-mail, or send your message without it.")
LET_GO = ("withdrawn", "lapsed", "rejected_final")


@blp.before_request
def admit_form() -> None:
    """Count a form before any of it is read. Raise 403 for one that a page of another site sent, uncounted.

    A message is counted again as what it is: a refusal there shows the form as it was filled in, and one here cannot.
    """
    if request.method != "POST":
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Forbidden("This form was not sent from one of our pages.")
    with_files = request.endpoint == f"{blp.name}.{send_message.__name__}"
    limits.limits_of(current_app).count_address(limits.FORMS_WITH_FILES if with_files else limits.FORMS)


@blp.get("/plain")
def show_start() -> Response:
    return page_of("start")


@blp.post("/plain/contact")
def send_message() -> Response:
    given = filled_in(*CONTACT)
    guard = filled_in("form_token", "website")  # no token where support was silent as the page was shown
    if given.get("order_number"):
        given.pop("topic", None)
    if given.get("category") != "product":
        given.pop("topic", None)
    typed = given.get("order_number", "")
    if typed and ids.fold_number(typed, ids.ORDER) is None:
        if not request.form.get("unsure"):
            return page_of("message", problem_at("order_number", NO_NUMBER), given={**given, **guard}, no_number=True)
        given.pop("order_number")
        given["message"] = f"{given.get('message', '')}\n\nOrder number as typed: {typed[:100]}"
    files = [each for each in request.files.getlist("files") if each.filename]
    sent = [] if len(files) > MOST_FILES else _send_files(files)
    if refused := next((each for each in sent if each.refused), None):
        problem = {**refused.document, "errors": [{"field": "files", "message": refused.document["detail"]}]}
        return page_of("message", Answer(refused.status, problem), given={**given, **guard})
    if len(files) > MOST_FILES:
        return page_of("message", problem_at("files", _too_many()), given={**given, **guard})
    words = repr((sorted(given.items()), [(each.filename, *measured(each.stream)) for each in files]))
    same = hashlib.sha256(words.encode()).hexdigest()  # sent twice, it is one message
    more: JsonDict = {"attachments": [each.document["id"] for each in sent]}
    if tongue() != ENGLISH:
        more["language"] = tongue()
    said, token = {**given, **more, **guard}, filled_in("token").get("token")
    answer = ask("POST", "/v1/contact", said, key=same, token=token) if token else None
    if answer is None or answer.status == 401:  # signed out meanwhile, and no token is needed to write
        if again := _once_more(given, signed_out=answer is not None):
            return again
        answer = ask("POST", "/v1/contact", said, key=same)
    if answer.document.get("code") == "idempotency_key_reused":  # the same words and files, then under other ids
        return page_of("written_before", email=given.get("email", ""))
    return page_of("message" if answer.refused else "written", answer, given={**given, **guard})


def _once_more(given: Mapping[str, str], *, signed_out: bool) -> Response | None:
    """Show the form again, as it was filled in, if its token would have the message of an honest customer set aside.

    The token is over, or is missing because support was silent as the page was shown, and takes nothing without one.
    Return None for any other form, one that is not ours, and if support gives no new token.
    """
    token = request.form.get("form_token", "-").strip()
    if request.form.get("website", "").strip() or (token and not is_over(token, now())):
        return None
    fresh = begin_form()
    if not fresh.token or not (token or fresh.needed):
        return None
    why = N_("This page was open for a long time, or we could not finish it for you. Please send it once more.")
    answer = Answer(422, {"status": 422, "detail": why})
    return page_of("message", answer, given={**given, "form_token": fresh.token}, signed_out=signed_out)


send_message.body_limit = (MOST_FILES * MOST_BYTES) + (1 << 20)  # type: ignore[attr-defined]


@blp.post("/plain/link")
def send_link() -> Response:
    given = filled_in("order_number", "email")
    number = ids.fold_number(given.get("order_number", ""), ids.ORDER)
    if number is None:
        wrong = problem_at("order_number", N_("There is no such number. Please compare it with our e-mail."))
        return page_of("link", wrong, given=given)
    answer = ask("POST", f"/v1/orders/{number}/link", {"email": given.get("email", "")}, key=form_key())
    name = "link" if answer.refused else "linked"
    return page_of(name, answer, given=given, number=number, email=given.get("email"))


@blp.post("/plain/code")
def send_code() -> Response:
    given = filled_in("email")
    answer = ask("POST", "/v1/sign-in", {"email": given.get("email", "")})
    return page_of("start" if answer.refused else "code", answer, given=given, email=given.get("email"))


@blp.post("/plain/orders")
def show_orders() -> Response:
    given = filled_in("email", "request", "code", "token", "cursor")
    token, first = given.pop("token", None), page_after("/v1/orders", {"cursor": given.pop("cursor", "")})
    if token is None:
        signed = ask("POST", "/v1/sign-in/verify", dict(given))
        if signed.refused:
            begun = {"request": given.get("request", "")}
            return page_of("code", signed, email=given.get("email"), document=begun)
        token = signed.document["access_token"]
    answer = ask("GET", first, token=token)
    return page_of("start" if answer.refused else "orders", answer, token=token)


@blp.post("/plain/order")
def show_order() -> Response:
    given = filled_in("token", "number")
    return order_page(given.get("token", ""), given.get("number", ""))


@blp.post("/plain/withdrawal")
def withdraw() -> Response:
    """Show what the customer declares; with `confirmed`, let it count."""
    given = filled_in("token", "number", "confirmed")
    token, number = given.get("token", ""), given.get("number", "")
    order = read_order(token, number)
    if order.refused:
        return page_of("start", order)
    arrived = has_arrived(order.document)
    if "confirmed" not in given:
        return page_of("withdrawal", order, token=token, goods=_left(order.document), arrived=arrived)
    if order.document["stage"] in BEFORE_IT_LEAVES and not arrived:
        done = N_("Your withdrawal has arrived. If the parcel has not left us, we hold it back.")
        answer = ask("POST", f"/v1/orders/{order.document['number']}/cancellation", {}, token=token, key=form_key())
        return order_page(token, number, answer, done)
    lines = [
        {"sku": sku, "quantity": quantity, "reason": "changed_mind"} for sku, _title, quantity in _left(order.document)
    ]
    body = {"order_number": order.document["number"], "lines": lines}
    if given["confirmed"] == "exchange":
        answer = ask("POST", "/v1/returns", {**body, "outcome": "exchange"}, token=token, key=form_key())
        return order_page(token, number, answer, N_("Your request has arrived. We look at it, and write to you."))
    body["description"] = "Withdrawal from the purchase."
    answer = ask("POST", "/v1/returns", body, token=token, key=form_key())
    return order_page(token, number, answer, N_("Your withdrawal has arrived. We confirm it by e-mail."))


@blp.post("/plain/data")
def show_data() -> Response:
    return _data(filled_in("token").get("token", ""))


@blp.post("/plain/data/request")
def ask_about_data() -> Response:
    given = filled_in("token", "kind")
    kind = "erasure" if given.get("kind") == "erasure" else "export"
    answer = ask("POST", f"/v1/privacy/{kind}", {}, token=given.get("token"))
    said = N_("A code is on its way to your e-mail address. Nothing is done before you enter it here.")
    return _data(given.get("token", ""), answer, said)


@blp.post("/plain/data/code")
def confirm_about_data() -> Response:
    given = filled_in("token", "number", "code")
    number = ids.fold_number(given.get("number", ""), ids.PRIVACY) or "-"
    path = f"/v1/privacy/requests/{number}/confirmation"
    answer = ask("POST", path, {"code": given.get("code", "")}, token=given.get("token"))
    return _data(given.get("token", ""), answer, N_("Thank you. We do it, and tell you by e-mail."))


def _data(token: str, answer: Answer | None = None, done: str = "") -> Response:
    """Show what the customer has asked about their data, with what was refused or done."""
    asked = ask("GET", "/v1/privacy/requests?mine=true&limit=20", token=token)
    if asked.refused:
        return page_of("start", answer if answer and answer.refused else asked)
    said = "" if answer is None or answer.refused else done
    open_ = {item["kind"]: item for item in reversed(asked.document["items"]) if item["status"] != "ended"}
    return page_of("data", answer or asked, document=asked.document, token=token, open=open_, done=said)


@blp.get("/suggestions")
def show_suggestions() -> Response:
    """Show the board: what customers suggested, and what became of it."""
    return _board()


@blp.post("/suggestions/<id:suggestion_id>/code")
def send_follow_code(suggestion_id: str) -> Response:
    """Mail a code to who wants to follow a suggestion, or no more: only a mailbox's owner decides what it gets."""
    given = filled_in("email", "follow")
    answer = ask("POST", "/v1/sign-in", {"email": given.get("email", "")})
    return _board(answer) if answer.refused else page_of("follow", answer, given=given, suggestion_id=suggestion_id)


@blp.post("/suggestions/<id:suggestion_id>/follow")
def follow_suggestion(suggestion_id: str) -> Response:
    given = filled_in("email", "request", "code", "follow")
    stops = given.pop("follow", "yes") == "no"
    signed = ask("POST", "/v1/sign-in/verify", {**given, "browser": this_form(given.get("email", ""))})
    if signed.refused:
        again = {**given, "follow": "no" if stops else "yes"}
        begun = {"request": given.get("request", "")}
        return page_of("follow", signed, given=again, suggestion_id=suggestion_id, document=begun)
    path, token = f"/v1/suggestions/{suggestion_id}/follow", signed.document["access_token"]
    answer = ask("POST", path, {"follow": not stops}, token=token, key=form_key())
    ask("POST", "/v1/sign-out", {}, token=token)  # it was for this alone
    done = N_("We write to you about it no more.") if stops else N_("We write to you at each step of it.")
    return _board(answer, done)


def this_form(email: str) -> str:
    """Return the name under which this form is known as a browser to the mailbox, as it begins no session that lasts.

    A mail tells of the first sign-in by it, and not of each one: the form ends it at once, and shows nothing of it.
    """
    key = current_app.config["PLEDGE"].gateway_keys.encode()
    return hmac.new(key, f"follow {email.strip().casefold()}".encode(), hashlib.sha256).hexdigest()


def _board(answer: Answer | None = None, done: str = "") -> Response:
    asked = {name: request.args[name] for name in ("cursor", "id") if request.args.get(name)}
    shown = ask("GET", f"/v1/suggestions?{urlencode({'limit': 100, **asked})}")
    following = shown.document.get("next_cursor")
    return page_of(
        "suggestions", answer or shown, items=shown.document.get("items", []), steps=STEPS,
        more=following and f"/suggestions?{urlencode({'cursor': following})}", one="id" in asked,
        done="" if answer is None or answer.refused else done,
    )  # fmt: skip


def _send_files(files: Iterable[FileStorage]) -> list[Answer]:
    """Send the files that came along, until one is refused."""
    token, answers = "", list[Answer]()
    for file in files:
        token = token or ask("POST", "/v1/uploads/form", {}).document.get("form_token", "")
        path = f"/v1/uploads?{urlencode({'name': file.filename or 'file'})}"
        answers.append(send_file(path, file.stream, file.mimetype, token))
        if answers[-1].refused:
            break
    return answers


def filled_in(*names: str) -> dict[str, str]:
    """Return the fields that were filled in."""
    return {name: request.form[name] for name in names if request.form.get(name, "").strip()}


def page_after(path: str, given: dict[str, str]) -> str:
    """Return the address of a page of a list: the first, or the one after the cursor that the form has."""
    cursor = given.get("cursor")
    return f"{path}?limit=100" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")


def form_key() -> str:
    """Return the key that the form has, so that sending it twice counts once."""
    return request.form.get("key") or ids.new_id()


def read_order(token: str, number: str) -> Answer:
    folded = ids.fold_number(number, ids.ORDER)
    return ask("GET", f"/v1/orders/{folded or '-'}", token=token)


def order_page(
    token: str, number: str, answer: Answer | None = None, done: str = "", tried: Mapping[str, object] | None = None
) -> Response:
    """Show the order as it is now, with what was refused or done. tried: an edit that was refused, as it was typed."""
    order = read_order(token, number)
    if order.refused:
        return page_of("start", answer if answer and answer.refused else order)
    changes = [each for each in order.document["changes"] if each["status"] == "awaiting_customer"]
    stage, left, arrived = order.document["stage"], _left(order.document), has_arrived(order.document)
    in_part = is_divided(order.document)
    on_its_way = in_part or (stage in UNDER_WAY and not arrived)
    pieces: dict[str, tuple[str, int]] = {}
    for line in order.document["lines"]:
        pieces[line["sku"]] = line["title"], line["quantity"] + pieces.get(line["sku"], ("", 0))[1]
    goods = ", ".join(f"{quantity} × {title}" for _sku, title, quantity in left)
    said = "" if answer is None or answer.refused else done
    return page_of(
        "order", answer or order, document=order.document, token=token, changes=changes, done=said, pieces=pieces,
        may_withdraw=left and not in_part and (arrived or stage in BEFORE_IT_LEAVES),
        under_way=goods if on_its_way else "", in_part=in_part,
        form_token=begin_form().token if on_its_way else "", tried=tried or {},
        papers=papers_of(order.document),
    )  # fmt: skip


def _left(order: JsonDict) -> list[tuple[str, str, int]]:
    """Return (SKU, title, pieces) of what is in no return yet."""
    asked = (unit for item in order["returns"] if item["status"] not in LET_GO for unit in item["units"])
    gone = [unit["line_id"] for unit in asked if unit["outcome"] != "exchanged"]
    lines = ((line["sku"], line["title"], line["quantity"] - gone.count(line["line_id"])) for line in order["lines"])
    return [line for line in lines if line[2] > 0]


def problem_at(field: str, message: str) -> Answer:
    return Answer(422, {"status": 422, "detail": "", "errors": [{"field": field, "message": message}]})


def page_of(name: str, answer: Answer | None = None, **more: object) -> Response:
    """Render a page; what was refused stands on top of it."""
    problem = answer.document if answer and answer.refused else None
    shown = {
        "problem": problem,
        "document": answer.document if answer else {},
        "given": {},
        "key": ids.new_id(),
        **more,
    }
    tools = {"moment": moment, "words": in_words, "money": money, "decimal": decimal, "term": term_in_words}
    with speaking(tongue()):
        html = frame.write(f"plain/{name}.html", current_app.config[frame.WORDS], **tools, **shown)
        headers = {"Content-Security-Policy": PAGE_POLICY, "Content-Language": TEXTS.best(language())}
    status = answer.status if answer and answer.refused else 200
    return Response(html, status, headers=headers, mimetype="text/html")


def moment(text: str, zone: str | None = None) -> str:
    """Write a time as it is in a zone, which is named: "Friday 11 December 2026, 18:00 (UTC)"."""
    place = ZoneInfo(zone) if zone else UTC
    return f"{date_in_words(parse_rfc3339(text).astimezone(place))} ({zone or 'UTC'})"


def money(amount: Mapping[str, str]) -> str:
    return f"{decimal(amount['amount'])} {amount['currency']}"


def _too_many() -> str:
    with speaking(tongue()):
        return _("{count} files at most, please.", count=MOST_FILES)
