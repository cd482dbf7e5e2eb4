"""A customer's own edits of an order without JavaScript: what is wished, what that means, and the edit itself.

| address          | what is sent                                    | the API's operation              |
|------------------|-------------------------------------------------|----------------------------------|
| POST /plain/edit | token, number, kind, pieces or an address       | POST /v1/orders/{n}/edits/preview|
| POST /plain/edit | the same, with the digest of what was shown     | POST /v1/orders/{n}/edits        |
| POST /plain/edit | the same, with `send`: a code is wanted         | POST /v1/sign-in                 |
| POST /plain/edit | the same, with request and code                 | POST /v1/sign-in/verify, …/edits |

The last two are for who came by the order's link and wants another address: the code goes to the order's mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from gateway.web.forms.forms import (
    admit_form,
    filled_in,
    form_key,
    order_page,
    page_of,
    read_order,
    this_form,
)
from gateway.web.forms.inside import Answer, ask
from services.common.basics import ids
from services.common.basics.untyped import JsonDict
from services.common.language import N_

ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")
PIECES = "pieces-"
DONE = {
    "applied": N_("Your order is changed."),
    "accepted": N_("Your change is with the warehouse. An e-mail tells you whether it came in time."),
}
MADE_BEFORE = ("nothing_to_change", "change_open")  # the form was sent twice, and its code is used up since

blp = Blueprint("edits", __name__)
blp.before_request(admit_form)


@blp.post("/plain/edit")
def edit_order() -> Response:
    """Show what the edit means; with the digest of that, make it."""
    given = filled_in("token", "number", "digest", "send", "request", "code")
    token, number = given.get("token", ""), given.get("number", "")
    path = f"/v1/orders/{ids.fold_number(number, ids.ORDER) or '-'}/edits"
    if "digest" not in given:
        return _preview(given, path)
    if "send" in given:
        return _preview(given, path, ask("POST", "/v1/sign-in", {"email": _mailbox(token, number)}))
    made, proof = {**_wish(), "digest": given["digest"]}, ""
    if "request" in given:
        email = _mailbox(token, number)
        code = {"email": email, "request": given["request"], "code": given.get("code", "")}
        signed = ask("POST", "/v1/sign-in/verify", {**code, "browser": this_form(email)})
        if signed.refused:
            return _preview(given, path, signed)
        proof = signed.document["access_token"]
    answer = ask("POST", path, made, token=proof or token, key=form_key())
    if proof:
        ask("POST", "/v1/sign-out", {}, token=proof)  # it was for this alone
    return order_page(token, number, answer, DONE.get(answer.document.get("status", ""), ""), _tried(answer))


def _preview(given: Mapping[str, str], path: str, code: Answer | None = None) -> Response:
    """Show what the edit means. code: how a code for it was sent, or what was wrong with the one that was typed."""
    token = given.get("token", "")
    shown = ask("POST", f"{path}/preview", _wish(), token=token)
    if code is not None and code.refused and shown.document.get("code") in MADE_BEFORE:
        return order_page(token, given.get("number", ""))
    if shown.refused:
        return order_page(token, given.get("number", ""), shown, tried=_tried(shown))
    sent = {name: text for name, text in request.form.items() if name == "kind" or name in ADDRESS or _sku(name)}
    asked = given.get("request", "") if code is None or code.refused else str(code.document["request"])
    return page_of("edit", code or shown, document=shown.document, token=token, sent=sent, asked=asked)


def _mailbox(token: str, number: str) -> str:
    """Return the address of the order, for who may see it."""
    order = read_order(token, number)
    return "" if order.refused else str(order.document["contact"]["email"])


def _tried(answer: Answer) -> JsonDict:
    """Return what was typed, and by field what is wrong with it, unless it was taken."""
    if not answer.refused:
        return {}
    wrong = {_field(each["field"]): each["message"] for each in answer.document.get("errors", [])}
    return {"kind": request.form.get("kind", ""), "typed": request.form.to_dict(), "wrong": wrong}


def _field(path: str) -> str:
    """Return the control that a path of the API means: "delivery.city" is city, "lines.1.quantity" the second one's."""
    parts = path.split(".")
    skus = [name for name in request.form if _sku(name)]
    place = int(parts[1]) if parts[0] == "lines" and len(parts) > 1 and parts[1].isdecimal() else -1
    return skus[place] if 0 <= place < len(skus) else parts[-1]


def _wish() -> JsonDict:
    """Return the edit as the API takes it. What is no number goes on as it is, and is refused there."""
    if request.form.get("kind") == "address":
        return {"kind": "address", "delivery": {name: request.form.get(name, "").strip() for name in ADDRESS}}
    typed = {_sku(name): text.strip() for name, text in request.form.items() if _sku(name)}
    return {"kind": "lines", "lines": [{"sku": sku, "quantity": _number(text)} for sku, text in typed.items()]}


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else text


def _sku(name: str) -> str:
    return name.removeprefix(PIECES) if name.startswith(PIECES) else ""
