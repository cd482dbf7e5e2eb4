"""Change requests over HTTP: staff propose, the customer decides (standard, section 2: never without authorization)."""

from __future__ import annotations

from typing import Any

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.resources.schemas_orders import AnswerChange, Change, Changes, ProposeChange
from services.common.basics.caller import AGENT, CUSTOMER, REVIEWER

blp = Resource("changes", "Changes to an order, which need its customer's consent")


@blp.route("/orders/<number(ORD):number>/changes", methods=["GET"])
@blp.allows(CUSTOMER, AGENT, REVIEWER)
@blp.answers(200, Changes)
def list_changes(number: str) -> dict[str, Any]:
    """List the change requests of an order, oldest first."""
    return services().orders.list_changes(number)  # type: ignore[no-any-return]


@blp.route("/orders/<number(ORD):number>/changes", methods=["POST"])
@blp.allows(AGENT, REVIEWER)
@blp.takes(ProposeChange)
@blp.answers(201, Change)
def propose_change(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Propose a change to the customer.

    It changes nothing by itself, and nobody but the customer can accept it. Silence leaves the order as it is.
    """
    return services().orders.propose_change(number, body)  # type: ignore[no-any-return]


@blp.route("/changes/<number(CHG):change_id>/answer", methods=["POST"])
@blp.allows(CUSTOMER)
@blp.takes(AnswerChange)
@blp.answers(200, Change)
def answer_change(body: dict[str, Any], change_id: str) -> dict[str, Any]:
    """Accept one of the options, or decline.

    `digest` says what was looked at: another one is 409 `digest_mismatch`. An order that has moved on: 409
    `change_stale`; the time to answer is over: 409 `change_expired`; either way the order stays as it is.
    """
    return services().orders.answer_change(change_id, body)  # type: ignore[no-any-return]
