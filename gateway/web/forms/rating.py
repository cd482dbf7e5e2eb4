"""The page that the links of our mails open to rate a resolution: it asks, and stores nothing until it is sent.

GET  /rating/<token>     what was chosen, to be confirmed or changed     GET /v1/ratings/{token}
POST /rating/<token>     score, comment                                  POST /v1/ratings

Programs that look for dangerous mail open each link of it; so to open one changes nothing. A repeat of the form counts
once, by its key.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, request

from gateway.web.forms.forms import admit_form, page_of
from gateway.web.forms.inside import Answer, ask
from services.common.language import N_

SCORES = {5: N_("Very good"), 4: N_("Good"), 3: N_("So-so"), 2: N_("Bad"), 1: N_("Very bad")}

NOT_FOUND = 404

blp = Blueprint("rating", __name__)
blp.before_request(admit_form)


@blp.get("/rating/<token>")
def show_rating(token: str) -> Response:
    return _page(token)


@blp.post("/rating/<token>")
def send_rating(token: str) -> Response:
    body: dict[str, object] = {"token": token}
    if (score := request.form.get("score", "")) in map(str, SCORES):
        body["score"] = int(score)
    if comment := request.form.get("comment", "").strip():
        body["comment"] = comment
    answer = ask("POST", "/v1/ratings", body, key=request.form.get("key") or None)
    return _page(token, answer, done=not answer.refused)


def _page(token: str, answer: Answer | None = None, *, done: bool = False) -> Response:
    asked = ask("GET", f"/v1/ratings/{quote(token, safe='')}")
    stands = not asked.refused and asked.document["state"] != "open"
    unknown = asked.status == NOT_FOUND  # as is what was refused, said by the page itself
    problem = None if unknown else asked if answer is None or stands else answer
    shown = page_of(
        "rating", problem, asked=None if asked.refused else asked.document, scores=SCORES, given=request.form, done=done
    )
    if unknown:
        shown.status_code = NOT_FOUND
    shown.headers["X-Robots-Tag"] = "noindex"
    return shown
