"""What the warehouse knows of products, and the pieces that it scans."""

from __future__ import annotations

from services.common.basics.message import Message
from services.common.basics.states import require_version
from services.logistics.adapters.scan_codes import read_unit as read_code
from services.logistics.api.wares import GtinTaken, ReadUnit, SaveWare, UnitView, UnreadableCode, WareView
from services.logistics.domain.wares import Ware, line_of
from services.logistics.repository import Work
from services.orders.api.events import ProductSaved


def get_ware(work: Work, sku: str) -> WareView:
    return show(work.wares.find(sku) or Ware("", sku))


def put_ware(work: Work, sku: str, wanted: SaveWare) -> WareView:
    """Save where a product lies and its GTIN. Raise GtinTaken where another product has that."""
    ware = work.wares.remember(sku)
    require_version(wanted.version, ware.version, lambda: show(ware))
    owner = work.wares.with_gtin(wanted.gtin) if wanted.gtin else None
    if owner is not None and owner is not ware:
        raise GtinTaken(f"{owner.sku} has this GTIN.", details={"sku": owner.sku})
    work.journal.record(ware.save(wanted))
    return show(ware)


def read_unit(work: Work, number: str, scanned: ReadUnit) -> UnitView:
    """Find the line of a shipment that a scanned piece belongs to: by its SKU, or by the GTIN in a GS1 code."""
    lines = work.shipments.get(number).lines
    unit = read_code(scanned.code)
    known = work.wares.of_skus([scanned.code])
    if unit is None and not known and all(line.sku.casefold() != scanned.code.casefold() for line in lines):
        raise UnreadableCode
    owner = work.wares.with_gtin(unit.gtin) if unit else None
    line = line_of(scanned.code, unit, lines, owner)
    return {
        "sku": line.sku,
        "title": line.title,
        "pieces": unit.pieces if unit else 1,
        "gtin": unit.gtin if unit else None,
        "batch": unit.batch if unit else None,
        "serial": unit.serial if unit else None,
        "best_before": unit.best_before.isoformat() if unit and unit.best_before else None,
    }


def on_product_saved(work: Work, event: ProductSaved, message: Message) -> None:
    """Know what carriers and customs are told of a product; events of before do not say it."""
    if event.weight_g is not None:
        ware = work.wares.remember(event.sku)
        ware.learn(event.product_version, event.weight_g, event.hs_code, event.origin_country)


def show(ware: Ware) -> WareView:
    return {"sku": ware.sku, "shelf": ware.shelf, "gtin": ware.gtin, "version": ware.version}
