"""The tables of articles, on the metadata of support.

articles          one row for each address: which version readers see, since when, when it is to be looked at again
article_versions  every text that was ever saved, who wrote it, and who let readers see it; append-only
article_feedback  what readers thought of it; `why` is in words of their own
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, UtcDateTime
from services.support.api.articles import ArticleTopic, Place
from services.support.domain.articles import Article, ArticleFeedback, ArticleVersion

SLUG, LANGUAGE, ACTOR = sa.String(64), sa.String(35), sa.String(330)


def add_tables(metadata: sa.MetaData, mapping: registry) -> tuple[sa.Table, sa.Table, sa.Table]:
    """Add the tables and map the domain's classes to them. Return articles, versions, feedback."""
    articles = sa.Table(
        "articles",
        metadata,
        sa.Column("slug", SLUG, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("published_at", UtcDateTime),
        sa.Column("review_at", UtcDateTime),
        sa.Column("helpful", sa.Integer, nullable=False),
        sa.Column("not_helpful", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.CheckConstraint("(published_version IS NULL) = (review_at IS NULL)", name="published_is_reviewed"),
        sa.Index(None, "review_at"),
    )
    versions = sa.Table(
        "article_versions",
        metadata,
        sa.Column("slug", SLUG, sa.ForeignKey("articles.slug"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("language", LANGUAGE, nullable=False),
        sa.Column("topic", Enumerated(ArticleTopic), nullable=False),
        sa.Column("sku", sa.String(64)),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("summary", sa.String(400), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("author", ACTOR, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.Column("published_by", ACTOR),
        sa.Column("title_search", sa.String(800), nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.CheckConstraint("published_by IS NULL OR published_by <> author OR author = 'system'", name="two_people"),
    )
    feedback = sa.Table(
        "article_feedback",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("slug", SLUG, sa.ForeignKey("articles.slug"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("place", Enumerated(Place), nullable=False),
        sa.Column("given_at", UtcDateTime, nullable=False),
        sa.Index(None, "slug", "given_at", "id"),
        sa.Index(None, "given_at"),
    )
    mapping.map_imperatively(Article, articles)
    mapping.map_imperatively(ArticleVersion, versions)
    mapping.map_imperatively(ArticleFeedback, feedback)
    return articles, versions, feedback
