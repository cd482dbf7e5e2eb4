"""The warehouse's papers, asked for over HTTP and read back: their words as text, their codes as pictures."""

from __future__ import annotations

import io
from typing import Any

import pytest
import zxingcpp
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from services.common.testing import eventually
from tests.shop.conftest import Shop

CUP: dict[str, Any] = {"weight_g": 350, "hs_code": "6912.00", "origin_country": "CN"}
GTIN, OTHERS, NOBODYS = "4006381333931", "9506000134352", "5901234123457"


class Station:
    """The pack station of a shop."""

    def __init__(self, shop: Shop):
        self.shop = shop

    def ask(self, method: str, path: str, *, role: str = "warehouse", **how: Any) -> Any:
        return self.shop.ask(method, path, role=role, **how)

    def shipment(self, *lines: tuple[str, int]) -> str:
        number = self.shop.paid(*lines)["number"]
        found = eventually(lambda: self.ask("GET", f"/shipments?order_number={number}").json()["items"])
        return str(found[0]["number"])

    def weighed(self, number: str, grams: int) -> Any:
        return self.ask("POST", f"/shipments/{number}/weight", json={"gross_weight_g": grams})

    def papers(self, number: str, carrier: str = "usps") -> Any:
        return self.ask("GET", f"/shipments/{number}/papers?carrier={carrier}").json()

    def printed(self, number: str, kind: str, carrier: str = "usps") -> Any:
        return self.ask("GET", f"/shipments/{number}/documents/{kind}.pdf?carrier={carrier}")

    def refusal(self, answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]


