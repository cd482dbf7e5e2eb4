"""Markdown as safe HTML: written by staff, read by customers.

    html_of("Within **{days}** days.")       # "<p>Within <strong>…"

HTML in a text is shown as text, and what comes out is cleaned once more: a fixed list of tags, links by http, https and
mailto alone, no pictures (they would tell another host who reads), no styles, no scripts.
"""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_READER = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table").disable("image")
_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)


def html_of(text: str) -> str:
    """Return the text as HTML that holds nothing but words, links, lists and tables. A heading is at most an h2."""
    tokens = _READER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(4, max(2, int(token.tag[1:])))}"
    return str(_CLEANER.clean(_READER.renderer.render(tokens, _READER.options, {})))
