"""How logistics shows what the warehouse's papers say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.common.basics.clock import rfc3339
from services.common.basics.shapes import money_view
from services.logistics.api.papers import BoxPapersView, DeclarationView, PapersView, PickListView, PickRowView
from services.logistics.api.parts import ShipmentLine
from services.logistics.domain import Parcel, Shipment
from services.logistics.domain.contents import lines_in
from services.logistics.domain.customs import (
    INCOTERM,
    CustomsRules,
    Declaration,
    End,
    crosses_border,
    declare,
    forms_of,
    is_postal,
    may_name_ioss,
    missing_facts,
    with_facts,
)
from services.logistics.domain.wares import ToPick, Ware
from services.logistics.domain.weighing import gross_weight
from services.logistics.views import destination_view, line_view


def papers_view(found: Shipment, wares: Mapping[str, Ware], rules: CustomsRules, carrier: str | None) -> PapersView:
    """Show what the papers of a shipment say. carrier: who is to carry it, if it is not handed over yet."""
    carrier = found.parcels[0].carrier if found.parcels else carrier
    lines, gross, to = with_facts(found.lines, wares), gross_weight(found), _end(found)
    abroad = crosses_border(rules.sender_end, to)
    missing = missing_facts(lines, gross, carrier) if abroad else ()
    declared = _declared(lines, gross, carrier) if abroad else None
    with_ioss = declared is not None and may_name_ioss(declared, to, rules.rates)
    return {
        "number": found.number,
        "order_number": found.order_number,
        "lines": [line_view(line) for line in lines],
        "sender": rules.sender,
        "destination": destination_view(found.destination),
        "parcels": [parcel.tracking_number for parcel in found.parcels],
        "carrier": carrier,
        "abroad": abroad,
        "forms": list(forms_of(declared, postal=bool(is_postal(carrier)), rates=rules.rates)) if declared else [],
        "missing": [{"sku": sku, "fact": fact} for sku, fact in missing],
        "declared": _declaration(declared) if declared else None,
        "incoterm": INCOTERM,
        "ioss_number": rules.ioss_number if with_ioss and rules.ioss_number else None,
        "dispatched_at": rfc3339(found.dispatched_at) if found.dispatched_at else None,
        "time_zone": rules.zone,
        "boxes": _boxes(found, lines, rules) if len(found.parcels) > 1 else [],
    }


def _boxes(found: Shipment, lines: Sequence[ShipmentLine], rules: CustomsRules) -> list[BoxPapersView]:
    """Show what the papers of each parcel say; nothing unless it is known of each what is in it."""
    held = [(parcel, lines_in(lines, found.parcels, [parcel])) for parcel in found.parcels]
    abroad = crosses_border(rules.sender_end, _end(found))
    return [_box(parcel, mine, rules, abroad=abroad) for parcel, mine in held] if all(mine for _, mine in held) else []


def _box(parcel: Parcel, lines: Sequence[ShipmentLine], rules: CustomsRules, *, abroad: bool) -> BoxPapersView:
    declared = _declared(lines, parcel.weight_g, parcel.carrier) if abroad else None
    postal = bool(is_postal(parcel.carrier))
    return {
        "parcel_id": parcel.id,
        "tracking_number": parcel.tracking_number,
        "lines": [line_view(line) for line in lines],
        "forms": list(forms_of(declared, postal=postal, rates=rules.rates)) if declared else [],
        "declared": _declaration(declared) if declared else None,
    }


def _declared(lines: Sequence[ShipmentLine], gross_weight_g: int | None, carrier: str | None) -> Declaration | None:
    """Return what customs is told; None while a fact is missing."""
    if gross_weight_g is None or missing_facts(lines, gross_weight_g, carrier):
        return None
    return declare(lines, gross_weight_g)


def pick_list_view(
    rows: Iterable[ToPick], shipments: Sequence[str], zone: str, *, on_hold: int, more: bool
) -> PickListView:
    """Show what to pick."""
    shown = [_pick_row(row) for row in rows]
    return {
        "rows": shown,
        "pieces": sum(row["pieces"] for row in shown),
        "shipments": list(shipments),
        "on_hold": on_hold,
        "more": more,
        "time_zone": zone,
    }


def _pick_row(row: ToPick) -> PickRowView:
    return {
        "shelf": row.shelf,
        "sku": row.sku,
        "title": row.title,
        "pieces": row.pieces,
        "boxes": [{"shipment_number": number, "pieces": pieces} for number, pieces in row.boxes.items()],
    }


def _declaration(declared: Declaration) -> DeclarationView:
    return {
        "items": [
            {
                "sku": item.sku,
                "title": item.title,
                "quantity": item.quantity,
                "hs_code": item.hs_code,
                "origin_country": item.origin_country,
                "net_weight_g": item.net_weight_g,
                "value": money_view(item.value),
            }
            for item in declared.items
        ],
        "value": money_view(declared.value),
        "net_weight_g": declared.net_weight_g,
        "gross_weight_g": declared.gross_weight_g,
    }


def _end(found: Shipment) -> End:
    return End(found.destination.country, found.destination.address.get("postal_code") or "")
