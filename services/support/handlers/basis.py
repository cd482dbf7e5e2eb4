"""What an answer rests on: found when it is written, kept with it, shown with what has changed since (standard,
section 1)."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page, PageQuery
from services.support.api.articles import ArticleNotFound
from services.support.api.basis import (
    AnswerWithoutBasis,
    ArticleAtVersion,
    ArticleWithdrawn,
    Basis,
    BasisKind,
    ShownBasis,
    UnknownBasis,
)
from services.support.domain import Ticket, TicketMessage
from services.support.handlers.articles import summary
from services.support.knowledge.words import fill
from services.support.repository import Work

DIGITS = 9
"""Of a version, at most."""


def cite(work: Work, wanted: Iterable[Basis]) -> list[ShownBasis]:
    """Return what is cited, each once, with its version. Raise UnknownBasis for what customers cannot read.

    A product comes with the catalogue's own version; the gateway has asked for it before this transaction.
    """
    found = [_article(work, each) if each.kind is BasisKind.ARTICLE else _product(each) for each in wanted]
    return [each for place, each in enumerate(found) if each not in found[:place]]


def published_of(work: Work, cited: Iterable[list[ShownBasis] | None]) -> dict[str, int | None]:
    """Return which version readers see now of each article that is cited, by its address."""
    return work.articles.published({each["slug"] for some in cited for each in some or () if "slug" in each})


def list_without_basis(work: Work, query: PageQuery) -> Page[AnswerWithoutBasis]:
    """List answers to questions before buying that rest on nothing."""
    return work.answers.without_basis(_shown, query)


def get_article_at(work: Work, slug: str, version: str) -> ArticleAtVersion:
    """Show what readers saw. Only what was published once is shown, and nothing of what was withdrawn."""
    if not version.isdecimal() or len(version) > DIGITS:
        raise ArticleNotFound
    article, text = work.articles.get(slug), work.articles.text(slug, int(version))
    if text.published_by is None:
        raise ArticleNotFound
    if article.published_version is None or article.published_at is None:
        raise ArticleWithdrawn
    return {
        **summary(article, text, to_staff=False),
        "body": fill(text.body),
        "published_at": rfc3339(text.saved_at if text.version != article.published_version else article.published_at),
        "current_version": article.published_version,
    }


def _article(work: Work, wanted: Basis) -> ShownBasis:
    unknown = UnknownBasis(details={"kind": wanted.kind, "reference": wanted.reference})
    try:
        article = work.articles.get(wanted.reference)
        text = work.articles.text(article.slug, wanted.version or article.published_version or 0)
    except ArticleNotFound:
        raise unknown from None
    if article.published_version is None or text.published_by is None:
        raise unknown
    return {"kind": wanted.kind, "slug": article.slug, "version": text.version, "title": fill(text.title)}


def _product(wanted: Basis) -> ShownBasis:
    if wanted.version is None:
        raise UnknownBasis(details={"kind": wanted.kind, "reference": wanted.reference})
    return {"kind": wanted.kind, "sku": wanted.reference, "version": wanted.version}


def _shown(message: TicketMessage, ticket: Ticket) -> AnswerWithoutBasis:
    return {
        "ticket_number": ticket.number,
        "category": ticket.category,
        "topic": ticket.topic,
        "sku": ticket.sku,
        "subject": ticket.subject,
        "answered_by": message.actor,
        "posted_at": rfc3339(message.posted_at),
        "body": message.body,
    }
