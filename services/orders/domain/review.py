"""The three checks of the order review (standard, section 2: "verify the user's order information, payment status and
delivery information"). Pure: each says passed or failed, and on what evidence. None of them cancels anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from services.common.basics.money import Money
from services.orders.api import Address, CheckName, CheckResult, Contact, Finding
from services.orders.domain.account import Account
from services.orders.domain.order import Order
from services.orders.domain.payment import Payment

NEEDS_REGION = frozenset({"AE", "AU", "BR", "CA", "CN", "ES", "IN", "IT", "MX", "MY", "TH", "US"})
NO_POSTAL_CODE = frozenset(
    {"AE", "AG", "AO", "AW", "BB", "BF", "BI", "BJ", "BO", "BS", "BZ", "CD", "CF", "CG", "CI", "CK", "CM", "DJ", "DM",
     "ER", "FJ", "GA", "GD", "GH", "GM", "GN", "GQ", "GY", "HK", "KI", "KM", "KN", "KP", "LY", "ML", "MO", "MR", "MW",
     "NR", "NU", "PA", "QA", "RW", "SB", "SC", "SL", "SR", "ST", "SY", "TD", "TF", "TG", "TK", "TL", "TO", "TV", "UG",
     "VU", "YE", "ZW"}
)  # fmt: skip
POSTAL_CODES: Mapping[str, str] = {
    "AT": r"\d{4}", "AU": r"\d{4}", "BE": r"\d{4}", "BR": r"\d{5}-?\d{3}", "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "CH": r"\d{4}", "CN": r"\d{6}", "CZ": r"\d{3} ?\d{2}", "DE": r"\d{5}", "DK": r"\d{4}", "ES": r"\d{5}",
    "FI": r"\d{5}", "FR": r"\d{5}", "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "IN": r"\d{6}", "IT": r"\d{5}",
    "JP": r"\d{3}-?\d{4}", "KR": r"\d{5}", "MX": r"\d{5}", "NL": r"\d{4} ?[A-Z]{2}", "NO": r"\d{4}",
    "PL": r"\d{2}-?\d{3}", "PT": r"\d{4}-?\d{3}", "RU": r"\d{6}", "SE": r"\d{3} ?\d{2}", "SG": r"\d{6}",
    "US": r"\d{5}(-\d{4})?",
}  # fmt: skip
"""Where the form is well known; elsewhere any postal code will do."""


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
    """All three. known: SKUs that the catalogue has; short: pieces per SKU that are promised and not there."""
    return [
        _judge(
            CheckName.ORDER_INFO,
            _order_problems(order, known, short),
            f"{len(order.lines)} lines as quoted, all allocated",
        ),
        _judge(CheckName.PAYMENT, _payment_problems(order, payments), f"{order.total} USD captured"),
        _judge(
            CheckName.DELIVERY, _delivery_problems(order.delivery, order.contact), "address complete, contact reachable"
        ),
    ]


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


def _delivery_problems(delivery: Address, contact: Contact) -> list[str]:
    problems = [f"{name} is missing" for name in ("name", "line1", "city") if not getattr(delivery, name)]
    country, code = delivery.country, delivery.postal_code.upper().strip()
    if not code and country not in NO_POSTAL_CODE:
        problems.append("the postal code is missing")
    elif code and country in POSTAL_CODES and not re.fullmatch(POSTAL_CODES[country], code):
        problems.append(f"{code} is no postal code of {country}")
    if country in NEEDS_REGION and not delivery.region:
        problems.append(f"the region (state, province) is missing, and {country} needs one")
    if contact.phone and not _possible(contact.phone, country):
        problems.append(f"the phone number {contact.phone} cannot be one")
    if not contact.email and not contact.phone:
        problems.append("there is no way to reach the customer")
    return problems


def _possible(phone: str, country: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(phone, country))
    except phonenumbers.NumberParseException:
        return False
