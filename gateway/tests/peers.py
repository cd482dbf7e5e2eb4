"""Small services that answer the gateway as the real ones promise to, so that its own work can be looked at alone."""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider

from gateway.tests.tokens import key_access_token, session_of
from services.common.basics.caller import Caller
from services.common.basics.clock import now
from services.common.basics.errors import Forbidden, NotFound, ServiceError
from services.common.basics.ids import number
from services.common.bus.rpc import rpc
from services.common.edge.tokens import KEY_PREFIX, token_hash

ORDER, FOREIGN, TICKET = number("ORD", 1), number("ORD", 2), number("TIC", 3)
TICKET_TOKEN = "tic_the-token-of-the-one-ticket"
KEY_SECRET = KEY_PREFIX + "ab" * 32


class Asked(DependencyProvider):
    """What was asked, and by whom, for a test to read."""

    def setup(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.calls: list[tuple[str, list[Any], Caller]] = []
        self.entries: list[dict[str, Any]] = []
        self.refusal: ServiceError | None = None

    def get_dependency(self, worker_ctx: Any) -> Asked:
        if worker_ctx.entrypoint.method_name in ("check_session", "check_order_link", "record_read"):
            return self  # what the gateway asks for each request is no part of what a test looks at
        self.calls.append(
            (worker_ctx.entrypoint.method_name, list(worker_ctx.args), Caller.from_headers(worker_ctx.data["caller"]))
        )
        return self

    def answer(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Return the reply, or raise the refusal that a test wants instead."""
        if self.refusal is not None:
            raise self.refusal
        return reply


class Peer:
    """What all services answer."""

    asked = Asked()

    @rpc
    def get_timeline(self, order_number: str) -> dict[str, Any]:
        return {"items": self.asked.entries}

    @rpc
    def get_health(self) -> dict[str, Any]:
        return {"status": "ok"}

    @rpc
    def list_commitments(self, query: dict[str, Any]) -> dict[str, Any]:
        return {"items": self.asked.entries[: query.get("limit", 20)], "next_cursor": None}

    @rpc
    def list_breaches(self, query: dict[str, Any]) -> dict[str, Any]:
        return {"items": self.asked.entries[: query.get("limit", 20)], "next_cursor": None}

    @rpc
    def report_commitments(self, query: dict[str, Any]) -> dict[str, Any]:
        return {"items": [{"kind": "dispatch", "started": 1, "kept": 1, "breached": 0, "running": 0}]}

    @rpc
    def count_promises(self) -> dict[str, Any]:
        return self.asked.answer({"items": [{"kind": "refund", "started": 3, "kept": 1, "breached": 1, "running": 1}]})


class OrdersService(Peer):
    name = "orders"

    @rpc
    def authorize_order_access(self, order_number: str) -> dict[str, Any]:
        caller = self.asked.calls[-1][2]
        if order_number == ORDER and (caller.is_staff or caller.owns(f"order:{ORDER}", "ada@example.com")):
            return {"order_number": order_number}
        raise NotFound("no such order", code="order_not_found")

    @rpc
    def get_order(self, number: str) -> dict[str, Any]:
        return {"number": number, "version": 3, "commitments": [{"kind": "review", "started_at": "2026-03-02"}]}

    @rpc
    def receive_payment_webhook(self, provider: str, headers: dict[str, str], body: str) -> dict[str, Any]:
        return self.asked.answer({"accepted": True, "duplicate": False})


class LogisticsService(Peer):
    name = "logistics"

    @rpc
    def get_tracking(self, number: str) -> dict[str, Any]:
        shipment = {"number": "SHP", "dispatched_at": "2026-03-02T08:00:00Z"}
        return {"shipments": [shipment], "commitments": [{"kind": "dispatch", "started_at": "2026-03-01"}]}

    @rpc
    def receive_carrier_webhook(self, carrier: str, headers: dict[str, str], body: str) -> dict[str, Any]:
        return {"accepted": True, "duplicate": False, "events": 1}


class AftersalesService(Peer):
    name = "aftersales"

    @rpc
    def list_returns(self, query: dict[str, Any]) -> dict[str, Any]:
        return {"items": [{"number": "RET", "commitments": []}], "next_cursor": None}


class SupportService(Peer):
    name = "support"

    @rpc
    def exchange_ticket_token(self, token: str) -> dict[str, Any]:
        if token_hash(token) != token_hash(TICKET_TOKEN):
            raise NotFound("no such token", code="token_invalid")
        return {"ticket_number": TICKET, "grants": [f"ticket:{TICKET}"]}

    @rpc
    def check_session(self, session_id: str) -> dict[str, Any]:
        return session_of(session_id)

    @rpc
    def record_read(self, read: dict[str, Any]) -> dict[str, Any]:
        return {}

    @rpc
    def check_api_key(self, secret_hash: str) -> dict[str, Any]:
        if secret_hash != token_hash(KEY_SECRET):
            raise Forbidden("no such key", code="key_over")
        return {"id": "k1", "access_token": key_access_token("k1", ["agent"], now())}

    @rpc
    def check_order_link(self, number: str, link_id: str) -> dict[str, Any]:
        return {"good": True}


PEERS = (OrdersService, LogisticsService, AftersalesService, SupportService)
__all__ = ["FOREIGN", "ORDER", "PEERS", "TICKET", "TICKET_TOKEN"]
