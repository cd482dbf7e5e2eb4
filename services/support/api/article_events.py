"""What happens to the articles of the help centre; part of support's events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.support.api.articles import Place


@dataclass(frozen=True, kw_only=True)
class ArticleEvent(Event):
    """The base of what happens to an article of the help centre, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "slug"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    slug: str


@dataclass(frozen=True, kw_only=True)
class ArticleSaved(ArticleEvent):
    """A further text of an article was written."""

    saved_version: int
    author: str


@dataclass(frozen=True, kw_only=True)
class ArticlePublished(ArticleEvent):
    """Readers see that text from now on, or a person looked at it again. review_at: when to do so next."""

    published_version: int
    published_by: str
    review_at: datetime


@dataclass(frozen=True, kw_only=True)
class ArticleWithdrawn(ArticleEvent):
    """Readers do not see the article any more."""

    withdrawn_version: int
    withdrawn_by: str


@dataclass(frozen=True, kw_only=True)
class ArticleRated(ArticleEvent):
    """A reader said whether it helped; place: in the help centre, or beside the contact form."""

    rated_version: int
    helpful: bool
    place: Place
