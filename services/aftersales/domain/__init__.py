"""Returns as the business speaks of them. Pure: no clock, no environment, no randomness, no database.

order.py     what is known of an order: bought, paid, delivered, and until when it may come back
units.py     one returned piece: its receipt and its inspection, kept apart; and the refund that is claimed for it
states.py    the states of a return and the steps between them
postage.py   what sending the goods has cost the customer; postage_steps.py: how that is decided and paid back
review.py    the review in three parts, and what a rejection needs
standing.py  where a return stands, from its pieces and its claims
record.py    what a return is, and how it moves from state to state
exchanges.py the steps of an exchange: asked for, ended with money instead, delivered
goods.py     the steps of its goods: receipt, inspection, second look, and where they go then
returns.py   the return itself: its way from the wish to the money
"""

from services.aftersales.domain.order import Order, OrderUnit
from services.aftersales.domain.postage import Postage
from services.aftersales.domain.returns import Return
from services.aftersales.domain.review import GROUND_PART, Parts, Review
from services.aftersales.domain.rules import Rules
from services.aftersales.domain.states import TRANSITIONS
from services.aftersales.domain.units import Finding, Receipt, RefundClaim, ReturnUnit

__all__ = [
    "GROUND_PART",
    "TRANSITIONS",
    "Finding",
    "Order",
    "OrderUnit",
    "Parts",
    "Postage",
    "Receipt",
    "RefundClaim",
    "Return",
    "ReturnUnit",
    "Review",
    "Rules",
]
