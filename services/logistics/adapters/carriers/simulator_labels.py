"""Labels of the simulated carrier (gateway/resources/sandbox_labels.py): play money, but over HTTP as with a real one.

Each request is a POST of JSON, signed like its webhooks.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from services.common.basics import clock
from services.common.basics.errors import Conflict
from services.common.basics.money import Money
from services.common.edge import signatures
from services.logistics.adapters.carriers.reading import items, required_text, text, whole_number
from services.logistics.adapters.carriers.seller import Quote, Refund, Seller, ask
from services.logistics.api.labels import AddressRefused, CarrierUnavailable, LabelRefused, RateGone
from services.logistics.domain.boxes import ToShip
from services.logistics.domain.labels import Bought, Label, Rate
from services.logistics.domain.manifests import Manifest, Manifested

REFUSALS = {each.code: each for each in (AddressRefused, LabelRefused, RateGone)}


@dataclass(frozen=True)
class SimulatorLabels(Seller):
    """The seller."""

    name: ClassVar[str] = "simulator"
    makes_manifests: ClassVar[bool] = True

    url: str
    secret: str

    def quote(self, box: ToShip) -> Quote:
        to = {name: box.to.get(name) or "" for name in ("line2", "country")}
        answer = self._call("rates", {"reference": box.reference, "weight_g": box.weight_g, **to})
        rates = [_rate(each) for each in items(answer, "rates") if isinstance(each, dict)]
        return Quote(required_text(answer, "id", 80), tuple(rates))

    def buy(self, label: Label) -> Bought:
        return _bought(self._call("buy", {"id": label.reference, "rate": label.rate_id, "key": label.id}))

    def find(self, label: Label) -> Bought | None:
        answer = self._call("find", {"id": label.reference})
        return _bought(answer) if text(answer, "tracking_number", 64) else None

    def paper(self, label: Label) -> bytes:
        return self._printed(label.tracking_number or "", label.service)

    def void(self, label: Label) -> Refund:
        self._call("void", {"id": label.reference, "tracking_number": label.tracking_number})
        return Refund.DONE

    def manifest(self, manifest: Manifest, numbers: Collection[str]) -> Manifested:
        return Manifested(required_text(self._call("manifest", {"ids": list(manifest.shipments)}), "id", 80))

    def manifest_paper(self, manifest: Manifest) -> bytes:
        return self._printed(manifest.reference, f"Manifest of {len(manifest.shipments)} parcels")

    def _printed(self, number: str, service: str) -> bytes:
        answer = self._call("paper", {"tracking_number": number, "service": service})
        try:
            return base64.b64decode(text(answer, "pdf", 1 << 22), validate=True)
        except (binascii.Error, Conflict) as problem:
            raise CarrierUnavailable("the simulated carrier's paper cannot be read") from problem

    def _call(self, act: str, told: Mapping[str, object]) -> Mapping[str, object]:
        raw = json.dumps(told).encode()
        headers = {
            "Content-Type": "application/json", "Simulator-Signature": signatures.sign(self.secret, raw, clock.now()),
        }  # fmt: skip
        url = f"{self.url}/sandbox/carrier/labels/{act}"
        answer = ask("the simulated carrier", "POST", url, headers=headers, data=raw)
        refusal = REFUSALS.get(text(answer.body, "code", 40))
        if refusal is not None:
            raise refusal(text(answer.body, "detail", 200))
        if answer.status >= 400:
            raise CarrierUnavailable("The simulated carrier does not answer.")
        return answer.body


def _rate(found: Mapping[str, object]) -> Rate:
    amount, days = Money(whole_number(found, "amount_cents")), whole_number(found, "days")
    return Rate(required_text(found, "id", 80), SimulatorLabels.name, required_text(found, "service", 60), amount, days)


def _bought(answer: Mapping[str, object]) -> Bought:
    amount = Money(whole_number(answer, "amount_cents"))
    return Bought(required_text(answer, "tracking_number", 64), SimulatorLabels.name, amount)
