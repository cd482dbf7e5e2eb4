"""Articles of the help centre: written by one person, published by another, found while a customer types
(standard, section 1: truthful, accurate, detailed answers).

A text may name a number by its promise, `within {{refund}}`: readers see what the terms say, `5 to 10 working days`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NotRequired, TypedDict

from services.common.basics import states
from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.errors import Forbidden, Invalid, NotFound
from services.common.basics.shapes import (
    Example,
    LanguageTag,
    Line,
    Note,
    Page,
    PageQuery,
    Pattern,
    Sku,
    Text,
    Timestamp,
    Version,
)
from services.support.api.parts import TicketNumber
from services.support.api.refusals import TicketNotFound, WrongStatus

SLUG_PATTERN = r"[a-z0-9](-?[a-z0-9]){0,31}"


class ArticleTopic(StrEnum):
    """What an article is about: the topics of questions before buying, and what comes after."""

    PARAMETERS = "parameters"
    MATERIALS = "materials"
    USAGE = "usage"
    MATCHING = "matching"
    ORDER_RULES = "order_rules"
    LOGISTICS = "logistics_instructions"
    RETURNS = "returns"
    REFUNDS = "refunds"
    SERVICE = "service"


class Place(StrEnum):
    """Where a reader gave an opinion; `contact`: beside the form that they were about to send."""

    HELP = "help"
    CONTACT = "contact"


class ArticleState(StrEnum):
    """draft: a version that readers do not see yet; due: its date to be looked at again is over."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DUE = "due"


class ArticleNotFound(NotFound):
    """There is no such article, or none that readers see."""

    code = "article_not_found"
    message = "There is no such article."


class ArticleMoved(states.VersionMoved):
    """The article has another version than the one that the caller saw."""

    message = "Somebody else changed this article meanwhile; look again."


class StateNeedsStaff(Forbidden):
    """Only agents and leads ask for articles by their state."""

    code = "role_required"
    message = "only agents and leads look at articles by their state"


class UnknownPlaceholder(Invalid):
    """A text names a number that there is not. details: unknown, known."""

    code = "unknown_placeholder"
    message = "The text names a promise that we do not have."


class OwnArticle(Forbidden):
    """The author of an article is to publish it."""

    code = "second_person_required"
    message = "another person than the author of this text publishes it"


Slug = Annotated[
    str, Pattern(SLUG_PATTERN, "Small letters and digits, at most 32, with single hyphens."), Example("free-shipping")
]
Body = Annotated[
    str, Text(20_000, 20), Example("Return what you bought within {{return_days}} days."), Note("Markdown")
]
Language = Annotated[str, LanguageTag(), Example("en")]


@dataclass(frozen=True)
class SaveArticle:
    """A new version of the text; `sku`: the product that it is about, if it is about one."""

    title: Annotated[str, Line(200, 5), Example("Who pays for shipping?")]
    summary: Annotated[str, Line(400, 5), Example("We do, to every country."), Note("the answer in one sentence")]
    body: Body
    topic: ArticleTopic
    language: Language = "en"
    sku: Sku | None = None
    version: Version | None = None


@dataclass(frozen=True)
class PreviewArticle:
    """A text that is not saved yet."""

    body: Body


@dataclass(frozen=True)
class PublishArticle:
    """version: refuse if the newest text is another one."""

    version: Version | None = None


@dataclass(frozen=True)
class GiveFeedback:
    """Whether it helped, and why not."""

    helpful: bool
    why: Annotated[str, Text(1000), Note("please without names and addresses")] | None = None
    place: Place = Place.HELP


@dataclass(frozen=True)
class ListArticles(PageQuery):
    """With `q` the best matches first, in one page. `state` is for staff, who then see drafts and counts."""

    q: Annotated[str, Line(100), Note("words of the question"), Example("shipping cost")] | None = None
    topic: ArticleTopic | None = None
    language: Language | None = None
    sku: Sku | None = None
    state: ArticleState | None = None


