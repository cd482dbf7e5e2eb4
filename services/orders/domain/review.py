"""The three checks of the order review (standard, section 2: "verify the user's order information, payment status and
delivery information"). Pure: each says passed or failed, and on what evidence. None of them cancels anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.money import Money
from services.orders.api import CheckName, CheckResult, Finding
from services.orders.domain import delivery
from services.orders.domain.account import Account
from services.orders.domain.order import Order
from services.orders.domain.payment import Payment


@dataclass(frozen=True)
class RecordedCheck:
    """A finding as it was written down: by whom, and when."""

    check: CheckName
    result: CheckResult
    evidence: str
    by: str
    at: datetime


def automatic_checks(
    order: Order, payments: Sequence[Payment], known: Collection[str], short: Mapping[str, int]
) -> list[Finding]:
    """Run all three checks. known: SKUs in the catalogue; short: promised pieces per SKU that are not in stock."""
    return [
        _judge(
            CheckName.ORDER_INFO,
            _order_problems(order, known, short),
            f"{_counted(len(order.lines))} as quoted, all allocated",
        ),
        _judge(CheckName.PAYMENT, _payment_problems(order, payments), f"{order.total} USD captured"),
        _judge(
            CheckName.DELIVERY,
            delivery.objections(order.contact, order.delivery),
            "address complete, contact reachable",
        ),
    ]


def _counted(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"


def _judge(check: CheckName, problems: list[str], fine: str) -> Finding:
    result = CheckResult.FAILED if problems else CheckResult.PASSED
    return Finding(check, result, "; ".join(problems) or fine)


def _order_problems(order: Order, known: Collection[str], short: Mapping[str, int]) -> list[str]:
    problems = [f"{line.sku} is not in the catalogue" for line in order.lines if line.sku not in known]
    quoted = Money.total(Money.total(line.paid) for line in order.lines if not line.removed)
    if not any(line.removed for line in order.lines) and quoted != order.goods:
        problems.append(f"the lines add up to {quoted}, the order says {order.goods}")
    if order.shipping or order.duties:
        problems.append("freight or duties were charged")
    return problems + [f"{sku}: {short[sku]} missing in stock" for sku in order.wanted() if short.get(sku)]


def _payment_problems(order: Order, payments: Sequence[Payment]) -> list[str]:
    if all(payment.captured_at is None for payment in payments):
        return ["nothing was captured"]
    account = Account.of(order, payments, ())
    foreign = [payment.received for payment in payments if payment.foreign_rest and payment.received]
    problems = []
    if account.missing:
        here = [f"{amount.amount} {amount.currency}" for amount in foreign]
        here += [f"{account.available} USD"] if account.available or not foreign else []
        problems.append(f"{' and '.join(here)} captured instead of {account.worth} USD")
    if any(payment.disputed_at is not None for payment in payments):
        problems.append("the payment is disputed")
    return problems
