"""Articles: texts with versions, which a second person lets readers see. Pure.

    save → draft → publish (by another person) → looked at again each half year, or withdrawn

What the seed brings is written and published by `system`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.caller import is_same_person
from services.common.basics.events import Event
from services.common.basics.folding import fold
from services.support.api import events as e
from services.support.api.articles import ArticleTopic, OwnArticle, Place

SYSTEM = "system"
REVIEW_AFTER = timedelta(days=180)
MOST_WORDS = 8
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "the and for are you your can how what when where who why does did will with from this that have has not was "
        "our get is it in on to do my of an a i me we be or if at by",
    )
)


@dataclass
class ArticleVersion:
    """One text of an article. title_search, search: what it is found by, folded."""

    slug: str
    version: int
    language: str
    topic: ArticleTopic
    sku: str | None
    title: str
    summary: str
    body: str
    author: str
    saved_at: datetime
    published_by: str | None = None
    title_search: str = ""
    search: str = ""

    def says(self, other: ArticleVersion) -> bool:
        """Return whether it says the same."""
        return self._text == other._text

    @property
    def _text(self) -> tuple[object, ...]:
        return (self.language, self.topic, self.sku, self.title, self.summary, self.body)


@dataclass
class Article:
    """One address of the help centre. published_version: what readers see. review_at: when to look at it again."""

    slug: str
    version: int = 0
    published_version: int | None = None
    published_at: datetime | None = None
    review_at: datetime | None = None
    helpful: int = 0
    not_helpful: int = 0
    answered: int = 0

    def save(self, text: ArticleVersion) -> list[Event]:
        """Take a further text as the newest."""
        self.version = text.version
        return [e.ArticleSaved(slug=self.slug, saved_version=text.version, author=text.author)]

    def publish(self, text: ArticleVersion, actor: str, now: datetime) -> list[Event]:
        """Let readers see the text. Raise OwnArticle for its author."""
        if is_same_person(actor, text.author) and actor != SYSTEM:
            raise OwnArticle
        text.published_by = text.published_by or actor
        self.published_version, self.published_at, self.review_at = text.version, now, now + REVIEW_AFTER
        return [
            e.ArticlePublished(
                slug=self.slug, published_version=text.version, published_by=actor, review_at=self.review_at
            )
        ]

    def withdraw(self, actor: str) -> list[Event]:
        """Take it away from readers; nothing happens where they did not see it."""
        if self.published_version is None:
            return []
        event = e.ArticleWithdrawn(slug=self.slug, withdrawn_version=self.published_version, withdrawn_by=actor)
        self.published_version = self.published_at = self.review_at = None
        return [event]

    def rate(self, *, helpful: bool, place: Place) -> list[Event]:
        """Count an opinion."""
        self.helpful += helpful
        self.not_helpful += not helpful
        self.answered += helpful and place is Place.CONTACT
        return [e.ArticleRated(slug=self.slug, rated_version=self.published_version or 0, helpful=helpful, place=place)]


@dataclass
class ArticleFeedback:
    """What a reader thought, without a name."""

    id: str
    slug: str
    version: int
    helpful: bool
    why: str | None
    place: Place
    given_at: datetime


def words_of(question: str) -> list[str]:
    """Return what to look for: at most 8 words, folded, without those that are in every question."""
    found = re.findall(r"\w+", fold(question))
    telling = [
        word for word in found if word not in _FILLERS and (len(word) > 2 or word.isdigit() or not word.isascii())
    ]
    return list(dict.fromkeys(stem(word) for word in telling or found))[:MOST_WORDS]


def stem(word: str) -> str:
    """Return the word without the ending of a plural or an -ing: what is looked for as a part of the text."""
    for ending in ("ing", "ies", "es", "s"):
        if word.isascii() and word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
