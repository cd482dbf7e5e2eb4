"""A body fits the document exactly where its class accepts it, whichever of its fields are there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any

import jsonschema_rs
import pytest

from services.aftersales.api import pieces, returns
from services.common.basics import ids
from services.common.basics.errors import Invalid
from services.common.edge.schemas import load
from services.orders.api import AnswerChange, ProposeChange

PART = {"result": "ok", "note": ""}
ALL = {"product_status": PART, "order_information": PART, "return_reason": PART}
PIECE = {"sku": "MUG", "quantity": 1, "line_id": 1, "unit": 0}
ADDRESS = {"name": "Ada", "line1": "1 Row", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}

FIELDS: dict[type, dict[str, list[Any]]] = {
    AnswerChange: {"decision": ["accept", "decline"], "digest": ["0" * 64, "0"], "option": ["wait"]},
    ProposeChange: {
        "kind": ["stock_short", "address", "lines", "cancel"], "reason": ["gone"], "sku": ["MUG"], "quantity": [1],
        "delivery": [ADDRESS, {**ADDRESS, "country": "AA"}], "lines": [[{"sku": "MUG", "quantity": 0}]],
    },
    returns.ReviewReturn: {
        "decision": ["authorize", "reject", "info"], "parts": [ALL, {"return_reason": PART}],
        "ground": ["used_beyond_trying"], "explanation": ["used"], "question": ["which?"],
    },
    returns.AnswerInfo: {
        "answer": ["blue"], "sent": [True, False], "carrier": ["fedex"], "tracking_number": ["794644790138"],
    },
    pieces.ReceivedPieces: {**{name: [value] for name, value in PIECE.items()}, "condition": ["received_ok"]},
    pieces.InspectedPieces: {**{name: [value] for name, value in PIECE.items()}, "outcome": ["accepted"]},
    returns.ReceiveReturn: {
        name: [[], [{"sku": "MUG", "quantity": 1, "condition": "received_ok"}]] for name in ("units", "lines")
    },
    returns.RequestReturn: {
        "order_number": [ids.number(ids.ORDER, 1), "AAA-0000-0001-R"], "description": ["blue"],
        "lines": [[{"sku": "MUG", "quantity": 1, "reason": "other"}], []],
    },
}  # fmt: skip


def bodies(fields: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every choice of fields, with every choice of their values."""
    for names in chain.from_iterable(combinations(fields, count) for count in range(len(fields) + 1)):
        for values in product(*(fields[name] for name in names)):
            yield dict(zip(names, values, strict=True))


def is_accepted(kind: type, body: dict[str, Any]) -> bool:
    try:
        load(kind, body)
    except Invalid:
        return False
    return True


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_a_body_fits_the_document_where_it_is_accepted(gateway: Any, kind: type) -> None:
    document = gateway.get("/v1/openapi.json").json()
    schema = {"$ref": f"#/components/schemas/{kind.__name__}", "components": document["components"]}
    fits = jsonschema_rs.validator_for(schema).is_valid

    differ = [body for body in bodies(FIELDS[kind]) if fits(body) != is_accepted(kind, body)]

    assert not differ, differ[:3]
    assert any(is_accepted(kind, body) for body in bodies(FIELDS[kind]))
