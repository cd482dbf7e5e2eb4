"""Articles: the help centre, its texts and what readers thought of them.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.common.store.tables import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SLUG, ACTOR = sa.String(64), sa.String(330)


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("published_at", UtcDateTime),
        sa.Column("review_at", UtcDateTime),
        sa.Column("helpful", sa.Integer, nullable=False),
        sa.Column("not_helpful", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_articles"),
        sa.CheckConstraint(
            "(published_version IS NULL) = (review_at IS NULL)", name="ck_articles_published_is_reviewed"
        ),
    )
    op.create_index("ix_articles_review_at", "articles", ["review_at"])
    op.create_table(
        "article_versions",
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("sku", sa.String(64)),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("summary", sa.String(400), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("author", ACTOR, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.Column("published_by", ACTOR),
        sa.Column("title_search", sa.String(800), nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("slug", "version", name="pk_article_versions"),
        sa.ForeignKeyConstraint(["slug"], ["articles.slug"], name="fk_article_versions_slug_articles"),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> author OR author = 'system'",
            name="ck_article_versions_two_people",
        ),
    )
    op.create_table(
        "article_feedback",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("slug", SLUG, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("given_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article_feedback"),
        sa.ForeignKeyConstraint(["slug"], ["articles.slug"], name="fk_article_feedback_slug_articles"),
    )
    op.create_index("ix_article_feedback_slug_given_at_id", "article_feedback", ["slug", "given_at", "id"])
    op.create_index("ix_article_feedback_given_at", "article_feedback", ["given_at"])


def downgrade() -> None:
    for table in ("article_feedback", "article_versions", "articles"):
        op.drop_table(table)
