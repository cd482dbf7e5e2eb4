"""The bodies that all sides exchange: of ordinary size, the same for ours and for theirs."""

from __future__ import annotations

ADDRESS = {
    "name": "Ada Lovelace", "line1": "12 Analytical Row", "city": "New York", "region": "NY", "postal_code": "10001",
    "country": "US",
}  # fmt: skip
PRODUCT: dict[str, object] = {
    "sku": "MUG-CLAY-350", "title": "Stoneware mug, 350 ml", "price": {"amount": "18.50", "currency": "USD"},
    "weight_g": 420, "hs_code": "691200", "origin_country": "CN", "active": True, "version": 3, "available": 118,
    "description": "A thrown stoneware mug with a matt glaze that is pleasant to hold and keeps tea warm.",
    "parameters": {"Capacity": "350 ml", "Height": "9.5 cm", "Diameter": "8.6 cm", "Colour": "oat"},
    "materials": "High-fired stoneware, lead-free and cadmium-free glaze.",
    "usage": "Dishwasher and microwave safe.", "matches": ["MUG-CLAY-500", "TRAY-ACACIA-30"],
}  # fmt: skip


def order_wish(lines: list[dict[str, object]], email: str = "ada@example.com", house: int = 12) -> dict[str, object]:
    """Return the body of POST /v1/orders; one mailbox and one `house` are one customer."""
    contact = {"name": "Ada Lovelace", "email": email, "phone": "+1 212 555 0147", "language": "en"}
    return {"contact": contact, "delivery": {**ADDRESS, "line1": f"{house} Analytical Row"}, "lines": lines}


def example_wish(skus: list[str]) -> dict[str, object]:
    """Return the body of nameko's example for as many lines."""
    return {"order_details": [{"product_id": sku, "price": "18.50", "quantity": 1} for sku in skus]}
