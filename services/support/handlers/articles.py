"""The help centre: texts are written, published by a second person, found and rated (standard, section 1)."""

from __future__ import annotations

from dataclasses import replace

from services.common.basics import ids
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.common.basics.states import WrongStatus, require_version
from services.support import views
from services.support.adapters.mail import staff as staff_mails
from services.support.adapters.mail.postal import recipient_of
from services.support.api import TicketStatus
from services.support.api.articles import (
    ArticleCounts,
    ArticleDesk,
    ArticleMoved,
    ArticleNotFound,
    ArticlePreview,
    ArticleProposal,
    ArticleSummary,
    ArticleText,
    ArticleView,
    FeedbackGiven,
    GiveFeedback,
    ListArticles,
    Opinion,
    Place,
    PreviewArticle,
    PublishArticle,
    SaveArticle,
    StateNeedsStaff,
)
from services.support.api.terms import OPINIONS_KEPT
from services.support.domain import Ticket
from services.support.domain.articles import Article, ArticleFeedback, ArticleVersion
from services.support.domain.nameless import without_personal_data
from services.support.handlers.access import acting, require_person
from services.support.handlers.mailing import queue_mail
from services.support.knowledge.words import fill, index
from services.support.repository import Work

SOLVED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})


def list_articles(work: Work, query: ListArticles) -> Page[ArticleSummary]:
    """List what readers see; for staff who ask by state, also what they do not see yet."""
    if query.state is not None and not work.caller.has(AGENT, LEAD):
        raise StateNeedsStaff
    return work.articles.page(lambda found: summary(*found, to_staff=query.state is not None), query, work.now)


def get_article(work: Work, slug: str) -> ArticleView:
    """Show what readers see."""
    article = work.articles.get(slug)
    if article.published_version is None or article.published_at is None:
        raise ArticleNotFound
    text = work.articles.text(slug, article.published_version)
    return {
        **summary(article, text, to_staff=False),
        "body": fill(text.body),
        "published_at": rfc3339(article.published_at),
    }


def get_article_versions(work: Work, slug: str) -> ArticleDesk:
    """Show all that is kept of it."""
    return _desk(work, work.articles.get(slug))


def preview_article(text: PreviewArticle) -> ArticlePreview:
    """Put the numbers into a text that is not saved."""
    return {"body": fill(text.body)}


def propose_article(work: Work, number: str) -> ArticleProposal:
    """Propose a text out of a solved conversation, without what names a person."""
    ticket = work.tickets.get(number)  # a reading transaction locks nothing
    require_person(ticket)
    question, answer = work.tickets.last_question(number), work.tickets.last_answer(number)
    if ticket.status not in SOLVED or answer is None:
        raise WrongStatus("an article is proposed out of a conversation that was answered and solved")
    names = _names(work, ticket)
    title, of_title = without_personal_data(ticket.subject, *names)
    asked, of_asked = without_personal_data(question.body if question else "", *names)
    said, of_said = without_personal_data(answer.body, *names)
    quoted = "\n".join(f"> {line}" for line in asked.splitlines() if line.strip())
    return {
        "title": title,
        "body": f"{quoted}\n\n{said}".strip(),
        "left_out": of_title + of_asked + of_said,
    }


def _names(work: Work, ticket: Ticket) -> list[str]:
    """Return whom a conversation may name: its customer, who ordered, and who gets the parcel."""
    contact = work.contacts.find(ticket.order_number) if ticket.order_number else None
    ordered = [contact.name, recipient_of(contact.contents)] if contact else []
    return [ticket.customer_name, ticket.customer_email.partition("@")[0], *ordered]


def put_article(work: Work, slug: str, wish: SaveArticle) -> ArticleDesk:
    """Save a text, unless the newest one says the same."""
    work.articles.begin(slug)
    article = work.articles.get(slug, lock=True)
    require_version(wish.version, article.version, lambda: _counts(article), ArticleMoved)
    text = ArticleVersion(
        slug, article.version + 1, wish.language, wish.topic, wish.sku, wish.title, wish.summary, wish.body,
        acting(work), work.now,
    )  # fmt: skip
    if article.version and text.says(work.articles.text(slug, article.version)):
        return _desk(work, article)
    index(text)
    work.articles.keep(article.save(text), text)
    return _desk(work, article)


