"""Ratings by the links of our mails, over HTTP. The page that they open is in `web/forms/rating`."""

from __future__ import annotations

from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.support.api import RatedTicket, SupportApi
from services.support.api.ratings import RateByLink, RatingAsked

blp = Resource("ratings", "How satisfied customers are with what we did")


@blp.get("/ratings/<rating:token>", SupportApi.get_rating_link)
def get_rating_link(token: str) -> RatingAsked:
    return services().support.get_rating_link(token)


@blp.post("/ratings", SupportApi.rate_by_link, status=201, limit=limits.OPINIONS)
def rate_by_link(request: RateByLink) -> RatedTicket:
    return services().support.rate_by_link(request)
