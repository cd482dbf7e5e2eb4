"""A customer's own edits of an order without JavaScript: what is wished, what that means, and the edit itself.

| address          | what is sent                                    | the API's operation              |
|------------------|-------------------------------------------------|----------------------------------|
| POST /plain/edit | token, number, kind, pieces or an address       | POST /v1/orders/{n}/edits/preview|
| POST /plain/edit | the same, with the digest of what was shown     | POST /v1/orders/{n}/edits        |
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway.web.forms.forms import filled_in, form_key, order_page, page_of, admit_form
from gateway.web.forms.inside import ask
from services.common.basics import ids
from services.common.basics.untyped import JsonDict
from services.common.language import N_

ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")
PIECES = "pieces-"
DONE = {
    "applied": N_("Your order is changed."),
    "accepted": N_("Your change is with the warehouse. An e-mail tells you whether it came in time."),
}

blp = Blueprint("edits", __name__)
blp.before_request(admit_form)


@blp.post("/plain/edit")
def edit_order() -> Response:
    """Show what the edit means; with the digest of that, make it."""
    given = filled_in("token", "number", "digest")
    token, number = given.get("token", ""), given.get("number", "")
    path = f"/v1/orders/{ids.fold_number(number, ids.ORDER) or '-'}/edits"
    wish = _wish()
    if "digest" in given:
        answer = ask("POST", path, {**wish, "digest": given["digest"]}, token=token, key=form_key())
        return order_page(token, number, answer, DONE.get(answer.document.get("status", ""), ""))
    shown = ask("POST", f"{path}/preview", wish, token=token)
    if shown.refused:
        return order_page(token, number, shown)
    sent = {name: text for name, text in request.form.items() if name == "kind" or name in ADDRESS or _sku(name)}
    return page_of("edit", shown, token=token, sent=sent)


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
