"""Where an order's parcels are, as their carriers tell it, and the window in which they are promised (section 3)."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.api import SIGNATURE, Api, OrderNotFound, command, query
from services.common.basics.caller import AGENT, CUSTOMER, LEAD, WAREHOUSE
from services.logistics.api.refusals import BadSignature, BodyTooLarge, InTestMode, MalformedWebhook, UnknownCarrier
from services.logistics.api.replies import CarrierReceipt, TrackingView


class Tracking(Api):
    """Where an order's parcels are."""

    @query(roles=(CUSTOMER, AGENT, WAREHOUSE, LEAD), errors=(OrderNotFound,))
    def get_tracking(self, order_number: str) -> TrackingView:
        """Tell where an order's parcels are."""

    @command(roles=(SIGNATURE,), errors=(BadSignature, UnknownCarrier, MalformedWebhook, BodyTooLarge, InTestMode))
    def receive_carrier_webhook(self, carrier: str, headers: Mapping[str, str], raw_base64: str) -> CarrierReceipt:
        """Receive tracking events from a carrier.

        Forged or unsigned: 403 `bad_signature`. Known already: 200 with `duplicate`. A scan that cannot be read costs
        that scan; the others count. In production the carrier's test mode is refused: 403 `test_mode`.
        """
