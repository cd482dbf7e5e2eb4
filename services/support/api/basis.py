"""What an answer rests on: facts of a product and articles, each in the version that its author saw (standard,
section 1: "answer all user questions truthfully, accurately and detailedly").

What is cited stays with the message for ever. Products are the catalogue's: the gateway asks orders which SKU and
version there is, before support is called; articles are looked up here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NotRequired, TypedDict

from services.common.basics.api import ANYONE, Api, query
from services.common.basics.caller import LEAD
from services.common.basics.errors import Invalid, NotFound
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import Between, Example, Length, Note, Page, PageQuery, Pattern, Sku, Timestamp
from services.support.api.articles import ArticleNotFound, ArticleView, Slug
from services.support.api.parts import TicketNumber
from services.support.api.statuses import Category, Topic

MOST_CITED = 5


class BasisKind(StrEnum):
    """What can be cited."""

    PRODUCT = "product"
    ARTICLE = "article"


class UnknownBasis(Invalid):
    """An answer is to rest on what there is not: a product, an article that customers read, or that version of it.

    details: kind, reference (the SKU or the article's address).
    """

    code = "unknown_basis"
    message = "The catalogue has no such product, or customers read no such article in that version."


class ArticleWithdrawn(NotFound):
    """Customers read the article once; it was withdrawn since."""

    code = "article_withdrawn"
    message = "We have withdrawn this article since."


@dataclass(frozen=True)
class Basis(Ruled):
    """One thing that an answer rests on: a product by its `sku`, or an article by its `slug`."""

    kind: Annotated[BasisKind, Example("article")]
    sku: Annotated[Sku, Note("of a product")] | None = None
    slug: Annotated[Slug, Note("of an article")] | None = None
    version: Annotated[int, Between(1, 2**31 - 1), Note("as it was seen; without: as it is now")] | None = None

    rules = (
        When("kind", (BasisKind.PRODUCT,), needs=("sku",), forbids=("slug",)),
        When("kind", (BasisKind.ARTICLE,), needs=("slug",), forbids=("sku",)),
    )

    @property
    def reference(self) -> str:
        """The SKU or the article's address."""
        return self.sku or self.slug or ""


Cited = Annotated[
    tuple[Basis, ...],
    Length(0, MOST_CITED),
    Note("what the answer rests on; for staff"),
    Example([{"kind": "article", "slug": "free-shipping"}]),
]


class ShownBasis(TypedDict):
    """What an answer rests on. `title`: an article's; `changed`: readers see another version of it now, or none."""

    kind: BasisKind
    sku: NotRequired[str]
    slug: NotRequired[str]
    version: Annotated[int, Note("the one that the author of the answer saw")]
    title: NotRequired[str]
    changed: NotRequired[bool]


class AnswerWithoutBasis(TypedDict):
    """A person's answer to a question before buying that names nothing it rests on."""

    ticket_number: TicketNumber
    category: Category
    topic: Topic | None
    sku: str | None
    subject: str
    answered_by: str
    posted_at: Timestamp
    body: str


class ArticleAtVersion(ArticleView):
    """An article as readers saw it in that version; `current_version` is the one that they see now."""

    current_version: int


class Foundations(Api):
    """What answers rest on."""

    @query(roles=(LEAD,), personal=True)
    def list_without_basis(self, query: PageQuery) -> Page[AnswerWithoutBasis]:
        """List people's answers to questions before buying that rest on nothing, the newest first.

        Questions of ours, news while something is looked into, and conversations that we began do not count.
        """

    @query(roles=(ANYONE,), errors=(ArticleNotFound, ArticleWithdrawn))
    def get_article_at(
        self, slug: Slug, version: Annotated[str, Pattern("[1-9][0-9]{0,8}", "A number."), Example("1")]
    ) -> ArticleAtVersion:
        """Show an article as readers saw it in a version: what an answer of ours rested on then.

        404 `article_withdrawn` for one that readers do not see any more.
        """
