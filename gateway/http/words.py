"""The words of pages in the language that the reader's browser asks for.

    with speaking(tongue()):
        frame.write(…)            # there `_`, `ngettext` and `rich` look up what stands in the template

What scripts say is in the same catalogue (`http.script_texts`): a page has one language.
"""

from __future__ import annotations

from pathlib import Path

from flask import has_request_context, request
from markupsafe import Markup, escape

from services.common.language import ENGLISH, Texts, speaking

TEXTS = Texts(Path(__file__).parents[1] / "locale")
TOLD = "API"
"""The context of what the API says in words: those of refusals, and what comes next. `make texts` collects them."""
_, ngettext = TEXTS.say, TEXTS.count


def tongue(texts: Texts = TEXTS) -> str:
    """Return the tag of the language that who asks likes best, of those that there are: "de" also for `de-AT`."""
    if not (texts.translated and has_request_context()):
        return ENGLISH
    liked = (tag for tag, quality in request.accept_languages if quality)
    known = (best for tag in liked if (best := texts.best(tag)) != ENGLISH or tag.lower().startswith(ENGLISH))
    return next(known, ENGLISH)


def rich(sentence: str, **values: object) -> Markup:
    """Return a sentence with markup of ours; its values are none."""
    escaped = {name: escape(value) for name, value in values.items()}
    return Markup(_(sentence, **escaped))  # noqa: S704  # the sentence is ours, in each language


def retold(said: str) -> str:
    """Return what the API says in words, in the language that who asks likes best; as it is, if that is English."""
    with speaking(tongue()):
        return TEXTS.retell(TOLD, said)
