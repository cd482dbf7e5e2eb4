"""Suggestions over HTTP: the board, the steps of leads, who follows (standard, section 6)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.support.api import (
    FollowSuggestion,
    ListSuggestions,
    MoveSuggestion,
    PublicSuggestion,
    SuggestionView,
    SupportApi,
)

blp = Resource("suggestions", "What customers suggested, and what became of it")


@blp.get("/suggestions", SupportApi.list_suggestions)
def list_suggestions(query: ListSuggestions) -> Page[SuggestionView]:
    return services().support.list_suggestions(query)


@blp.post("/suggestions/<id:suggestion_id>/move", SupportApi.move_suggestion)
def move_suggestion(suggestion_id: str, request: MoveSuggestion) -> SuggestionView:
    return services().support.move_suggestion(suggestion_id, request)


@blp.post("/suggestions/<id:suggestion_id>/follow", SupportApi.follow_suggestion)
def follow_suggestion(suggestion_id: str, request: FollowSuggestion) -> PublicSuggestion:
    return services().support.follow_suggestion(suggestion_id, request)
