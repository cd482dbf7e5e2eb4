"""Labels that EasyPost sells (docs.easypost.com, "Shipments", "Buy", "Refunds", "ScanForms").

    POST /v2/shipments              addresses, parcel, customs_info → its id, rates, and messages of who has none
    POST /v2/shipments/{id}/buy     {"rate": {"id"}} → tracking_code, selected_rate, fees, postage_label
    GET  /v2/shipments/{id}         what became of it
    POST /v2/shipments/{id}/refund  → refund_status: submitted, refunded, rejected, not_applicable
    POST /v2/scan_forms             {"shipments": [{"id"}]} → its id, status (creating, created, failed), form_url

Our key is the id of their shipment: it can be bought once, and a second purchase is refused. So after each refusal, and
whenever an answer is missing, the shipment itself says whether it is paid.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import ClassVar
from urllib.parse import quote, urlsplit

import requests

from services.common.basics.errors import Conflict
from services.common.basics.guard import forbid_in_transaction
from services.common.basics.money import CURRENCY, Money
from services.logistics.adapters.carriers.reading import child, items, text
from services.logistics.adapters.carriers.seller import MOST_BYTES, PATIENCE, Quote, Refund, Seller, ask
from services.logistics.api.labels import AddressRefused, CarrierUnavailable, LabelRefused, RateGone
from services.logistics.api.parts import carrier_code
from services.logistics.domain.boxes import ToShip
from services.logistics.domain.customs import INCOTERM, DeclaredItem
from services.logistics.domain.labels import Bought, Label, Rate
from services.logistics.domain.manifests import Manifest, Manifested

NOT_THERE = 404
NOT_MADE = frozenset({400, 422})
"""What a scan form is refused with."""
GRAMS = Decimal("28.349523125")  # in an ounce
REFUNDS: Mapping[str, Refund] = {
    "refunded": Refund.DONE, "submitted": Refund.ASKED, "queued": Refund.ASKED,
    "rejected": Refund.REFUSED, "not_applicable": Refund.REFUSED,
}  # fmt: skip


@dataclass(frozen=True)
class EasyPostLabels(Seller):
    """The seller, at the address and with the key of its carrier's adapter."""

    name: ClassVar[str] = "easypost"
    makes_manifests: ClassVar[bool] = True

    url: str
    api_key: str
    development: bool = False

    def quote(self, box: ToShip) -> Quote:
        try:
            answer = self._call("POST", "/v2/shipments", {"shipment": shipment_of(box)})
        except RateGone as refused:  # no rate was asked for yet
            raise LabelRefused(refused.message) from None
        if not self.development and text(answer, "mode", 20) == "test":
            raise LabelRefused("This EasyPost key is of the test mode: its labels carry nothing.")
        said = [each for each in items(answer, "messages") if isinstance(each, dict)]
        problems = [f"{text(each, 'carrier', 40)}: {text(each, 'message', 200)}" for each in said]
        found = [each for each in items(answer, "rates") if isinstance(each, dict)]
        rates = [rate for rate in map(_rate, found) if rate is not None]
        others = len(found) - len(rates)
        return Quote(
            text(answer, "id", 80), tuple(rates), (*problems, *([f"{others} not in {CURRENCY}"] if others else []))
        )

    def buy(self, label: Label) -> Bought:
        try:
            return self._bought(self._call("POST", f"{_of(label)}/buy", {"rate": {"id": label.rate_id}}))
        except Conflict:
            found = self.find(label)  # it may be bought already, and is refused for that
            if found is None:
                raise
            return found

    def find(self, label: Label) -> Bought | None:
        answer = ask("EasyPost", "GET", f"{self.url}{_of(label)}", auth=(self.api_key, ""))
        if answer.status == NOT_THERE:
            return None
        if answer.status >= 400:  # of whether it is paid, any other refusal says nothing
            raise CarrierUnavailable(f"EasyPost says no: {answer.status}")
        return self._bought(answer.body) if child(answer.body, "postage_label") else None

    def paper(self, label: Label) -> bytes:
        url = label.paper_url
        if not url.lower().partition("?")[0].endswith(".pdf"):
            try:
                answer = self._call("GET", f"{_of(label)}/label", params={"file_format": "PDF"})
            except Conflict as refused:
                raise CarrierUnavailable(refused.message) from refused
            printed = child(answer, "postage_label")
            url = text(printed, "label_pdf_url", 500) or text(printed, "label_url", 500)
        return self._download(url)

    def void(self, label: Label) -> Refund:
        """Give it back, unless that is under way. They say that a refusal may pass: then it is asked for again."""
        try:
            before = self._refund(self._call("GET", _of(label)))
            if before in {Refund.DONE, Refund.ASKED}:
                return before
            return self._refund(self._call("POST", f"{_of(label)}/refund", {})) or Refund.ASKED
        except Conflict:
            return Refund.REFUSED

    def manifest(self, manifest: Manifest, numbers: Collection[str]) -> Manifested:
        """Make a scan form. A shipment is on one: after a refusal it says whether that is one we asked for before."""
        if manifest.reference:
            return _manifested(self._read(f"/v2/scan_forms/{quote(manifest.reference, safe='')}"))
        wanted = {"shipments": [{"id": each} for each in manifest.shipments]}
        answer = ask("EasyPost", "POST", f"{self.url}/v2/scan_forms", auth=(self.api_key, ""), json=wanted)
        if answer.status in NOT_MADE:
            return self._made_before(manifest, numbers, _refusal(child(answer.body, "error")))
        if answer.status >= 400:  # of whether it is made, any other refusal says nothing
            raise CarrierUnavailable(f"EasyPost says no: {answer.status}")
        return _manifested(answer.body)

    def manifest_paper(self, manifest: Manifest) -> bytes:
        return self._download(manifest.paper_url)

    def _made_before(self, manifest: Manifest, numbers: Collection[str], refused: Conflict) -> Manifested:
        """Return the scan form of the first shipment, if it has our labels and no others. Else raise LabelRefused."""
        first = manifest.shipments[0]
        form = child(self._read(f"/v2/shipments/{quote(first, safe='')}"), "scan_form")
        if not form:
            raise LabelRefused(refused.message)
        if sorted(map(str, items(form, "tracking_codes"))) != sorted(numbers):
            raise LabelRefused(f"{first} is on another scan form, {text(form, 'id', 80)}. {refused.message}")
        return _manifested(form)

    def _read(self, path: str) -> Mapping[str, object]:
        """Return what is there. A refusal to read says nothing of it: raise CarrierUnavailable."""
        answer = ask("EasyPost", "GET", f"{self.url}{path}", auth=(self.api_key, ""))
        if answer.status >= 400:
            raise CarrierUnavailable(f"EasyPost says no: {answer.status}")
        return answer.body

    @staticmethod
    def _refund(answer: Mapping[str, object]) -> Refund | None:
        return REFUNDS.get(text(answer, "refund_status", 40))

    def _bought(self, answer: Mapping[str, object]) -> Bought:
        rate, printed = child(answer, "selected_rate"), child(answer, "postage_label")
        number, amount = text(answer, "tracking_code", 64), _amount(text(rate, "rate", 20))
        if not number or amount is None:
            raise CarrierUnavailable("EasyPost's answer has no number or no price")
        url = text(printed, "label_pdf_url", 500) or text(printed, "label_url", 500)
        return Bought(number, carrier_code(text(rate, "carrier", 80)), _charged(answer, amount), url)

    def _download(self, url: str) -> bytes:
        """Return the file that they name, without our key. Only over TLS, but from a server on this machine."""
        forbid_in_transaction("a label of EasyPost")
        ours = urlsplit(self.url).netloc == urlsplit(url).netloc
        if urlsplit(url).scheme != "https" and not (ours and self.development):
            raise CarrierUnavailable("EasyPost names no label that can be fetched")
        try:
            with requests.get(url, timeout=PATIENCE, stream=True, allow_redirects=False) as answer:
                answer.raise_for_status()
                raw = b"".join(_at_most(answer.iter_content(1 << 16)))
        except requests.RequestException as problem:
            raise CarrierUnavailable("EasyPost's label cannot be fetched") from problem
        if not raw.startswith(b"%PDF-"):
            raise CarrierUnavailable("EasyPost's label is no PDF")
        return raw

    def _call(
        self, method: str, path: str, json: object = None, params: dict[str, str] | None = None
    ) -> Mapping[str, object]:
        url, auth = f"{self.url}{path}", (self.api_key, "")
        answer = ask("EasyPost", method, url, auth=auth, params=params, json=json)
        if answer.status >= 400:
            raise _refusal(child(answer.body, "error"))
        return answer.body


