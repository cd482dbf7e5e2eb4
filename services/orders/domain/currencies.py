"""Amounts in other currencies than USD, as providers report them: in the smallest unit of each currency (ISO 4217).

We settle in USD alone (standard, section 4), so nothing is computed here: an amount is only written as its currency
writes it. Yen have no decimals, dinars have three.
"""

from __future__ import annotations

from services.orders.api import ReportedAmount

_DECIMALS = {
    0: frozenset(
        {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
         "XOF", "XPF"}
    ),
    3: frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}),
    4: frozenset({"CLF", "UYW"}),
}  # fmt: skip
_OF_CURRENCY = {currency: decimals for decimals, currencies in _DECIMALS.items() for currency in currencies}


def decimals_of(currency: str) -> int:
    """Return how many decimals a currency has: 2 for all that ISO 4217 does not say otherwise of."""
    return _OF_CURRENCY.get(currency, 2)


def reported(minor_units: int, currency: str) -> ReportedAmount:
    """Return the amount as its currency writes it: 1500 are "1500" JPY, "15.00" EUR, "1.500" KWD."""
    decimals = decimals_of(currency)
    digits = str(minor_units).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return ReportedAmount(text, currency)


def minor_units(amount: ReportedAmount) -> int:
    """Return the amount in the smallest unit of its currency: the opposite of `reported`."""
    whole, _, fraction = amount.amount.partition(".")
    return int(whole + fraction.ljust(decimals_of(amount.currency), "0"))
