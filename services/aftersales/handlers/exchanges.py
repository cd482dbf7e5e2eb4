"""Exchanges: the customer's change of mind, and what others tell of the shipment that brings another piece.

A return is locked before its order, as its inspection does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.returns import ChooseRefund
from services.aftersales.api.statuses import ExchangeEnd, ReturnStatus
from services.aftersales.domain import Return
from services.aftersales.domain.exchanges import NOT_AUTHORIZED
from services.aftersales.handlers.goods import conclude
from services.aftersales.handlers.returns import of_customer
from services.aftersales.repository import Work
from services.common.basics.message import Message
from services.logistics.api.events import ShipmentDelivered
from services.orders.api.events import ExchangeRefused, RemedyAccepted


def choose_refund(work: Work, number: str, chosen: ChooseRefund) -> Return:
    """Take the customer's consent to money instead. Within the time of the law it is a withdrawal without a review."""
    item = of_customer(work, number, chosen.version)
    limit, rules = work.orders.get(item.order_number).law(work.now), work.settings.rules
    happened = item.choose_refund(limit, work.now)
    if limit is not None and item.status in NOT_AUTHORIZED:
        sending = rules.send_by(work.now, item.zone)
        happened.append(item.authorize_withdrawal(work.now, rules.instructions(number), sending))
    conclude(work, item, happened)
    if item.status is ReturnStatus.AUTHORIZED and item.send_by is not None:
        item.due_at = item.send_by
    return item


def on_exchange_refused(work: Work, event: ExchangeRefused, message: Message) -> None:
    """Pay back what is not sent: there is none, or the customer changed their mind, or it is not owed."""
    item = work.returns.get(event.return_number, lock=True)
    _tell(work, item, item.end_exchange(event.shipment_number, ExchangeEnd(event.why.value), work.now))


def take_delivery(work: Work, event: ShipmentDelivered, message: Message) -> bool:
    """End the exchange that this shipment brings, and begin the time of its pieces. Return False if it brings none."""
    brought = work.returns.brought_by(event.order_number, event.shipment_number)
    if not brought:
        return False
    order = work.orders.get(event.order_number, lock=True)
    keys = {unit.key for item in brought for unit in item.units if unit.replacement == event.shipment_number}
    if order.renew(keys, event.delivered_at, event.shipment_number, message.subject_seq):
        for item in brought:
            _tell(work, item, item.deliver_exchange(event.shipment_number, event.delivered_at, work.now))
    return True


def await_again(work: Work, brought: Iterable[Return], shipment_number: str) -> None:
    """Wait again for what was not delivered after all."""
    for item in brought:
        elsewhere = work.returns.taken(item.order_number)
        _tell(work, item, item.take_back_exchange(shipment_number, elsewhere, work.now))


def follow_remedy(work: Work, event: RemedyAccepted) -> None:
    """Note what the customer chose about a parcel with pieces sent in exchange: another parcel, or their money."""
    if event.option not in ("resend", "refund"):
        return
    keys = [(line.line_id, unit) for line in event.lines for unit in line.units]
    for item in work.returns.brought_by(event.order_number, event.shipment_number):
        if item.brought_by(event.shipment_number, keys):
            conclude(work, item, _remedied(work, item, event, keys))


def _remedied(work: Work, item: Return, event: RemedyAccepted, keys: Sequence[tuple[int, int]]) -> list[ReturnEvent]:
    if event.replacement is None:
        return item.repaid_otherwise(event.shipment_number, keys, work.now)
    item.send_otherwise(event.shipment_number, event.replacement, keys)
    order = work.orders.get(event.order_number, lock=True)
    arrived = order.renew_by([unit.key for unit in item.brought_by(event.replacement, keys)], event.replacement)
    if arrived is None:
        return []
    return item.deliver_exchange(event.replacement, arrived, work.now)  # its delivery was told before


def _tell(work: Work, item: Return, happened: list[ReturnEvent]) -> None:
    if happened:
        conclude(work, item, happened)
