"""Stock places as logistics knows them: the address that parcels leave from, and whose working days count there. Pure.

Orders says what there is of them. The default place is where the platform's own settings are: its working days are
theirs always, and its address too, unless it has one of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.common.calendar import calendar_id, zone_of
from services.logistics.api.papers import SenderView
from services.logistics.domain.customs import CustomsRules
from services.logistics.domain.tracking import Place

Address = tuple[str | None, str | None, str | None, str | None]
"""Street, city, postal code and country; each None: the platform's own."""


@dataclass(eq=False)
class StockPlace:
    """saved: the version that was told last; 0: nothing was told yet."""

    code: str
    name: str = ""
    line1: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None
    saved: int = 0

    def learn(self, saved: int, name: str, address: Address) -> None:
        """Take over what is known of it, unless something newer was told."""
        if saved > self.saved:
            self.name, self.saved = name, saved
            self.line1, self.city, self.postal_code, self.country = address

    def working_days(self, own: Place) -> Place:
        """Return in whose working days its promises are counted. own: the platform's."""
        if self.country is None:
            return own
        code, city = self.postal_code or "", self.city or ""
        calendar = calendar_id(self.country, None, postal_code=code, city=city)
        return Place(calendar, zone_of(self.country, postal_code=code, city=city))

    def customs(self, own: CustomsRules, zone: str) -> CustomsRules:
        """Return what papers say of the shop for a parcel from here. own: of one from the platform's own address."""
        if self.country is None:
            return own
        line1, city, postal_code = self.line1 or "", self.city or "", self.postal_code or ""
        here: SenderView = {
            **own.sender,
            "line1": line1,
            "city": city,
            "postal_code": postal_code,
            "country": self.country,
        }
        return replace(own, sender=here, zone=zone)