def read(answer: Any) -> tuple[list[str], list[set[str]]]:
    """Return the words and the codes of each page."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.text
    words = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages]
    pictures = (page.render(scale=2.5).to_pil() for page in PdfDocument(answer.content))
    return words, [{code.text for code in zxingcpp.read_barcodes(picture)} for picture in pictures]


@pytest.fixture
def station(shop: Shop) -> Station:
    return Station(shop)


def test_a_box_gets_its_papers_once_all_facts_are_known(station: Station) -> None:
    station.shop.stocked("CUP", 10, **CUP)
    station.shop.stocked("LEAF", 10, "24.90", weight_g=100, origin_country="JP")
    number = station.shipment(("CUP", 2), ("LEAF", 1))
    order = station.papers(number)["order_number"]

    lacking = station.printed(number, "cn22", "easypost")
    assert station.refusal(lacking) == (409, "facts_missing")
    facts = [("LEAF", "hs_code"), (None, "gross_weight_g"), (None, "carrier")]
    assert lacking.json()["missing"] == [{"sku": sku, "fact": fact} for sku, fact in facts]

    station.shop.stocked("LEAF", 0, "24.90", weight_g=120, origin_country="JP", hs_code="0902.10")
    eventually(lambda: {"sku": "LEAF", "fact": "hs_code"} not in station.papers(number)["missing"])
    assert station.refusal(station.weighed(number, 900)) == (409, "wrong_shipment_status")
    assert station.ask("POST", f"/shipments/{number}/sorted", json={}).status_code == 200
    assert station.refusal(station.weighed(number, 819)) == (409, "lighter_than_goods")  # 2 × 350 g + 120 g
    assert station.weighed(number, 900).json()["gross_weight_g"] == 900

    small, codes = read(station.printed(number, "cn22"))
    assert "2 × The CUP 0.700 kg 25.00 USD 691200 CN 1 × The LEAF 0.120 kg 24.90 USD 090210 JP" in small[0]
    assert "Total (gross weight, value) 0.900 kg 49.90 USD" in small[0]
    assert codes == [{number}]
    assert station.refusal(station.printed(number, "cn23")) == (409, "form_not_wanted")
    (slip, label, invoice), codes = read(station.printed(number, "all", "fedex"))
    assert f"Order {order}. To Ada Lovelace" in slip
    assert "The CUP CUP 2 The LEAF LEAF 1 3 pieces." in slip
    assert "18 Binhe Road 518000 Shenzhen CHINA (CN) To Ada Lovelace" in label
    assert "SW1Y 4JH London UNITED KINGDOM (GB)" in label
    assert "DDP London, GB." in invoice
    assert "Goods 49.90 USD Freight 0.00 USD Insurance 0.00 USD Total 49.90 USD" in invoice
    assert codes == [{number, order}, {number, order}, {number}]

    assert station.ask("GET", f"/shipments/{number}/documents/passport.pdf").status_code == 404
    assert station.ask("GET", f"/shipments/{number}/papers", role="agent").status_code == 403


def test_many_boxes_are_picked_by_shelf_and_printed_at_once(station: Station) -> None:
    for sku, shelf in (("DEEP", "B-10"), ("NEAR", "B-2")):
        station.shop.stocked(sku, 10, **CUP)
        assert station.ask("PUT", f"/wares/{sku}", json={"shelf": shelf}).json()["version"] == 1
    first, second = station.shipment(("DEEP", 1), ("NEAR", 2)), station.shipment(("NEAR", 3))

    listed = station.ask("GET", "/pick-list").json()
    words, _ = read(station.ask("GET", "/pick-list.pdf"))
    rows = [(row["shelf"], row["pieces"]) for row in listed["rows"] if row["sku"] in ("DEEP", "NEAR")]
    assert rows == [("B-2", 5), ("B-10", 1)]
    boxes = " ".join(sorted((f"{first} × 2", f"{second} × 3")))  # due on the same day, they come by their numbers
    assert f"B-2 The NEAR NEAR 5 {boxes}" in words[0]

    batch = {"numbers": [first, second], "kind": "address-label"}
    _, codes = read(station.ask("POST", "/shipments/documents", json=batch))
    assert [first in codes[0], second in codes[1], len(codes)] == [True, True, 2]
    refused = station.ask("POST", "/shipments/documents", json={**batch, "kind": "all"})
    assert station.refusal(refused) == (409, "facts_missing")
    assert station.ask("POST", "/shipments/documents", json={"numbers": []}).status_code == 422


def test_a_scanned_unit_that_is_another_products_is_refused(station: Station) -> None:
    for sku, gtin in (("ONE", GTIN), ("OTHER", OTHERS)):
        station.shop.stocked(sku, 5, **CUP)
        assert station.ask("PUT", f"/wares/{sku}", json={"gtin": gtin}).json()["gtin"] == f"0{gtin}"
    number = station.shipment(("ONE", 3))

    def scanned(code: str) -> Any:
        return station.ask("GET", f"/shipments/{number}/unit", params={"code": code})

    unit = scanned(f"]C1010{GTIN}3703~10AB-7").json()
    assert (unit["sku"], unit["pieces"], unit["batch"]) == ("ONE", 3, "AB-7")
    assert scanned("one").json()["sku"] == "ONE"
    wrong = scanned(f"(01)0{OTHERS}(21)77")
    assert station.refusal(wrong) == (409, "wrong_unit")
    assert (wrong.json()["sku"], wrong.json()["gtin"]) == ("OTHER", f"0{OTHERS}")
    assert station.refusal(scanned(NOBODYS)) == (409, "wrong_unit")
    assert station.refusal(scanned("OTHER")) == (409, "wrong_unit")
    assert station.refusal(scanned("a leaf")) == (422, "unreadable_code")
    taken = station.ask("PUT", "/wares/OTHER", json={"gtin": GTIN}, headers={"If-Match": '"1"'})
    assert station.refusal(taken) == (409, "gtin_taken")
    assert station.ask("PUT", "/wares/OTHER", json={"gtin": "4006381333932"}).status_code == 422
    assert station.ask("PUT", "/wares/OTHER", json={}, headers={"If-Match": '"7"'}).status_code == 412


def test_each_of_several_parcels_has_papers_of_its_own(station: Station) -> None:
    station.shop.stocked("CUP", 10, **CUP)
    station.shop.stocked("PLATE", 10, "24.90", weight_g=120, origin_country="JP", hs_code="6911.10")
    number = station.shipment(("CUP", 2), ("PLATE", 2))
    for step in ("sorted", "packed"):
        assert station.ask("POST", f"/shipments/{number}/{step}", json={}).status_code == 200
    lines = {line["sku"]: line["line_id"] for line in station.ask("GET", f"/shipments/{number}").json()["lines"]}

    def box(tracking: str, grams: int | None, **pieces: int) -> Any:
        held = [{"line_id": lines[sku], "quantity": n} for sku, n in pieces.items()]
        return {"carrier": "usps", "tracking_number": tracking, "lines": held, **({"weight_g": grams} if grams else {})}

    parcels = [box("PART1", 400, CUP=1), box("PART2", 500, CUP=1, PLATE=1)]
    whole = station.ask("POST", f"/shipments/{number}/dispatched", json={"parcels": parcels})
    assert station.refusal(whole) == (422, "part_of_shipment")
    left = station.ask("POST", f"/shipments/{number}/dispatched", json={"parcels": parcels, "rest_follows": True})
    assert left.json()["status"] == "dispatched", left.text
    order = left.json()["order_number"]

    slips, codes = read(station.printed(number, "packing-slip"))
    assert "The CUP CUP 1 1 piece." in slips[0]
    assert "The CUP CUP 1 The PLATE PLATE 1 2 pieces." in slips[1]
    assert codes == [{f"{number}-01", order}, {f"{number}-02", order}]
    forms, codes = read(station.printed(number, "customs"))
    assert "1 × The CUP 0.350 kg 12.50 USD 691200 CN Total (gross weight, value) 0.400 kg 12.50 USD" in forms[0]
    assert "1 × The PLATE 0.120 kg 24.90 USD 691110 JP Total (gross weight, value) 0.500 kg 37.40 USD" in forms[1]
    assert codes == [{f"{number}-01"}, {f"{number}-02"}]
    assert len(station.ask("GET", f"/shipments?q={number}-02").json()["items"]) == 1

    found = station.ask("GET", f"/shipments?order_number={order}").json()["items"]
    (rest,) = [each for each in found if each["number"] != number]
    assert [(line["sku"], line["quantity"]) for line in rest["lines"]] == [("PLATE", 1)]
    assert rest["dispatch_due_at"] == left.json()["dispatch_due_at"]
    (slip,), _ = read(station.printed(rest["number"], "packing-slip"))
    assert "The PLATE PLATE 1 1 piece." in slip
