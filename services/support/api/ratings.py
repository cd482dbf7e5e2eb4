"""Ratings by the links of a mail: one click opens a page, and the rating counts when it is sent from there
(standard, section 6: satisfaction is the core standard)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.shapes import Between, Example, Note, Pattern, Text
from services.support.api.refusals import AlreadyRated, NotRatable
from services.support.api.replies import RatedTicket

RATING_LINK = r"rat_[0-9A-Z-]{1,20}\.[0-9]{1,6}\.[1-5]\.[0-9a-f]{32}"

RATING_EXAMPLE = "rat_TIC-0000-0007-E.1.5.00000000000000000000000000000000"


class RatingState(StrEnum):
    """What the link of a rating is good for now.

    `open`: the rating can be given; `rated`: it was; `over`: the matter was taken up again since, or a later answer
    ended it; `not_asked`: it ended in a way that is not rated.
    """

    OPEN = "open"
    RATED = "rated"
    OVER = "over"
    NOT_ASKED = "not_asked"


class RatingLinkUnknown(NotFound):
    """The link of a rating is not one of ours, or was cut off."""

    code = "rating_link_unknown"
    message = "This link is not one of ours, or a part of it is missing."


class RatingLinkOver(Conflict):
    """The matter was taken up again since the mail: this ending is rated no more."""

    code = "rating_link_over"
    message = "This matter was taken up again after that mail; we ask you again when it is solved."


RatingToken = Annotated[
    str,
    Pattern(RATING_LINK, "The last part of the link in our mail."),
    Example(RATING_EXAMPLE),
]


@dataclass(frozen=True)
class RateByLink:
    """A rating by the link of a mail; `score`: another one than the link has, 1 (not at all) to 5."""

    token: RatingToken
    score: Annotated[int, Between(1, 5)] | None = None
    comment: Annotated[str, Text(2000)] | None = None


class RatingAsked(TypedDict):
    """What the link of a rating leads to. Nothing is stored by looking."""

    number: Annotated[str, Example("TIC-0000-0007-E")]
    state: RatingState
    score: Annotated[int, Note("that the link was made for")]
    rated: Annotated[int | None, Note("the score that was given for this ending; null while there is none")]


class Ratings(Api):
    """Ratings by the links of a mail."""

    @query(roles=(ANYONE,), errors=(RatingLinkUnknown,))
    def get_rating_link(self, token: RatingToken) -> RatingAsked:
        """Say what the link of a rating is good for. Opening it stores nothing."""

    @command(roles=(ANYONE,), errors=(RatingLinkUnknown, RatingLinkOver, AlreadyRated, NotRatable))
    def rate_by_link(self, request: RateByLink) -> RatedTicket:
        """Say how satisfied you are with a resolution, by the link of its mail; once, then 409 `already_rated`."""
