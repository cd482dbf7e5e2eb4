"""The help centre over HTTP (standard, section 1: truthful, accurate, detailed answers).

Bodies are Markdown; beside them stands the HTML of `http.markdown`, which any page can show as it is.
"""

from __future__ import annotations

from typing import TypedDict, cast

from gateway.http import limits
from gateway.http.calls import services
from gateway.http.markdown import html_of
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.support.api import SupportApi
from services.support.api.articles import (
    ArticleDesk,
    ArticleProposal,
    ArticleSummary,
    ArticleView,
    FeedbackGiven,
    GiveFeedback,
    ListArticles,
    PreviewArticle,
    PublishArticle,
    SaveArticle,
)

ITEM = "/knowledge/<slug:slug>"

blp = Resource("knowledge", "The help centre: articles, found while a customer types")


class RenderedArticle(ArticleView):
    """An article; `html` is its body, safe to show."""

    html: str


class RenderedPreview(TypedDict):
    html: str


@blp.get("/knowledge", SupportApi.list_articles)
def list_articles(query: ListArticles) -> Page[ArticleSummary]:
    return services().support.list_articles(query)


@blp.post("/knowledge/preview", SupportApi.preview_article)
def preview_article(text: PreviewArticle) -> RenderedPreview:
    return {"html": html_of(services().support.preview_article(text)["body"])}


@blp.get(ITEM, SupportApi.get_article)
def get_article(slug: str) -> RenderedArticle:
    article = cast(RenderedArticle, services().support.get_article(slug))
    article["html"] = html_of(article["body"])
    return article


@blp.put(ITEM, SupportApi.put_article)
def put_article(slug: str, article: SaveArticle) -> ArticleDesk:
    return services().support.put_article(slug, article)


@blp.get(f"{ITEM}/versions", SupportApi.get_article_versions)
def get_article_versions(slug: str) -> ArticleDesk:
    return services().support.get_article_versions(slug)


@blp.post(f"{ITEM}/publication", SupportApi.publish_article)
def publish_article(slug: str, request: PublishArticle) -> ArticleDesk:
    return services().support.publish_article(slug, request)


@blp.delete(f"{ITEM}/publication", SupportApi.withdraw_article)
def withdraw_article(slug: str) -> ArticleDesk:
    return services().support.withdraw_article(slug)


@blp.post(f"{ITEM}/feedback", SupportApi.give_feedback, limit=limits.OPINIONS)
def give_feedback(slug: str, feedback: GiveFeedback) -> FeedbackGiven:
    return services().support.give_feedback(slug, feedback)


@blp.get("/tickets/<number(TIC):number>/article", SupportApi.propose_article)
def propose_article(number: str) -> ArticleProposal:
    return services().support.propose_article(number)