def _manifested(answer: Mapping[str, object]) -> Manifested:
    name, status = text(answer, "id", 80), text(answer, "status", 20)
    if status == "failed":
        raise LabelRefused(text(answer, "message", 200))
    if not name:
        raise CarrierUnavailable("EasyPost's answer has no scan form")
    url = text(answer, "form_url", 500)
    return Manifested(name, url, made=status == "created" and bool(url))


def shipment_of(box: ToShip) -> dict[str, object]:
    """Return a box as EasyPost reads it: ounces, and customs_info where a border is crossed."""
    told: dict[str, object] = {
        "reference": box.reference,
        "from_address": {
            "company": box.sender["name"], "street1": box.sender["line1"], "city": box.sender["city"],
            "zip": box.sender["postal_code"], "country": box.sender["country"],
        },
        "to_address": {
            "name": box.to.get("name"), "company": box.to.get("company"), "street1": box.to.get("line1"),
            "street2": box.to.get("line2"), "city": box.to.get("city"), "state": box.to.get("region"),
            "zip": box.to.get("postal_code"), "country": box.to.get("country"),
        },
        "parcel": {"weight": _ounces(box.weight_g)},
        "options": {"label_format": "PDF", **({"incoterm": INCOTERM} if box.items else {})},
    }  # fmt: skip
    if box.items:
        told["customs_info"] = {
            "contents_type": "merchandise", "restriction_type": "none", "non_delivery_option": "return",
            "customs_certify": True, "customs_signer": box.sender["name"], "eel_pfc": "NOEEI 30.37(a)",
            "customs_items": [_item(each) for each in box.items],
        }  # fmt: skip
    if box.ioss_number:
        ioss = {"entity": "SENDER", "tax_id": box.ioss_number, "tax_id_type": "IOSS", "issuing_country": ""}
        told["tax_identifiers"] = [{**ioss, "issuing_country": str(box.to.get("country"))}]
    return told


