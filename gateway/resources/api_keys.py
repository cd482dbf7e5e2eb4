"""Keys by which the shop's own systems ask; for admins."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.support.api import SupportApi
from services.support.api.api_keys import ApiKeyList, MakeApiKey, NewApiKey
from services.support.api.parts import Accepted

blp = Resource("api-keys", "Keys by which the shop's own systems ask")


@blp.get("/api-keys", SupportApi.list_api_keys)
def list_api_keys() -> ApiKeyList:
    return services().support.list_api_keys()


@blp.post("/api-keys", SupportApi.make_api_key, status=201)
def make_api_key(wish: MakeApiKey) -> NewApiKey:
    return services().support.make_api_key(wish)


@blp.delete("/api-keys/<id:key_id>", SupportApi.end_api_key)
def end_api_key(key_id: str) -> Accepted:
    return services().support.end_api_key(key_id)
