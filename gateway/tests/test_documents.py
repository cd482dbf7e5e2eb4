"""Documents as PDF: what they say, in which scripts, and how much of it at most."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from pypdf import PdfReader

from gateway.documents import evidence, evidence_paper, numbered, receipts, warehouse
from gateway.documents.paper import LONGEST, MOST_LINES, Paper, Part, to_json
from gateway.documents.printing import PROGRAM
from gateway.documents.receipts import NothingToPrint
from gateway.http.words import TEXTS
from gateway.resources import evidence as making
from gateway.resources.composition import WholeOrder
from services.common.basics.clock import parse_rfc3339
from services.common.language import day_in_words, speaking
from services.common.testing.pseudo import PSEUDO, marked, spoken
from services.logistics.api.papers import PickListView
from services.orders.api.documents import DocumentList
from services.promised import promised
from services.support.api.ticket_forms import ListTickets

PLAIN = re.compile(r"[A-Za-z]{3,}")
TEMPLATE = Path(receipts.__file__).parents[1] / "locale" / "texts.pot"
NOW = parse_rfc3339("2026-03-20T10:00:00Z")


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def an_order(**more: Any) -> WholeOrder:
    """Return an order as it is composed, paid and not sent yet; what a document does not read is left out."""
    order = {
        "number": "ORD-0000-0001-R", "placed_at": "2026-03-02T23:30:00Z",
        "contact": {"time_zone": "Asia/Tokyo"},
        "delivery": {
            "name": "山田太郎", "company": "محمد العربي", "line1": "ул. Ленина 1", "line2": "",
            "city": "김", "region": "", "postal_code": "1", "country": "JP",
        },
        "lines": [{"title": "A mug", "quantity": 2, "unit_price": usd("12.50"), "paid": [usd("12.50"), usd("12.50")]}],
        "totals": {"shipping": usd("0.00"), "duties": usd("0.00"), "total": usd("25.00")},
        "account": {"captured": usd("25.00"), "refunded": usd("0.00"), "missing": usd("0.00")},
        "payment": {"captured_at": "2026-03-03T01:00:00Z"}, "return_policy": {"days": 60},
        "refunds": [], "shipments": [],
        "commitments": [{
            "kind": "delivery", "status": "running", "earliest_at": "2026-03-10T00:00:00Z",
            "due_at": "2026-03-18T14:59:59Z", "zone": "Asia/Tokyo",
        }],
    }  # fmt: skip
    return cast(WholeOrder, order | more)


def said(paper: Paper) -> str:
    return "\n".join(
        [
            paper.title,
            *paper.about,
            *(line for part in paper.parts for line in (*part.lines, *map(" ".join, part.rows))),
        ]
    )


def draw(paper: Paper) -> PdfReader:
    given = orjson.dumps([to_json(paper)])
    drawn = subprocess.run(
        [sys.executable, "-I", str(PROGRAM)], input=given, capture_output=True, timeout=60, check=True
    )
    return PdfReader(io.BytesIO(drawn.stdout))


@pytest.mark.pure
def test_a_receipt_says_what_was_paid_and_promised_by_when() -> None:
    text = said(receipts.receipt(an_order(), NOW))

    assert "placed on Tuesday 3 March 2026, paid on Tuesday 3 March 2026." in text  # as days are at the customer's
    assert "A mug 2 × 12.50 USD 25.00 USD" in text
    assert "Duties and fees 0.00 USD" in text
    assert "Delivery: not before Tuesday 10 March 2026, by Wednesday 18 March 2026, 23:59 (Asia/Tokyo time)." in text
    assert "Everything can be returned for 60 days" in text


@pytest.mark.pure
def test_a_receipt_says_what_was_taken_off_and_is_included() -> None:
    tax = {"jurisdiction": "DE", "rate": "19.00", "number": "DE123456789", "amounts": [usd("1.79"), usd("1.80")]}
    line = {"title": "A mug", "quantity": 2, "unit_price": usd("12.50"), "paid": [usd("11.25"), usd("11.25")]}
    lines = [{**line, "tax": tax}, {**line, "tax": None}]
    totals = {"shipping": usd("0.00"), "duties": usd("0.00"), "total": usd("22.50"), "discount": usd("2.50")}
    code = {"code": "SPRING", "percent": 10, "amount": usd("2.50")}

    text = said(receipts.receipt(an_order(lines=lines, totals=totals, discount=code), NOW))

    assert "A mug 2 × 12.50 USD 22.50 USD" in text
    assert "Discount SPRING, taken off above 2.50 USD" in text
    assert "Included: 19.00 % tax of DE, our number DE123456789 3.59 USD" in text


@pytest.mark.pure
def test_confirmations_say_what_was_sent_and_what_goes_back() -> None:
    parcel = {"carrier_name": "USPS", "tracking_number": "94001"}
    sent = {"number": "SHP-1", "dispatched_at": "2026-03-04T10:00:00Z", "delivered_at": None, "parcels": [parcel]}
    refund = {"id": "REF-1", "cause": "return", "amount": usd("12.50"), "due_at": "2026-04-01T10:00:00Z"}
    refunds = [{**refund, "settled_at": "2026-03-19T10:00:00Z"}, {**refund, "id": "REF-2", "settled_at": None}]
    order = an_order(shipments=[sent], refunds=refunds)

    shipping = said(receipts.shipping_confirmation(order, NOW))
    repaid = said(receipts.refund_confirmation(order, NOW))

    assert "Handed over on Wednesday 4 March 2026.\nUSPS, tracking number 94001." in shipping
    assert "For your return, REF-1: paid back on Thursday 19 March 2026 12.50 USD" in repaid
    assert "REF-2: goes back by Wednesday 1 April 2026 12.50 USD" in repaid
    assert "Paid back so far 12.50 USD" in repaid


def listed(*receipts: dict[str, Any]) -> DocumentList:
    """Return a list of receipts as orders shows it, each with what of it is given here."""
    given: dict[str, Any] = {"kind": "receipt", "refund_id": None, "claim_id": None, "payment_id": "PAY-1", "taxes": []}
    line = {"title": "A mug", "units": [0]}
    items = [
        {**given, "lines": [{**line, "amount": each["amount"]}], "other": usd("0.00"), **each} for each in receipts
    ]
    came = sum(float(each["amount"]["amount"]) for each in receipts)
    return cast(DocumentList, {"items": items, "received": usd(f"{came:.2f}")})


@pytest.mark.pure
def test_each_receipt_says_its_own_day_and_only_what_is_of_it() -> None:
    first = {"number": "REC-1", "amount": usd("10.00"), "issued_at": "2026-03-02T16:00:00Z"}
    rest = {"number": "REC-2", "amount": usd("15.00"), "issued_at": "2026-03-04T10:00:00Z"}
    applied = {"code": "SPRING", "percent": 10, "amount": usd("2.50")}
    order = an_order(discount=applied, payment={"captured_at": "2026-03-01T01:00:00Z"})

    one, other = map(said, numbered.receipts_of(order, listed(first, rest), NOW))
    (whole,) = map(said, numbered.receipts_of(order, listed({**rest, "amount": usd("25.00")}), NOW))

    assert "Of Tuesday 3 March 2026." in one
    assert "Of Wednesday 4 March 2026." in other
    assert "paid on" not in one + other
    assert ["SPRING" in text for text in (one, other, whole)] == [False, False, True]


@pytest.mark.pure
def test_what_moved_before_documents_had_numbers_has_one_without() -> None:
    came = {"number": "REC-1", "amount": usd("15.00"), "issued_at": "2026-03-04T10:00:00Z"}
    refund = {"id": "REF-1", "cause": "return", "amount": usd("12.50"), "due_at": "2026-04-01T10:00:00Z"}
    refunds = [{**refund, "settled_at": "2026-03-19T10:00:00Z"}, {**refund, "id": "REF-2", "settled_at": None}]
    order, shown = an_order(refunds=refunds), listed(came)

    assert [each.title for each in numbered.receipts_of(order, shown, NOW)] == ["Receipt", "Receipt REC-1"]
    assert [each.title for each in numbered.credit_notes_of(order, shown, "REF-1", NOW)] == ["Refund confirmation"]
    with pytest.raises(NothingToPrint):
        numbered.credit_notes_of(order, shown, "REF-2", NOW)


@pytest.mark.pure
def test_documents_speak_the_language_of_their_reader(tmp_path: Path) -> None:
    sent = {"number": "SHP-1", "dispatched_at": "2026-03-04T10:00:00Z", "delivered_at": "2026-03-10T10:00:00Z"}
    shipment = {**sent, "parcels": [{"carrier_name": "USPS", "tracking_number": "94001"}]}
    refund = {"id": "REF-1", "cause": "return", "amount": usd("12.50"), "due_at": "2026-04-01T10:00:00Z"}
    refunds = [{**refund, "settled_at": "2026-03-19T10:00:00Z"}, {**refund, "settled_at": None}]
    order = an_order(shipments=[shipment], refunds=refunds)
    papers = (receipts.receipt, receipts.shipping_confirmation, receipts.refund_confirmation)

    with spoken(TEXTS, TEMPLATE, tmp_path), speaking(PSEUDO):
        text = "\n".join(said(write(order, NOW)) for write in papers)
        days = " ".join(day_in_words(date(2026, month, day)) for month in (3, 4) for day in range(1, 32 - month // 4))
    terms = " ".join(promised().values())

    assert marked("Handed over on") in text
    assert "12,50 USD" in text
    assert {*PLAIN.findall(text)} - {*PLAIN.findall(f"{orjson.dumps(order).decode()} {days} {terms}")} == set()


@pytest.mark.pure
@pytest.mark.parametrize("document", [receipts.receipt, receipts.shipping_confirmation, receipts.refund_confirmation])
def test_there_is_no_document_of_what_did_not_happen(document: Any) -> None:
    unpaid = an_order(account={"captured": usd("0.00")})

    with pytest.raises(NothingToPrint):
        document(unpaid, NOW)


@pytest.mark.pure
def test_a_document_has_bounds_and_says_what_is_left_out() -> None:
    rows = [("x" * 1000, "1.00 USD")] * (MOST_LINES + 5)

    (part, after) = to_json(Paper("T", parts=[Part("Goods", rows=rows, strong=True), Part("After", ["late"])]))["parts"]

    assert (len(part["rows"]), part["strong"]) == (MOST_LINES, False)
    assert max(len(cell) for row in part["rows"] for cell in row) == LONGEST
    assert part["lines"] == ["Not printed here: 5 more; the page that this comes from shows all."]
    assert after["lines"] == ["Not printed here: 1 more; the page that this comes from shows all."]


def test_names_are_printed_in_their_script_or_it_is_said() -> None:
    sheet = draw(receipts.receipt(an_order(), NOW)).pages[0].extract_text().replace("\0", "")
    plain = "".join(sheet.split())  # pypdf reads Han letters apart
    assert "山田太郎" in plain
    assert "محمد" in plain
    assert "ул. Ленина 1" in sheet
    assert "shown as boxes: U+AE40" in sheet  # Korean
    assert "Page 1 of 1" in sheet


def test_a_product_in_many_boxes_is_drawn_in_several_rows() -> None:
    """A row is not broken over pages."""
    numbers = [f"SHP-{n:04d}-QRST-W" for n in range(70)]
    boxes = [{"shipment_number": number, "pieces": 12} for number in numbers]
    pieces = 12 * len(boxes)
    rows = [{"shelf": "A-2", "sku": "MUG-1", "title": "A mug", "pieces": pieces, "boxes": boxes}]
    found = {"rows": rows, "pieces": pieces, "shipments": numbers, "on_hold": 0, "more": False, "time_zone": "UTC"}

    paper = warehouse.pick_list(cast(PickListView, found), NOW)
    drawn = draw(paper)

    printed = paper.parts[0].rows
    assert [len(row[3].splitlines()) for row in printed] == [30, 30, 10]
    assert sum(int(row[2]) for row in printed) == pieces
    text = "".join(page.extract_text() for page in drawn.pages)
    assert [number for number in numbers if number not in text] == []


@dataclass
class Talk:
    """Support, with so many conversations about an order, of which it lists those that are due first."""

    count: int
    asked: list[str] = field(default_factory=list)

    def list_tickets(self, query: ListTickets) -> Any:
        begin = int(query.cursor or 0)
        last = begin + (query.limit or 100)
        dues = [number * 7 % self.count for number in range(self.count)]
        items = [
            {"number": f"TIC-{each:03d}", "subject": f"Question {each}", "status": "spam" if each == 2 else "open",
             "opened_at": f"2026-03-{each // 24 + 1:02d}T{each % 24:02d}:00:00Z"}
            for each in dues[begin:last]
        ]  # fmt: skip
        return {"items": items, "next_cursor": str(last) if last < self.count else None}

    def get_ticket(self, number: str) -> Any:
        self.asked.append(number)
        message = {"position": 3, "internal": False, "posted_at": "", "author": "customer", "body": f"said in {number}"}
        return {"number": number, "subject": "Where is it?", "status": "open", "messages": [message]}


@pytest.mark.pure
def test_evidence_shows_the_oldest_talks_and_names_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PAGE", 10)
    monkeypatch.setattr(making, "MOST_TICKETS", 25)
    support = Talk(40)
    numbers = [f"TIC-{each:03d}" for each in range(40) if each != 2]

    found = making.read_conversations(support, "ORD-1")
    written = evidence._conversations(found)

    assert [each["number"] for each in found.tickets] == numbers[:25]
    assert [each["number"] for each in found.named] == numbers[25:]
    assert sorted(support.asked) == numbers[:25]
    assert [number for number in numbers if f"said in {number}" not in written] == numbers[25:]
    assert [number for number in numbers if number not in written] == []
    assert ("14 later conversations" in written, "earlier messages" in written) == (True, True)
    assert "more conversations" not in written
    monkeypatch.setattr(making, "MOST_PAGES", 3)
    assert "more conversations" in evidence._conversations(making.read_conversations(support, "ORD-1"))


def a_message(body: str) -> Any:
    said = {"position": 1, "internal": False, "posted_at": "2026-03-09", "author": "customer", "body": body}
    return {"number": "TIC-1", "subject": "Where is it?", "status": "open", "messages": [said]}


def a_file(tickets: list[Any], steps: int = 1) -> evidence.Evidence:
    """Return the evidence about an order that was paid and sent."""
    scan = {"local_time": "2026-03-09 10:00", "status": "delivered", "carrier_code": "DL", "message": "Left at door",
            "location": "Osaka"}  # fmt: skip
    parcel = {"id": "PCL-1", "carrier_name": "UPS", "tracking_number": "1Z999", "tracking_url": "https://ups.example/1Z999",
              "status": "delivered", "delivered_at": "2026-03-09T01:00:00Z", "facts": {"received_by": "山田"},
              "events": [scan]}  # fmt: skip
    shipment = {"number": "SHP-1", "status": "delivered", "dispatched_at": "2026-03-03", "delivered_at": "2026-03-09",
                "parcels": [parcel]}  # fmt: skip
    consent = {"by": "customer", "at": "2026-03-04", "how": "link", "digest": "5d1e0f", "option": "now"}
    change = {"id": "CHG-1", "created_at": "2026-03-04", "status": "accepted", "summary": "Send it <now>?",
              "options": [{"option": "now", "label": "Yes, now"}], "consent": consent}  # fmt: skip
    order = an_order(
        status="confirmed", stage="delivered", changes=[change], remedies=[], shipments=[shipment],
        contact={"name": "محمد", "email": "m@mail.example", "phone": ""},
        cancellation={"requested": False, "reason": ""}, return_policy={"version": "2026-1", "days": 60},
        totals={"ordered": usd("25.00")}, payment={"id": "PAY-1", "captured_at": "2026-03-03T01:00:00Z"},
        account={"captured": usd("25.00"), "refunded": usd("0.00"), "kept": usd("0.00"), "attention": usd("25.00")},
        returns=[{"number": "RET-1", "status": "open", "description": "It was\nbroken. " + "So " * 90}],
        lines=[{"quantity": 2, "title": "A mug", "sku": "MUG", "unit_price": usd("12.50")}],
    )  # fmt: skip
    dispute = {"reference": "dp_1", "payment_id": "PAY-1", "provider": "adyen", "amount": usd("25.00"),
               "reason": "not received", "opened_at": "2026-03-10"}  # fmt: skip
    story = [
        {"occurred_at": "2026-03-02T23:30:00Z", "type": "order_placed", "actor": "customer:1", "service": "orders",
         "id": f"entry {each}", "audience": "public"}
        for each in range(steps)
    ]  # fmt: skip
    talks = evidence.Conversations(tickets)
    return evidence.Evidence("https://shop.example", "2026-03-20", cast(Any, dispute), order, cast(Any, story), talks)


def test_the_evidence_is_one_pdf_that_says_what_the_page_says() -> None:
    body = "Where is my <parcel>?\n" + "Ich warte. " * 40 + "\n我的包裹在哪里 Пришлите 荷物"
    paper = evidence_paper.paper(a_file([a_message(body)], steps=60))

    drawn = draw(paper)

    text = "".join("".join(page.extract_text().replace("\0", "").split()) for page in drawn.pages)
    wanted = [
        "dispute dp_1, order ORD-0000-0001-R", "The order", "A mug", "m@mail.example", "CHG-1", "Send it <now>?",
        "Yes, now (chosen)", "Digest of the text shown: 5d1e0f", "1Z999", "Left at door", "山田",
        "In the customer's words", "So So", "Where is my <parcel>?", "我的包裹在哪里", "Пришлите", "entry 59",
        "TIC-1: Where is it?", "ул. Ленина 1",
    ]  # fmt: skip
    assert [each for each in wanted if "".join(each.split()) not in text] == []
    assert text.count("Ichwarte.") == 40
    assert len(drawn.pages) > 2


@pytest.mark.pure
def test_long_talks_leave_room_for_the_rest_of_the_evidence() -> None:
    paper = evidence_paper.paper(a_file([a_message("word " * 1000) for _ in range(100)], steps=3000))

    written = to_json(paper)
    chapters = [part["heading"] for part in written["parts"]]
    lines = [line for part in written["parts"] for line in part["lines"]]
    letters = sum(map(len, lines)) + sum(len(cell) for part in written["parts"] for row in part["rows"] for cell in row)
    assert "What happened, step by step" in chapters
    assert len([line for line in lines if line.startswith("Not printed here: ")]) == 2
    assert letters < evidence_paper.MOST_IN_ALL
    assert max(map(len, lines)) <= evidence_paper.LONGEST


@pytest.mark.pure
@pytest.mark.parametrize(("body", "gap"), [("Late!" + "\n" * 2400 + "Answer me!", 0), ("word\n" * 2400, 1)])
def test_line_breaks_leave_room_for_the_rest_of_the_evidence(body: str, gap: int) -> None:
    written = to_json(evidence_paper.paper(a_file([a_message(body)])))

    assert (str(written).count("Not printed here: "), "Answer me!" in str(written)) == (gap, not gap)
    assert any("entry 0" in str(part["rows"]) for part in written["parts"])
