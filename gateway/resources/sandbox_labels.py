"""The sandbox carrier sells labels: for play money, in the memory of this process, signed like its webhooks.

POST /sandbox/carrier/labels/rates  {reference, weight_g, line2, country}     → {id, rates}
POST /sandbox/carrier/labels/buy    {id, rate, key}                           → what was bought, once for each id
POST /sandbox/carrier/labels/find   {id}                                      → the same; {} if nothing was
POST /sandbox/carrier/labels/paper  {tracking_number, service}                → {pdf}, in base64
POST /sandbox/carrier/labels/manifest  {ids}                                  → {id}, the same for the same ones
POST /sandbox/carrier/labels/void   {id, tracking_number}                     → {status}

What goes wrong with carriers is tried by the second line of an address: `simulate: away`, `busy`, `gone`, `silent`
(it sells, and its answer is lost), `address`. In development only.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import NotRequired, TypedDict

import orjson
from flask import request

from gateway.documents.play_label import play_label
from gateway.http import bodies
from gateway.http.calls import settings
from gateway.http.errors import Refused
from gateway.http.resource import Resource
from gateway.resources.sandbox_carrier import SIGNATURE_HEADER
from gateway.resources.webhooks import raw
from gateway.settings import GatewaySettings
from services.common.basics import clock
from services.common.basics.api import ANYONE
from services.common.basics.errors import Forbidden, NotFound
from services.common.edge import signatures

MOST = 2000
SIMULATE = "simulate:"
Told = Mapping[str, object]

blp = Resource("sandbox_labels", "Play labels", prefix="/sandbox/carrier/labels")


class PlayRate(TypedDict):
    id: str
    service: str
    amount_cents: int
    days: int


class PlayAnswer(TypedDict):
    """What is answered; which fields it has depends on what was asked."""

    id: NotRequired[str]
    rates: NotRequired[list[PlayRate]]
    tracking_number: NotRequired[str]
    amount_cents: NotRequired[int]
    pdf: NotRequired[str]
    status: NotRequired[str]


def enabled(known: GatewaySettings) -> bool:
    return known.has_sample_money


@blp.post("/<name:act>", roles=(ANYONE,), body=raw({"reference": "SHP-0000-0000-0", "weight_g": 900}))
def ask(act: str) -> PlayAnswer:
    """Answer a request that is signed by the shop."""
    body = bodies.raw_body()
    if not signatures.verify(settings().carrier_secret, request.headers.get(SIGNATURE_HEADER), body, clock.now()):
        raise Forbidden("the signature does not fit", code="bad_signature")
    if act not in _ACTS:
        raise NotFound
    return _ACTS[act](orjson.loads(body))


def _rates(told: Told) -> PlayAnswer:
    trouble = _trouble(str(told.get("line2", "")))
    if trouble == "away":
        raise Refused(503, "away", "nobody is here")
    if trouble == "address":
        raise Refused(422, "address_refused", "The simulated carrier does not know this street.")
    weight = int(str(told["weight_g"]))
    abroad = 0 if told.get("country") == "CN" else 600
    offered: list[PlayRate] = [
        {"id": "economy", "service": "Economy", "amount_cents": 390 + abroad + weight // 10, "days": 12},
        {"id": "standard", "service": "Standard", "amount_cents": 640 + abroad + weight // 5, "days": 8},
        {"id": "express", "service": "Express", "amount_cents": 1900 + abroad * 2 + weight // 2, "days": 3},
    ]
    name = f"sim_{uuid.uuid4().hex}"
    _BOXES[name] = _Box(trouble, {each["id"]: each for each in offered})
    while len(_BOXES) > MOST:
        _BOXES.pop(next(iter(_BOXES)))
    return {"id": name, "rates": offered}


def _buy(told: Told) -> PlayAnswer:
    box = _BOXES.get(str(told["id"]))
    if box is None or box.trouble == "gone" or str(told["rate"]) not in box.rates:
        raise Refused(410, "rate_gone", "The simulated carrier does not offer this rate any more.")
    if box.trouble == "busy":
        raise Refused(429, "too_many_requests", "too many requests")
    if box.bought is None:
        digest = hashlib.sha256(str(told["id"]).encode()).hexdigest()
        number = f"SIM{int(digest, 16) % 10**12:012}"
        box.bought = {"tracking_number": number, "amount_cents": box.rates[str(told["rate"])]["amount_cents"]}
        if box.trouble == "silent":
            raise Refused(503, "away", "this answer is lost")
    return box.bought


def _find(told: Told) -> PlayAnswer:
    box = _BOXES.get(str(told["id"]))
    return (box and box.bought) or {}


def _paper(told: Told) -> PlayAnswer:
    """Print a label of the size that printers of labels take."""
    service = str(told["service"]).encode("ascii", "replace").decode()
    lines = ("Simulated carrier", service, "Play money: nobody carries this.")
    return {"pdf": base64.b64encode(play_label(str(told["tracking_number"]), lines)).decode()}


def _manifest(told: Told) -> PlayAnswer:
    """Take boxes together; those of a process before this one, too."""
    digest = hashlib.sha256(orjson.dumps(told["ids"])).hexdigest()
    return {"id": f"SIMM{int(digest, 16) % 10**10:010}"}


def _void(told: Told) -> PlayAnswer:
    """Give the play money back; a label of a process before this one, too."""
    return {"status": "refunded"}


class _Box:
    """A box that rates were asked for, and what was bought for it."""

    def __init__(self, trouble: str, rates: dict[str, PlayRate]):
        self.trouble, self.rates = trouble, rates
        self.bought: PlayAnswer | None = None


def _trouble(line2: str) -> str:
    return line2.strip().lower().removeprefix(SIMULATE).strip() if line2.lower().startswith(SIMULATE) else ""


_BOXES: dict[str, _Box] = {}
_ACTS: Mapping[str, Callable[[Told], PlayAnswer]] = {
    "rates": _rates, "buy": _buy, "find": _find, "paper": _paper, "manifest": _manifest, "void": _void,
}  # fmt: skip