def _item(item: DeclaredItem) -> dict[str, object]:
    return {
        "description": item.title, "code": item.sku, "quantity": item.quantity, "value": str(item.value),
        "currency": CURRENCY, "weight": _ounces(item.net_weight_g), "hs_tariff_number": item.hs_code,
        "origin_country": item.origin_country,
    }  # fmt: skip


def _of(label: Label) -> str:
    return f"/v2/shipments/{quote(label.reference, safe='')}"


def _ounces(grams: int) -> float:
    """Return a weight in ounces with one decimal, never below the true one."""
    return float(max((Decimal(grams) / GRAMS * 10).__ceil__(), 1)) / 10


def _amount(stated: str) -> Money | None:
    """Return an amount as they state it, "5.49000", to the nearest cent. None if it is none."""
    try:
        cents = (Decimal(stated) * 100).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(cents)) if cents >= 0 else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _charged(answer: Mapping[str, object], rate: Money) -> Money:
    """Return what it costs, their own fee included. Postage that is no fee of theirs is billed by its carrier."""
    fees = [each for each in items(answer, "fees") if isinstance(each, dict) and each.get("charged") is True]
    amounts = [(text(each, "type", 40), _amount(text(each, "amount", 20))) for each in fees]
    known = [(kind, amount) for kind, amount in amounts if amount is not None]
    billed = [] if any(kind == "PostageFee" for kind, _ in known) else [rate]
    return Money.total([*billed, *(amount for _, amount in known)])


def _rate(found: Mapping[str, object]) -> Rate | None:
    """Return a rate in USD. None for another one."""
    amount, days = _amount(text(found, "rate", 20)), found.get("delivery_days") or found.get("est_delivery_days")
    if amount is None or text(found, "currency", 3) != CURRENCY or not text(found, "id", 80):
        return None
    carrier, service = carrier_code(text(found, "carrier", 80)), text(found, "service", 60)
    return Rate(text(found, "id", 80), carrier, service, amount, days if type(days) is int else None)


def _refusal(error: Mapping[str, object]) -> Conflict:
    """Return what they say no to, in their words; the code tells what it is about."""
    code, said = text(error, "code", 80).upper(), text(error, "message", 200)
    fields = [text(each, "message", 200) for each in items(error, "errors") if isinstance(each, dict)]
    words = ". ".join(dict.fromkeys(each.rstrip(".") for each in (said, *fields) if each)) or code
    if "ADDRESS" in code or "address" in words.lower():
        return AddressRefused(words)
    return RateGone(words) if {"RATE", "RATES"} & {*re.split(r"[._]", code)} else LabelRefused(words)


def _at_most(parts: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > MOST_BYTES:
            raise CarrierUnavailable("EasyPost's label is too large")
        yield part
