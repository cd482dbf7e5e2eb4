"""What aftersales answers and emits. Pure, so that all may import it: its domain, its followers, the gateway.

returns   the one topic: requests, commands and queries        pieces    what is said of single pieces
replies   how a return is shown
refusals  what it says no to, with codes     events    the facts that it announces
statuses  its words                          terms     its promises
"""

from services.aftersales.api.returns import Returns
from services.common.basics.api import EveryService


class AftersalesApi(Returns, EveryService, service="aftersales"):
    """Aftersales: what comes back, why, in what condition, and what the customer gets for it (standard, section 4)."""
