"""Stock places in the database."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import DEFAULT_PLACE
from services.common.store.upsert import dialect_insert
from services.logistics import tables
from services.logistics.api.refusals import StockPlaceUnknown
from services.logistics.domain.customs import CustomsRules
from services.logistics.domain.stock_places import StockPlace
from services.logistics.domain.tracking import Place
from services.logistics.settings import LogisticsSettings

_ROW = tables.stock_places.c


class StockPlaces:
    """What orders told of them. Each is read once in a transaction, the default one only for papers."""

    def __init__(self, session: Session, settings: LogisticsSettings):
        self._session, self._settings = session, settings
        self._own = Place(settings.origin_calendar, settings.origin_zone)

    def remember(self, code: str) -> StockPlace:
        """Return the place, locked. Add it if nothing is known yet."""
        insert = dialect_insert(self._session)(tables.stock_places)
        new = insert.values(code=code, name="", saved=0)
        self._session.execute(new.on_conflict_do_nothing())
        query = sa.select(StockPlace).where(_ROW.code == code).with_for_update()
        return self._session.scalars(query, execution_options={"populate_existing": True}).one()

    def require(self, codes: Iterable[str]) -> None:
        """Raise StockPlaceUnknown for a place that nothing was told of yet."""
        for code in sorted({*codes} - {DEFAULT_PLACE}):
            self._get(code)

    def working_days(self, code: str) -> Place:
        """Return in whose working days promises of what leaves from there are counted."""
        return self._own if code == DEFAULT_PLACE else self._get(code).working_days(self._own)

    def customs(self, code: str, *, on_paper: bool = True) -> CustomsRules:
        """Return what papers say of the shop for a parcel from there, and the rates that limits are counted by.

        on_paper: an address of the default place of its own counts; what is owed goes by the settings there.
        """
        own = self._settings.customs
        if code == DEFAULT_PLACE:
            known = self._session.get(StockPlace, code) if on_paper else None
            return own if known is None else known.customs(own, self._own.zone)
        return self._get(code).customs(own, self.working_days(code).zone)

    def _get(self, code: str) -> StockPlace:
        found = self._session.get(StockPlace, code)
        if found is None:
            raise StockPlaceUnknown(details={"place": code})
        return found
