"""Articles of the help centre in the database: texts are added, never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.events import Event
from services.common.basics.folding import code_keys
from services.common.basics.shapes import Page
from services.common.store import database
from services.common.store.pages import page
from services.common.store.upsert import add_if_new, values_of
from services.support import tables as t
from services.support.api.articles import ArticleNotFound, ArticleState, ListArticles
from services.support.domain.articles import Article, ArticleFeedback, ArticleVersion, words_of

T = TypeVar("T")
Found = tuple[Article, ArticleVersion]
IN_TITLE, IN_TEXT = 4, 1
"""What a word counts for where it is found."""
_HEAD, _TEXT, _SAID = t.articles.c, t.article_versions.c, t.article_feedback.c


class Articles:
    """The articles, their versions, and what readers thought."""

    def __init__(self, session: Session, work: database.Work):
        self._session, self._work = session, work

    def any(self) -> bool:
        """Return whether an article was ever saved."""
        return self._session.execute(sa.select(_HEAD.slug).limit(1)).first() is not None

    def begin(self, slug: str) -> bool:
        """Add an address without a text, unless it is there. Return True if it is new."""
        return add_if_new(self._session, t.articles, values_of(Article(slug), t.articles))

    def get(self, slug: str, *, lock: bool = False) -> Article:
        """Return one. Raise ArticleNotFound."""
        found = self._session.get(Article, slug, with_for_update=lock or None, populate_existing=lock)
        if found is None:
            raise ArticleNotFound
        return found

    def text(self, slug: str, version: int) -> ArticleVersion:
        """Return a text. Raise ArticleNotFound."""
        found = self._session.get(ArticleVersion, (slug, version))
        if found is None:
            raise ArticleNotFound
        return found

    def published(self, slugs: Iterable[str]) -> dict[str, int | None]:
        """Return which version readers see of each of these, by address."""
        query = sa.select(_HEAD.slug, _HEAD.published_version).where(_HEAD.slug.in_(sorted(slugs)))
        return {row.slug: row.published_version for row in self._session.execute(query)}

    def texts(self, slug: str, limit: int = 20) -> list[ArticleVersion]:
        """Return its texts, the newest first."""
        query = sa.select(ArticleVersion).where(_TEXT.slug == slug).order_by(_TEXT.version.desc()).limit(limit)
        return list(self._session.scalars(query))

    def opinions(self, slug: str, limit: int = 20) -> list[ArticleFeedback]:
        """Return what readers thought, the newest first."""
        newest = (_SAID.given_at.desc(), _SAID.id.desc())
        query = sa.select(ArticleFeedback).where(_SAID.slug == slug).order_by(*newest).limit(limit)
        return list(self._session.scalars(query))

    def keep(self, events: Iterable[Event], *rows: object) -> None:
        """Write down what happened."""
        self._session.add_all(rows)
        self._session.flush()
        self._work.journal.record(*events)

    def page(self, show: Callable[[Found], T], wanted: ListArticles, now: datetime) -> Page[T]:
        """Return a page by address; with words the best matches, in one page."""
        shown = _HEAD.version if wanted.state else _HEAD.published_version
        matches = [_TEXT.slug == _HEAD.slug, _TEXT.version == shown, *_filters(wanted, now)]
        if wanted.q is None:
            addresses = sa.select(t.articles).where(sa.exists().where(*matches).correlate(t.articles))
            slugs = page(self._session, addresses, (_HEAD.slug,), _slug, cursor=wanted.cursor, limit=wanted.limit)
            pairs = {head.slug: (head, text) for head, text in self._pairs(*matches, _HEAD.slug.in_(slugs["items"]))}
            return {"items": [show(pairs[slug]) for slug in slugs["items"]], "next_cursor": slugs["next_cursor"]}
        score = _score(wanted.q)
        if score is None:
            return {"items": [], "next_cursor": None}
        best = sa.select(Article, ArticleVersion).where(*matches, score > 0).order_by(score.desc(), _HEAD.slug)
        return {
            "items": [show((a, b)) for a, b in self._session.execute(best.limit(wanted.limit))],
            "next_cursor": None,
        }

    def due(self, now: datetime, limit: int = 50) -> list[Article]:
        """Return those that are to be looked at again, the longest due first."""
        query = sa.select(Article).where(_HEAD.review_at <= now).order_by(_HEAD.review_at).limit(limit)
        return list(self._session.scalars(query))

    def forget_opinions(self, before: datetime) -> None:
        """Drop what readers said before that; the counts stay."""
        self._session.execute(sa.delete(t.article_feedback).where(_SAID.given_at < before))

    def _pairs(self, *where: sa.ColumnElement[bool]) -> list[Found]:
        return [(head, text) for head, text in self._session.execute(sa.select(Article, ArticleVersion).where(*where))]


def _slug(row: sa.Row[tuple[object, ...]]) -> str:
    return str(row.slug)


def _filters(wanted: ListArticles, now: datetime) -> Iterable[sa.ColumnElement[bool]]:
    if wanted.topic is not None:
        yield _TEXT.topic == wanted.topic
    if wanted.language is not None:
        yield _TEXT.language == wanted.language
    if wanted.sku is not None:
        yield sa.func.lower(_TEXT.sku).in_(sorted(code_keys(wanted.sku)))
    if wanted.state is ArticleState.DRAFT:
        yield sa.or_(_HEAD.published_version.is_(None), _HEAD.published_version != _HEAD.version)
    if wanted.state is ArticleState.PUBLISHED:
        yield _HEAD.published_version.is_not(None)
    if wanted.state is ArticleState.DUE:
        yield _HEAD.review_at <= now


def _score(question: str) -> sa.ColumnElement[int] | None:
    """Return how well a text fits: words in the title count more. None for a question without words."""
    words = words_of(question)
    parts = [
        sa.case((column.contains(word, autoescape=True), sa.literal(points)), else_=sa.literal(0))
        for word in words
        for column, points in ((_TEXT.title_search, IN_TITLE), (_TEXT.search, IN_TEXT))
    ]
    return sum(parts[1:], start=parts[0]) if parts else None
