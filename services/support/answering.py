"""The calls about how answers are made: articles, what they rest on, canned replies, drafts, and how good they are; and
about mail that came in and was not taken."""

from __future__ import annotations

from services.common.basics.api import Period
from services.common.basics.shapes import Page, PageQuery
from services.support.api.articles import (
    ArticleDesk,
    ArticlePreview,
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
from services.support.api.basis import AnswerWithoutBasis, ArticleAtVersion
from services.support.api.canned import DeleteReply, ListReplies, PreviewReply, ReplyPreview, ReplyView, SaveReply
from services.support.api.drafts import DraftView, SaveDraft
from services.support.api.mail_in import MailAside
from services.support.api.parts import Accepted
from services.support.api.quality import ListQuality, QualityReport, QualityView, ReviewAnswer
from services.support.handlers import articles, basis, canned, drafting, mail_in, quality
from services.support.repository import Work


class SupportAnswers:
    """A part of the service (`service`); each call has its transaction in `work`."""

    work: Work

    # the help centre

    def list_articles(self, query: ListArticles) -> Page[ArticleSummary]:
        return articles.list_articles(self.work, query)

    def get_article(self, slug: str) -> ArticleView:
        return articles.get_article(self.work, slug)

    def get_article_versions(self, slug: str) -> ArticleDesk:
        return articles.get_article_versions(self.work, slug)

    def preview_article(self, text: PreviewArticle) -> ArticlePreview:
        return articles.preview_article(text)

    def propose_article(self, number: str) -> ArticleProposal:
        return articles.propose_article(self.work, number)

    def put_article(self, slug: str, article: SaveArticle) -> ArticleDesk:
        return articles.put_article(self.work, slug, article)

    def publish_article(self, slug: str, request: PublishArticle) -> ArticleDesk:
        return articles.publish_article(self.work, slug, request)

    def withdraw_article(self, slug: str) -> ArticleDesk:
        return articles.withdraw_article(self.work, slug)

    def give_feedback(self, slug: str, feedback: GiveFeedback) -> FeedbackGiven:
        return articles.give_feedback(self.work, slug, feedback)

    # mail that comes in

    def list_mail_aside(self, query: PageQuery) -> Page[MailAside]:
        return mail_in.list_mail_aside(self.work, query)

    # what answers rest on, texts that they are made of, and how good they are

    def list_without_basis(self, query: PageQuery) -> Page[AnswerWithoutBasis]:
        return basis.list_without_basis(self.work, query)

    def get_article_at(self, slug: str, version: str) -> ArticleAtVersion:
        return basis.get_article_at(self.work, slug, version)

    def list_replies(self, query: ListReplies) -> Page[ReplyView]:
        return canned.list_replies(self.work, query)

    def put_reply(self, reply: SaveReply) -> ReplyView:
        return canned.put_reply(self.work, reply)

    def delete_reply(self, reply_id: str, request: DeleteReply) -> Accepted:
        return canned.delete_reply(self.work, reply_id, request)

    def preview_reply(self, request: PreviewReply) -> ReplyPreview:
        return canned.preview_reply(self.work, request)

    def save_draft(self, number: str, draft: SaveDraft) -> DraftView:
        return drafting.save_draft(self.work, number, draft)

    def list_quality(self, query: ListQuality) -> Page[QualityView]:
        return quality.list_quality(self.work, query)

    def review_answer(self, review_id: str, request: ReviewAnswer) -> QualityView:
        return quality.review_answer(self.work, review_id, request)

    def report_quality(self, query: Period) -> QualityReport:
        return quality.report_quality(self.work, query)
