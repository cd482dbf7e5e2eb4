"""Put the numbers of the promises into articles, when one is shown: `within {{refund}}` (`services.promised`)."""

from __future__ import annotations

import re

from services.common.basics.folding import fold
from services.promised import promised
from services.support.api.articles import UnknownPlaceholder
from services.support.domain.articles import ArticleVersion

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def fill(text: str) -> str:
    """Put the numbers in. Raise UnknownPlaceholder for a name that there is not."""
    named = {*PLACEHOLDER.findall(text)}
    if not named:
        return text
    known = promised()
    unknown = sorted(named - known.keys())
    if unknown:
        raise UnknownPlaceholder(details={"unknown": unknown, "known": sorted(known)})
    return PLACEHOLDER.sub(lambda found: known[found[1]], text)


def index(text: ArticleVersion) -> ArticleVersion:
    """Note what the text is found by: its words as readers see them, and its topic."""
    text.title_search = fold(fill(text.title))[:800]
    text.search = fold(fill(f"{text.title}\n{text.summary}\n{text.body}\n{text.topic.value.replace('_', ' ')}"))
    return text
