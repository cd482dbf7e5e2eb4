"""An EasyPost to test with, on this machine: it answers as their API does (shapes of exchanges of their own library).

`trouble` says what goes wrong; `lost` carries out what is asked and loses the answer; `late` carries
it out at `arrive`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import eventlet
from eventlet import wsgi

RECORDED = json.loads((Path(__file__).parent / "payloads" / "easypost_shipment.json").read_text())
PDF = b"%PDF-1.4\nthe label\n%%EOF\n"
NUMBER = "9405500208303109884199"
REFUSALS = {
    "rate": (422, "SHIPMENT.RATE.UNAVAILABLE", "The rate is no longer available"),
    "address": (422, "ADDRESS.VERIFY.FAILURE", "Address not found"),
    "refused": (422, "SHIPMENT.POSTAGE.FAILURE", "The account is not yet set up"),
}


class EasyPostServer:
    """Their side: shipments by id, what was asked, and what goes wrong."""

    def __init__(self, url: str):
        self.url = url
        self.shipments: dict[str, dict[str, Any]] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.form_status = "created"
        self.asked: list[tuple[str, str, Any]] = []
        self.trouble = ""
        self.refund = "refunded"
        self.while_buying: Callable[[], object] = lambda: None
        self.while_printing: Callable[[], object] = lambda: None
        self.while_forming: Callable[[], object] = lambda: None
        self.late: list[tuple[dict[str, Any], str]] = []

    @property
    def sold(self) -> list[str]:
        return [name for name, each in self.shipments.items() if each["postage_label"]]

    def arrive(self) -> None:
        """Let what was late arrive."""
        self.trouble = ""
        while self.late:
            self._buy(*self.late.pop())

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        raw = environ["wsgi.input"].read()
        body = json.loads(raw) if raw else None
        self.asked.append((method, path, body))
        if path.endswith(".pdf"):
            self.while_printing()
            start("200 OK", [("Content-Type", "application/pdf")])
            return [PDF]
        if self.trouble == "elsewhere" and path.startswith("/v2"):
            start("307 as told", [("Location", f"{self.url}/elsewhere{path}")])
            return [b"{}"]
        if self.trouble == "endless":
            start("200 OK", [("Content-Type", "application/json")])
            return [b'{"a": "', *([b"a" * 65536] * 80), b'"}']
        status, answer = self._answer(method, path, body)
        if self.trouble == "lost" and path.endswith(("/buy", "/scan_forms")):
            self.trouble, status, answer = "", 500, {}
        start(f"{status} as told", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        if self.trouble == "away":
            return 503, {"error": {"code": "UNAVAILABLE", "message": "later"}}
        if self.trouble.startswith("reads ") and method == "GET":
            return int(self.trouble[6:]), {"error": {"code": "NO", "message": "no"}}
        if path == "/v2/trackers":
            return 200, {**body["tracker"], "tracking_details": []}
        if path == "/v2/shipments":
            name = f"shp_{len(self.shipments) + 1}"
            self.shipments[name] = {**deepcopy(RECORDED), "id": name, "reference": body["shipment"]["reference"]}
            return 201, self.shipments[name]
        if path.startswith("/v2/scan_forms"):
            return self._scan_form(path, body)
        shipment, act = self.shipments[path.split("/")[3]], path.split("/")[4:]
        if act == ["buy"]:
            return self._buy(shipment, body["rate"]["id"])
        if act == ["refund"]:
            shipment["refund_status"] = self.refund
        return 200, shipment

    def _scan_form(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        if body is None:
            form = self.forms[path.split("/")[3]]
            return 200, {**form, "status": self.form_status, "form_url": f"{self.url}/{form['id']}.pdf"}
        self.while_forming()
        mine = [self.shipments[each["id"]] for each in body["shipments"]]
        if self.trouble.startswith("forms "):
            return int(self.trouble[6:]), {"error": {"code": "NO", "message": "no"}}
        if self.trouble == "refused" or any(each.get("scan_form") for each in mine):
            return 422, {"error": {"code": "SCAN_FORM.FAILED", "message": "They are on a ScanForm", "errors": []}}
        name = f"sf_{len(self.forms) + 1}"
        url = f"{self.url}/{name}.pdf" if self.form_status == "created" else None
        form = {"id": name, "object": "ScanForm", "status": self.form_status, "message": None, "form_url": url}
        form["tracking_codes"] = [each["tracking_code"] for each in mine]
        self.forms[name] = form
        for each in mine:
            each["scan_form"] = form
        return 201, form

    def _buy(self, shipment: dict[str, Any], rate_id: str) -> tuple[int, dict[str, Any]]:
        self.while_buying()
        if self.trouble == "busy":
            return 429, {"error": {"code": "RATE_LIMITED", "message": "too many requests"}}
        if self.trouble == "late":
            self.late.append((shipment, rate_id))
            return 504, {}
        if self.trouble in REFUSALS:
            status, code, message = REFUSALS[self.trouble]
            return status, {"error": {"code": code, "message": message, "errors": []}}
        if shipment["postage_label"]:
            return 422, {"error": {"code": "SHIPMENT.POSTAGE.EXISTS", "message": "Postage already exists"}}
        shipment["selected_rate"] = next(each for each in shipment["rates"] if each["id"] == rate_id)
        shipment["postage_label"] = {"object": "PostageLabel", "label_url": f"{self.url}/{shipment['id']}.pdf"}
        shipment["tracking_code"] = NUMBER
        if self.trouble == "own account":
            shipment["fees"] = [{"type": "LabelFee", "amount": "0.08000", "charged": True}]
            return 200, shipment
        fees = {"LabelFee": "0.01000", "PostageFee": shipment["selected_rate"]["rate"] + "000"}
        shipment["fees"] = [{"type": kind, "amount": amount, "charged": True} for kind, amount in fees.items()]
        return 200, shipment


@contextmanager
def easypost() -> Iterator[EasyPostServer]:
    """Run one."""
    listener = eventlet.listen(("127.0.0.1", 0))
    server = EasyPostServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    running = eventlet.spawn(wsgi.server, listener, server.answer, log_output=False)
    yield server
    running.kill()
    listener.close()
