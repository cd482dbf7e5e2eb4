"""The documents of an order, as PDF, for a browser that runs no scripts.

| address           | what is sent         | the API's operation                                |
|-------------------|----------------------|----------------------------------------------------|
| POST /plain/paper | token, number, paper | GET /v1/orders/{n}/receipt.pdf, and its other ones |
"""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from gateway.web.forms.forms import admit_form, filled_in, order_page, page_of, problem_at, read_order
from gateway.web.forms.inside import Answer, ask_for_file
from gateway.web.forms.order_papers import papers_of
from services.common.language import N_

blp = Blueprint("printed", __name__)
blp.before_request(admit_form)


@blp.post("/plain/paper")
def print_paper() -> Response:
    """Answer with the document, for the browser to save; with the order's page where it cannot be made."""
    given = filled_in("token", "number", "paper")
    token, number, wanted = (given.get(name, "") for name in ("token", "number", "paper"))
    order = read_order(token, number)
    if order.refused:
        return page_of("start", order)
    if wanted not in [name for name, _title, _amount in papers_of(order.document)]:
        return order_page(token, number, problem_at("paper", N_("This order does not have that document.")))
    answer = ask_for_file(f"/v1/orders/{order.document['number']}/{wanted}.pdf", token)
    return order_page(token, number, answer) if isinstance(answer, Answer) else answer