def publish_article(work: Work, slug: str, request: PublishArticle) -> ArticleDesk:
    """Let readers see the newest text."""
    article = work.articles.get(slug, lock=True)
    require_version(request.version, article.version, lambda: _counts(article), ArticleMoved)
    text = work.articles.text(slug, article.version)
    work.articles.keep(article.publish(text, acting(work), work.now))
    return _desk(work, article)


def withdraw_article(work: Work, slug: str) -> ArticleDesk:
    """Take it away from readers."""
    article = work.articles.get(slug, lock=True)
    work.articles.keep(article.withdraw(acting(work)))
    return _desk(work, article)


def give_feedback(work: Work, slug: str, given: GiveFeedback) -> FeedbackGiven:
    """Count what a reader thought. What it answered is reported once for a key, whichever articles did."""
    article = work.articles.get(slug, lock=True)
    if article.published_version is None:
        raise ArticleNotFound
    work.caller = replace(work.caller, actor="guest", email=None)  # an opinion has no name, in the journal neither
    events = article.rate(helpful=given.helpful, place=given.place)
    if given.helpful and given.place is Place.CONTACT:
        work.reports.note_deflection(work.caller.idempotency_key or ids.new_id(), slug)
    said = ArticleFeedback(
        ids.new_id(), slug, article.published_version, given.helpful, given.why, given.place, work.now
    )
    work.articles.keep(events, said)
    return {}


def forget_opinions(work: Work) -> None:
    """Drop the words of readers that were kept long enough."""
    work.articles.forget_opinions(work.now - OPINIONS_KEPT.span)


def ask_to_look_again(work: Work) -> None:
    """Tell the leads of texts whose date is over, once for each date."""
    for article in work.articles.due(work.now):
        when = views.moment(article.review_at)
        for lead in work.people.with_role(LEAD):
            queue_mail(
                work, staff_mails.article_due(article.slug), lead.email, f"desk/knowledge/{article.slug}",
                key=f"article:{article.slug}:{when}:{lead.email}", about="article", reference=article.slug,
                tells_customer=False,
            )  # fmt: skip


def summary(article: Article, text: ArticleVersion, *, to_staff: bool) -> ArticleSummary:
    """Show a text in a list, with the times that the promises say; to staff with its counts."""
    shown: ArticleSummary = {
        "slug": article.slug,
        "title": fill(text.title),
        "summary": fill(text.summary),
        "topic": text.topic,
        "language": text.language,
        "sku": text.sku,
        "version": text.version,
        "saved_at": rfc3339(text.saved_at),
    }
    if to_staff:
        shown["desk"] = _counts(article)
    return shown


def _counts(article: Article) -> ArticleCounts:
    return {
        "version": article.version,
        "published_version": article.published_version,
        "review_at": views.moment(article.review_at),
        "helpful": article.helpful,
        "not_helpful": article.not_helpful,
        "answered": article.answered,
    }


def _desk(work: Work, article: Article) -> ArticleDesk:
    return {
        **_counts(article),
        "slug": article.slug,
        "versions": [_text(each) for each in work.articles.texts(article.slug)],
        "opinions": [_opinion(each) for each in work.articles.opinions(article.slug)],
    }


def _text(text: ArticleVersion) -> ArticleText:
    return {
        "version": text.version,
        "title": text.title,
        "summary": text.summary,
        "body": text.body,
        "topic": text.topic,
        "language": text.language,
        "sku": text.sku,
        "author": text.author,
        "saved_at": rfc3339(text.saved_at),
        "published_by": text.published_by,
    }


def _opinion(said: ArticleFeedback) -> Opinion:
    return {
        "version": said.version,
        "helpful": said.helpful,
        "why": said.why,
        "place": said.place,
        "given_at": rfc3339(said.given_at),
    }
