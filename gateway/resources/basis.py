"""What answers rest on, over HTTP: the catalogue is asked for products before support is (standard, section 1).

GET /v1/reports/without-basis            people's answers to questions before buying that rest on nothing
GET /v1/knowledge/{slug}/versions/{n}    an article as it was when an answer cited it
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from gateway.http.calls import services
from gateway.http.markdown import html_of
from gateway.http.resource import Resource
from services.common.basics.errors import NotFound
from services.common.basics.shapes import Page, PageQuery
from services.support.api import SupportApi
from services.support.api.basis import AnswerWithoutBasis, ArticleAtVersion, Basis, BasisKind, UnknownBasis

blp = Resource("basis", "What answers rest on")


class RenderedArticleAtVersion(ArticleAtVersion):
    """An article as it was; `html` is its body, safe to show."""

    html: str


@blp.get("/reports/without-basis", SupportApi.list_without_basis)
def list_without_basis(query: PageQuery) -> Page[AnswerWithoutBasis]:
    return services().support.list_without_basis(query)


@blp.get("/knowledge/<slug:slug>/versions/<version:version>", SupportApi.get_article_at)
def get_article_at(slug: str, version: str) -> RenderedArticleAtVersion:
    article = cast(RenderedArticleAtVersion, services().support.get_article_at(slug, version))
    article["html"] = html_of(article["body"])
    return article


def looked_up(cited: Iterable[Basis]) -> tuple[Basis, ...]:
    """Return what is cited, products with the SKU and version of the catalogue. Raise UnknownBasis for what it has not.

    A version that the author saw stays, up to the present one.
    """
    return tuple(_looked_up(each) if each.kind is BasisKind.PRODUCT else each for each in cited)


def _looked_up(cited: Basis) -> Basis:
    unknown = UnknownBasis(details={"kind": cited.kind, "reference": cited.reference})
    try:
        product = services().orders.get_product(cited.reference)
    except NotFound:
        raise unknown from None
    if cited.version is not None and cited.version > product["version"]:
        raise unknown
    return replace(cited, sku=product["sku"], version=cited.version or product["version"])
