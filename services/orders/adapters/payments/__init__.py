"""Payment providers: who takes the money and gives it back.

provider  what an adapter is, and the facts that it reports      sandbox  play money
stripe    cards by Stripe                                      adyen    on Adyen's own page

Adding one: write its adapter and name it in `PROVIDERS`.
"""

from __future__ import annotations

from services.orders.adapters.payments.adyen import Adyen
from services.orders.adapters.payments.provider import (
    BookedPage,
    FactKind,
    PaymentFact,
    PaymentProvider,
    StartedSession,
)
from services.orders.adapters.payments.sandbox import Sandbox
from services.orders.adapters.payments.stripe import Stripe

__all__ = ["PROVIDERS", "BookedPage", "FactKind", "PaymentFact", "PaymentProvider", "StartedSession"]

PROVIDERS: tuple[type[PaymentProvider], ...] = (Sandbox, Stripe, Adyen)
