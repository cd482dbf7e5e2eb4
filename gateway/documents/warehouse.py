"""What the warehouse's papers say: pick list, packing slip, address label and customs forms. Pure.

A customs form is written only where each of its facts is known: FactsMissing says which product lacks what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from gateway.documents.paper import Column, Paper, Part, ScanCode
from gateway.documents.receipts import day, moment
from services.common.addresses.countries import countries, rules_of
from services.common.basics.clock import rfc3339
from services.common.basics.errors import Conflict
from services.common.basics.shapes import MoneyView
from services.logistics.api.papers import (
    BoxPapersView,
    CustomsForm,
    DeclarationView,
    Fact,
    PaperKind,
    PapersView,
    PickListView,
)

BOXES_IN_A_ROW = 30  # a row is not broken over pages: one that is higher than a page cannot be drawn
OFFICIAL = "May be opened officially / Peut être ouvert d'office"
CERTIFIED = (
    "I, the undersigned, whose name and address are given on the item, certify that the particulars given in this "
    "declaration are correct",
    "and that this item does not contain any dangerous article or articles prohibited by legislation or by postal or "
    "customs regulations.",
)
PAID_BY_SENDER = "DDP: duties, taxes and fees are paid by the sender. The customer pays nothing."
LACKS: Mapping[Fact, str] = {
    Fact.HS_CODE: "no HS code",
    Fact.ORIGIN_COUNTRY: "no country of origin",
    Fact.WEIGHT: "no weight",
    Fact.VALUE: "no value",
    Fact.GROSS_WEIGHT: "the box is not weighed",
    Fact.TOO_LIGHT: "the box weighs less than its goods",
    Fact.CARRIER: "the carrier is not named",
}


class FactsMissing(Conflict):
    """A customs form lacks facts. `details`: `{"shipment_number", "missing": [{"sku", "fact"}]}`."""

    code = "facts_missing"
    message = "A customs form lacks facts."


class FormNotWanted(Conflict):
    """Customs wants other forms for this shipment, or none. `details`: `{"forms"}`: those that it wants."""

    code = "form_not_wanted"
    message = "Customs wants no such form for this shipment."


def papers_of(found: PapersView, kind: PaperKind, now: datetime) -> list[Paper]:
    """Return what is to be printed. Raise FactsMissing or FormNotWanted instead of a form that would be wrong."""
    papers = _chosen(found, kind, now)
    if not papers:
        raise FormNotWanted(details={"forms": found["forms"]})
    return papers


def papers_of_many(found: Sequence[PapersView], kind: PaperKind, now: datetime) -> list[Paper]:
    """Return what is to be printed of those that need it. Raise FactsMissing, and FormNotWanted if none needs it."""
    papers = [paper for each in found for paper in _chosen(each, kind, now)]
    if not papers:
        raise FormNotWanted(details={"forms": [*dict.fromkeys(form for each in found for form in each["forms"])]})
    return papers


def _chosen(found: PapersView, kind: PaperKind, now: datetime) -> list[Paper]:
    """Return the papers of that kind, box by box where it is known what is in each.

    Customs is told of each box if each was weighed, else of all of them together.
    """
    boxes = [_of_box(found, box) for box in found["boxes"]] or [found]
    always = {PaperKind.PACKING_SLIP: [packing_slip], PaperKind.ADDRESS_LABEL: [address_label]}
    if kind in always:
        return [write(each) for each in boxes for write in always[kind]]
    together = not all(each["declared"] for each in boxes)
    forms = [(each, _forms(each, now)) for each in ([found] if together else boxes)]
    if kind is not PaperKind.ALL:
        wanted = [form for _, of_one in forms for form in of_one.items()]
        return [paper for form, paper in wanted if kind is PaperKind.CUSTOMS or kind.value == form]
    if together:
        slips = [write(each) for each in boxes for write in (packing_slip, address_label)]
        return [*slips, *(paper for _, of_one in forms for paper in of_one.values())]
    return [paper for each, of_one in forms for paper in (packing_slip(each), address_label(each), *of_one.values())]


def _of_box(found: PapersView, box: BoxPapersView) -> PapersView:
    """Return what the papers of one box say: those of its shipment, of what is in it."""
    return {
        **found,
        "number": box["parcel_id"],
        "lines": box["lines"],
        "parcels": [box["tracking_number"]],
        "forms": box["forms"],
        "declared": box["declared"],
    }


def pick_list(found: PickListView, now: datetime) -> Paper:
    """List what to take from which shelf."""
    rows = [
        (
            row["shelf"] or "–", f"{row['title']}\n{row['sku']}", str(sum(box["pieces"] for box in boxes)),
            "\n".join(f"{box['shipment_number']} × {box['pieces']}" for box in boxes),
        )
        for row in found["rows"]
        for start in range(0, len(row["boxes"]), BOXES_IN_A_ROW)
        for boxes in [row["boxes"][start : start + BOXES_IN_A_ROW]]
    ]  # fmt: skip
    about = [f"{_count(found['pieces'], 'piece')} for {_count(len(found['shipments']), 'shipment')}."]
    if found["on_hold"]:
        about.append(f"Not on this list: {_count(found['on_hold'], 'shipment')} on hold.")
    if found["more"]:
        about.append("More shipments wait than fit on one list: print the next one when these are packed.")
    columns = (Column("Shelf", 3), Column("What", 8), Column("Pieces", 2, right=True), Column("Boxes", 5))
    return Paper(
        "Pick list",
        about,
        (Part("", rows=rows, columns=columns),),
        f"Pick list of {moment(rfc3339(now), found['time_zone'])}.",
    )


def packing_slip(found: PapersView) -> Paper:
    """Say what is in the box."""
    rows = [(line["title"], line["sku"], str(line["quantity"])) for line in found["lines"]]
    pieces = sum(line["quantity"] for line in found["lines"])
    columns = (Column("What", 8), Column("SKU", 4), Column("Pieces", 2, right=True))
    return Paper(
        "Packing slip",
        (f"Order {found['order_number']}.",),
        (
            Part("To", _address(found)),
            Part("In this box", rows=rows, columns=columns),
            Part(
                "",
                (
                    f"{_count(pieces, 'piece')}. Freight and duties are paid by us: 0.00 USD for you.",
                    "Something is wrong or missing? Write to us through Contact Us, with the number of the order.",
                ),
            ),
        ),
        f"Shipment {found['number']}, order {found['order_number']}.",
        codes=(ScanCode("code128", found["number"]), ScanCode("qr", found["order_number"])),
    )


def address_label(found: PapersView) -> Paper:
    """Say where the box goes, and where from."""
    return Paper(
        "",
        (),
        (Part("From", _sender(found)), Part("To", _address(found), large=True)),
        f"Order {found['order_number']}. {found['carrier'] or ''}".strip(),
        size="A6",
        codes=(ScanCode("code128", found["number"]), ScanCode("qr", found["order_number"])),
    )


def cn22(found: PapersView, declared: DeclarationView, now: datetime) -> Paper:
    """Declare a small packet of little value."""
    rows = [
        (
            f"{item['quantity']} × {item['title']}", _kilograms(item["net_weight_g"]), _money(item["value"]),
            f"{item['hs_code']}\n{item['origin_country']}",
        )
        for item in declared["items"]
    ]  # fmt: skip
    total = ("Total (gross weight, value)", _kilograms(declared["gross_weight_g"]), _money(declared["value"]), "")
    columns = (
        Column("Quantity and detailed description of contents", 7), Column("Weight", 3, right=True),
        Column("Value and currency", 4, right=True), Column("HS number, origin", 4),
    )  # fmt: skip
    return Paper(
        "CN 22",
        ("Customs declaration / Déclaration en douane", OFFICIAL, "[X] Sale of goods", *_ioss(found)),
        (
            Part("", rows=[*rows, total], columns=columns),
            Part("", (PAID_BY_SENDER, *CERTIFIED, _signed(found, now), ", ".join(_sender(found)))),
        ),
        f"CN 22 of shipment {found['number']}.",
        size="A6",
        codes=(ScanCode("code128", found["number"]),),
    )


def cn23(found: PapersView, declared: DeclarationView, now: datetime) -> Paper:
    """Declare a postal parcel, or a packet of more value."""
    return Paper(
        "CN 23",
        (
            "Customs declaration / Déclaration en douane", OFFICIAL,
            f"Item {', '.join(found['parcels']) or found['number']}, order {found['order_number']}.",
        ),
        (
            _both_ends(found),
            _goods(declared),
            Part("", rows=_weights(declared), columns=(Column("Total", 6), Column("", 3, right=True))),
            Part(
                "Category: [X] Sale of goods",
                (f"Comments: {PAID_BY_SENDER}", f"Commercial invoice: {found['number']}.", *_ioss(found)),
            ),
            Part("", (*CERTIFIED, _signed(found, now))),
        ),
        f"CN 23 of shipment {found['number']}.",
        codes=(ScanCode("code128", found["number"]),),
    )  # fmt: skip


def commercial_invoice(found: PapersView, declared: DeclarationView, now: datetime) -> Paper:
    """Tell customs what was sold, for how much, and who pays the duties."""
    country = found["destination"].get("country") or ""
    sums = [
        ("Goods", _money(declared["value"])), ("Freight", "0.00 USD"), ("Insurance", "0.00 USD"),
        ("Total", _money(declared["value"])),
    ]  # fmt: skip
    return Paper(
        "Commercial invoice",
        (
            f"Invoice {found['number']} of {_day(found, now)}, order {found['order_number']}.",
            f"Terms of delivery (Incoterms 2020): {found['incoterm']} {found['destination'].get('city')}, {country}.",
            "Reason for export: sale of goods.",
            *_ioss(found),
        ),
        (
            _both_ends(found),
            _goods(declared),
            Part("", rows=_weights(declared), columns=(Column("Weight", 6), Column("", 3, right=True))),
            Part("", rows=sums, strong=True),
            Part(
                "",
                (
                    PAID_BY_SENDER,
                    "The particulars of this invoice are true; it names all that is paid for the goods.",
                    _signed(found, now),
                ),
            ),
        ),
        f"Commercial invoice {found['number']}.",
        codes=(ScanCode("code128", found["number"]),),
    )  # fmt: skip


WRITTEN: Mapping[CustomsForm, Callable[[PapersView, DeclarationView, datetime], Paper]] = {
    CustomsForm.CN22: cn22, CustomsForm.CN23: cn23, CustomsForm.COMMERCIAL_INVOICE: commercial_invoice,
}  # fmt: skip


def _forms(found: PapersView, now: datetime) -> dict[CustomsForm, Paper]:
    """Return the forms that customs wants; none within a customs union."""
    if found["missing"]:
        lacking = [f"{each['sku']}: {LACKS[each['fact']]}" if each["sku"] else LACKS[each["fact"]]
                   for each in found["missing"]]  # fmt: skip
        details = {"shipment_number": found["number"], "missing": found["missing"]}
        raise FactsMissing(f"{found['number']} cannot be declared: {'; '.join(lacking)}.", details=details)
    declared = found["declared"]
    return {form: WRITTEN[form](found, declared, now) for form in found["forms"]} if declared else {}


def _goods(declared: DeclarationView) -> Part:
    rows = [
        (
            f"{item['title']}\n{item['sku']}", str(item["quantity"]), _kilograms(item["net_weight_g"]),
            item["hs_code"], item["origin_country"], _money(item["value"]),
        )
        for item in declared["items"]
    ]  # fmt: skip
    columns = (
        Column("Detailed description of contents", 7), Column("Quantity", 2, right=True),
        Column("Net weight", 3, right=True), Column("HS number", 3), Column("Origin", 2),
        Column("Value", 4, right=True),
    )  # fmt: skip
    return Part("", rows=rows, columns=columns)


def _weights(declared: DeclarationView) -> Sequence[tuple[str, str]]:
    return (
        ("Net weight", _kilograms(declared["net_weight_g"])),
        ("Gross weight", _kilograms(declared["gross_weight_g"])),
        ("Value", _money(declared["value"])),
    )


def _both_ends(found: PapersView) -> Part:
    columns = (Column("From", 1), Column("To", 1))
    return Part("", rows=[("\n".join(_sender(found)), "\n".join(_address(found)))], columns=columns)


def _sender(found: PapersView) -> list[str]:
    sent = found["sender"]
    return [sent["name"], sent["line1"], f"{sent['postal_code']} {sent['city']}", _country(sent["country"])]


def _address(found: PapersView) -> list[str]:
    to = found["destination"]
    town = " ".join(filter(None, (to.get("postal_code"), to.get("city"))))
    parts: Iterable[str | None] = (
        to.get("name"), to.get("company"), to.get("line1"), to.get("line2"), town, to.get("region"),
        _country(to.get("country") or ""),
    )  # fmt: skip
    return [part for part in parts if part]


def _country(code: str) -> str:
    """Return what posts call a country, its code behind it."""
    return f"{rules_of(code).name} ({code})" if code in countries() else code


def _ioss(found: PapersView) -> list[str]:
    return [f"IOSS number: {found['ioss_number']}"] if found["ioss_number"] else []


def _signed(found: PapersView, now: datetime) -> str:
    return f"{found['sender']['name']}, {_day(found, now)}. Signature: ____________________"


def _day(found: PapersView, now: datetime) -> str:
    """Return the day on which it was handed over, or today, as it is at the warehouse."""
    return day(found["dispatched_at"] or rfc3339(now), found["time_zone"])


def _kilograms(grams: int) -> str:
    return f"{grams // 1000}.{grams % 1000:03} kg"


def _money(amount: MoneyView) -> str:
    return f"{amount['amount']} {amount['currency']}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
