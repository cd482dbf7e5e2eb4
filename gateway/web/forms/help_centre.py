"""The help centre's pages, written on the server: they are read, searched and rated without a script.

GET  /help                   articles by topic; ?q= searches
GET  /help/<slug>            one of them, and whether it helped; ?version= as it was when an answer of ours cited it
GET  /help/products/<sku>    what we know of a product; ?version= says whether anything changed since an answer cited it
POST /help/<slug>            helpful=yes|no, why            POST /v1/knowledge/{slug}/feedback
"""

from __future__ import annotations

from itertools import groupby
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from gateway.web.forms.forms import admit_form, page_of
from gateway.web.forms.inside import Answer, ask
from services.common.language import N_

TOPICS = {
    "order_rules": N_("Ordering"),
    "logistics_instructions": N_("Shipping and delivery"),
    "returns": N_("Returns"),
    "refunds": N_("Refunds"),
    "parameters": N_("About our products"),
    "materials": N_("Materials"),
    "usage": N_("Using and caring"),
    "matching": N_("What goes with what"),
    "service": N_("How we work"),
}
"""By topic its heading, in the order in which they stand."""

blp = Blueprint("help_centre", __name__)
blp.before_request(admit_form)


@blp.get("/help")
def show_help() -> Response:
    asked = request.args.get("q", "").strip()[:100]
    query = urlencode({"limit": 100, **({"q": asked} if asked else {})})
    answer = ask("GET", f"/v1/knowledge?{query}")
    items = answer.document.get("items", [])
    order = list(TOPICS)
    sorted_items = items if asked else sorted(items, key=lambda each: order.index(each["topic"]))
    groups = [(TOPICS[topic], list(found)) for topic, found in groupby(sorted_items, key=lambda each: each["topic"])]
    return page_of("help", answer, asked=asked, items=items, groups=groups)


@blp.get("/help/<slug:slug>")
def show_article(slug: str) -> Response:
    cited = request.args.get("version", type=int)
    if cited is None:
        return _article(slug)
    answer = ask("GET", f"/v1/knowledge/{slug}/versions/{cited}")
    if answer.refused:
        return page_of("no_article", answer)
    return page_of("article", answer, article=answer.document, cited=True, topics=TOPICS)


@blp.get("/help/products/<sku:sku>")
def show_product(sku: str) -> Response:
    answer = ask("GET", f"/v1/products/{quote(sku, safe='')}")
    if answer.refused:
        return page_of("no_product", answer)
    product = answer.document
    changed = request.args.get("version", type=int) not in (None, product["version"])
    return page_of("product_facts", answer, product=product, changed=changed)


@blp.post("/help/<slug:slug>")
def rate_article(slug: str) -> Response:
    """Pass on whether it helped. A repeat of the same form counts once, by its key."""
    body: dict[str, object] = {"helpful": request.form.get("helpful") == "yes"}
    if why := request.form.get("why", "").strip():
        body["why"] = why
    answer = ask("POST", f"/v1/knowledge/{slug}/feedback", body, key=request.form.get("key") or None)
    return _article(slug, problem=answer if answer.refused else None, rated=not answer.refused)


def _article(slug: str, *, problem: Answer | None = None, rated: bool = False) -> Response:
    answer = ask("GET", f"/v1/knowledge/{slug}")
    if answer.refused:
        return page_of("no_article", answer)
    return page_of("article", problem or answer, article=answer.document, rated=rated, topics=TOPICS)
