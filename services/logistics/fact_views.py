"""What logistics shows of what carriers tell beside their scans. Pure."""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.logistics.api.parts import HandedOn, PickUp, carrier_code
from services.logistics.api.replies import CarrierEtaView, HandedOnView, ParcelFactsView, PickUpView, PositionView
from services.logistics.domain.carrier_pages import PAGES, page_of
from services.logistics.domain.facts import Facts, Position


def parcel_facts_view(facts: Facts) -> ParcelFactsView:
    """Show the facts of a parcel; what is not known is null."""
    return {
        "carrier_eta": _eta(facts),
        "pick_up": _pick_up(facts.pick_up),
        "received_by": facts.received_by,
        "signature_url": facts.signature_url,
        "photo_url": facts.photo_url,
        "handed_on": _handed_on(facts.handed_on),
        "position": _position(facts.position),
        "attempts": [
            {"at": rfc3339(each.at), "local_time": each.local_time, "reason": each.reason} for each in facts.attempts
        ],
    }


def _eta(facts: Facts) -> CarrierEtaView | None:
    if facts.eta is None:
        return None
    was = facts.first_eta
    return {
        "first": facts.eta.first.isoformat(),
        "last": facts.eta.last.isoformat(),
        "said_at": rfc3339(facts.eta_said_at) if facts.eta_said_at else None,
        "first_said": [was.first.isoformat(), was.last.isoformat()] if was and was != facts.eta else [],
    }


def _pick_up(place: PickUp | None) -> PickUpView | None:
    if place is None:
        return None
    return {
        "name": place.name,
        "address": place.address,
        "hours": place.hours,
        "note": place.note,
        "until": place.until.isoformat() if place.until else None,
    }


def _handed_on(to: HandedOn | None) -> HandedOnView | None:
    if to is None:
        return None
    code, number = carrier_code(to.carrier or ""), to.tracking_number
    return {
        "carrier_name": PAGES[code].name if code in PAGES else to.carrier,
        "tracking_number": number,
        "tracking_url": page_of(code, number) if number else None,
    }


def _position(at: Position | None) -> PositionView | None:
    if at is None:
        return None
    return {"latitude": float(at.latitude), "longitude": float(at.longitude), "at": rfc3339(at.at)}
