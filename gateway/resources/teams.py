"""Who gets a ticket: teams, and who is there (standard, section 6: no delayed response)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.support.api import SupportApi
from services.support.api.teams import (
    AvailabilityList,
    AvailabilityView,
    PutAvailability,
    PutTeam,
    TeamList,
    TeamView,
)

ITEM = "/teams/<slug:name>"

blp = Resource("teams", "Who gets which tickets, and who is there")


@blp.get("/teams", SupportApi.list_teams)
def list_teams() -> TeamList:
    return services().support.list_teams()


@blp.get(ITEM, SupportApi.get_team)
def get_team(name: str) -> TeamView:
    return services().support.get_team(name)


@blp.put(ITEM, SupportApi.put_team)
def put_team(name: str, team: PutTeam) -> TeamView:
    return services().support.put_team(name, team)


@blp.delete(ITEM, SupportApi.delete_team)
def delete_team(name: str) -> TeamList:
    return services().support.delete_team(name)


@blp.get("/staff/availability", SupportApi.list_availability)
def list_availability() -> AvailabilityList:
    return services().support.list_availability()


@blp.get("/staff/me/availability", SupportApi.get_own_availability)
def get_own_availability() -> AvailabilityView:
    return services().support.get_own_availability()


@blp.put("/staff/me/availability", SupportApi.put_own_availability)
def put_own_availability(wish: PutAvailability) -> AvailabilityView:
    return services().support.put_own_availability(wish)


@blp.put("/staff/<email:email>/availability", SupportApi.put_availability)
def put_availability(email: str, wish: PutAvailability) -> AvailabilityView:
    return services().support.put_availability(email, wish)