class ArticleCounts(TypedDict):
    """What staff see besides. answered: readers who found it beside the contact form, and sent nothing."""

    version: int
    published_version: int | None
    review_at: Timestamp | None
    helpful: int
    not_helpful: int
    answered: int


class ArticleSummary(TypedDict):
    """An article in a list; `desk` is shown to staff who ask by `state`."""

    slug: str
    title: str
    summary: str
    topic: ArticleTopic
    language: str
    sku: str | None
    version: int
    saved_at: Timestamp
    desk: NotRequired[ArticleCounts]


class ArticleView(ArticleSummary):
    """What readers see; `body` is Markdown with the numbers put in."""

    body: str
    published_at: Timestamp


class ArticleText(TypedDict):
    """One version as it was written, `{{refund}}` and all."""

    version: int
    title: str
    summary: str
    body: str
    topic: ArticleTopic
    language: str
    sku: str | None
    author: str
    saved_at: Timestamp
    published_by: str | None


class Opinion(TypedDict):
    """What a reader thought of a version."""

    version: int
    helpful: bool
    why: str | None
    place: Place
    given_at: Timestamp


class ArticleDesk(ArticleCounts):
    """An article as staff see it: the newest 20 versions, the newest first, and the newest opinions."""

    slug: str
    versions: list[ArticleText]
    opinions: list[Opinion]


class ArticlePreview(TypedDict):
    body: str


class ArticleProposal(TypedDict):
    """A draft out of a conversation, without what names a person; `left_out`: how many places were taken out."""

    title: str
    body: str
    left_out: int


class FeedbackGiven(TypedDict):
    """Thanks."""


class Articles(Api):
    """The help centre."""

    @query(roles=(ANYONE,), errors=(StateNeedsStaff,))
    def list_articles(self, query: ListArticles) -> Page[ArticleSummary]:
        """Find articles that readers see, by words, topic, language or product. Staff find drafts, by state."""

    @query(roles=(ANYONE,), errors=(ArticleNotFound,))
    def get_article(self, slug: Slug) -> ArticleView:
        """Show an article as readers see it."""

    @query(roles=(AGENT, LEAD), errors=(ArticleNotFound,))
    def get_article_versions(self, slug: Slug) -> ArticleDesk:
        """Show all that is kept of an article: its texts, who wrote and published them, what readers thought."""

    @query(roles=(AGENT, LEAD), errors=(UnknownPlaceholder,))
    def preview_article(self, text: PreviewArticle) -> ArticlePreview:
        """Show how a text will read, without saving it."""

    @query(roles=(AGENT, LEAD), errors=(TicketNotFound, WrongStatus), personal=True)
    def propose_article(self, number: TicketNumber) -> ArticleProposal:
        """Propose an article out of a solved conversation: its question and our last answer, without personal data.

        Nothing is saved. Read it before you save it: a machine does not see every name.
        """

    @command(roles=(AGENT, LEAD), errors=(ArticleMoved, UnknownPlaceholder))
    def put_article(self, slug: Slug, article: SaveArticle) -> ArticleDesk:
        """Save a version of an article; readers see it when another person publishes it."""

    @command(roles=(AGENT, LEAD), errors=(ArticleNotFound, ArticleMoved, OwnArticle))
    def publish_article(self, slug: Slug, request: PublishArticle) -> ArticleDesk:
        """Let readers see the newest text. Its author cannot: 403 `second_person_required`.

        Repeated, it says that the text was looked at again and still holds.
        """

    @command(roles=(LEAD,), errors=(ArticleNotFound,))
    def withdraw_article(self, slug: Slug) -> ArticleDesk:
        """Take an article away from readers; its texts are kept."""

    @command(roles=(ANYONE,), errors=(ArticleNotFound,))
    def give_feedback(self, slug: Slug, feedback: GiveFeedback) -> FeedbackGiven:
        """Say whether an article helped. It is kept without a name."""
