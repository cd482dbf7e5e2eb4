"""The numbers that articles name, by name: `within {{refund}}` is "within 5 to 10 working days".

They are read from the terms of the promises, when an article is shown: a text holds no number that could become wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.aftersales.api import terms as aftersales
from services.common.basics.folding import fold
from services.common.commitments import in_words
from services.common.edge.tokens import ORDER_LIFETIME, TICKET_LIFETIME
from services.logistics.api import terms as logistics
from services.orders.api import terms as orders
from services.support.api import terms as support
from services.support.api.articles import UnknownPlaceholder
from services.support.domain.articles import ArticleVersion

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def words() -> Mapping[str, str]:
    """Return what texts may name: {"refund": "5 to 10 working days", "return_days": "60", …}."""
    promised = {**orders.TERMS, **logistics.TERMS, **aftersales.TERMS}
    answers = {f"answer_{name}": in_words(support.TERMS[f"first_response.{name}"]) for name, _ in support.ANSWER}
    ours = {kind: in_words(support.TERMS[kind]) for kind in (support.UPDATE, support.COMPLETE_ANSWER)}
    days = {
        "return_days": orders.RETURN_DAYS,
        "link_days": ORDER_LIFETIME.days,
        "ticket_link_days": TICKET_LIFETIME.days,
    }
    named = {name: str(value) for name, value in days.items()}
    return named | answers | ours | {kind: in_words(terms) for kind, terms in promised.items()}


def fill(text: str) -> str:
    """Put the numbers in. Raise UnknownPlaceholder for a name that there is not."""
    named = {*PLACEHOLDER.findall(text)}
    if not named:
        return text
    known = words()
    unknown = sorted(named - known.keys())
    if unknown:
        raise UnknownPlaceholder(details={"unknown": unknown, "known": sorted(known)})
    return PLACEHOLDER.sub(lambda found: known[found[1]], text)


def index(text: ArticleVersion) -> ArticleVersion:
    """Note what the text is found by: its words as readers see them, and its topic."""
    text.title_search = fold(fill(text.title))[:800]
    text.search = fold(fill(f"{text.title}\n{text.summary}\n{text.body}\n{text.topic.value.replace('_', ' ')}"))
    return text
