"""The codes that the desk shows in words, "out_for_delivery" as "out for delivery": `words` of web/desk/js/words.js.

They are what the API knows: states, kinds and reasons of its document, events, kinds of promises, and the names of
fields, which say what has changed. None stands in a script, so `make texts` takes them from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gateway.app import create_app
from gateway.settings import GatewaySettings
from services.aftersales.api import terms as aftersales
from services.common.basics.untyped import Fields
from services.logistics.api import terms as logistics
from services.orders.api import terms as orders
from services.orders.domain.catalogue import Cause
from services.support.api import terms as support

ROOT = Path(__file__).parents[2]
DESK = ROOT / "gateway/web/desk"
OF_PROGRAMS = {"code", "country", "origin_country", "media_type", "to"}
"""Whose values the desk does not show in words: refusals have sentences of their own."""
ELSEWHERE = ("guest", "access", "stream", "order", "quiet", "risk", "rest")
"""Who acts, what keys are for, and how a promise stands on the page of styles."""
UNSAID = re.compile(r"version|.*_url|.*_id|key|href|action|units")
"""Fields that no page names: as in web/desk/js/moved.js."""
_CODE = re.compile(r"[a-z][a-z0-9_.]*")


def in_words() -> list[str]:
    """Return all codes, in words."""
    document = create_app(GatewaySettings.load({})).test_client().get("/v1/openapi.json").get_json()
    contracts = (path.name.partition(".")[0] for path in ROOT.glob("services/*/contracts/*.json"))
    events = (name for name in contracts if not name.startswith("rpc_"))
    terms = (kind for room in (orders, logistics, aftersales, support) for kind in room.TERMS)
    promises = (each for kind in terms for each in (kind, kind.partition(".")[0]))
    known = {*_named(document, ""), *_fields(document), *events, *promises, *Cause, *ELSEWHERE}
    return sorted(code.replace("_", " ") for code in known if _CODE.fullmatch(code))


def _fields(document: Fields) -> Iterator[str]:
    """Yield the names of what single things have: a step that is refused says which of them have changed (moved.js)."""
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for answer in path.get("get", {}).get("responses", {}).values():
            for content in answer.get("content", {}).values():
                yield from _properties(content.get("schema", {}), schemas, set())


def _properties(schema: Fields, schemas: Fields, seen: set[str]) -> Iterator[str]:
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in seen:
        return
    if name:
        seen.add(name)
        yield from _properties(schemas.get(name, {}), schemas, seen)
    for field, inner in schema.get("properties", {}).items():
        if not UNSAID.fullmatch(field):
            yield field
        yield from _properties(inner, schemas, seen)
    inside = (schema.get(each) for each in ("items", "anyOf", "oneOf", "allOf"))
    for each in inside:
        for inner in each if isinstance(each, list) else [each] if each else []:
            yield from _properties(inner, schemas, seen)


def _named(part: object, name: str) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _named(each, name)
    elif isinstance(part, dict):
        if name not in OF_PROGRAMS:
            yield from (value for value in part.get("enum", ()) if isinstance(value, str))
        for key, value in part.items():
            yield from _named(value, name if key in ("items", "anyOf", "oneOf", "allOf") else key)
