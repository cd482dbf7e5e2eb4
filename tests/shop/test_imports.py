"""An import changes what it names and nothing else, whatever program wrote the file."""

from __future__ import annotations

import uuid
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from services.orders.handlers.sheets import read_sheet
from tests.shop.conftest import Shop, usd

SAMPLES = Path(__file__).parent / "samples"


def load(shop: Shop, text: str | bytes) -> requests.Response:
    body = text.encode() if isinstance(text, str) else text
    return shop.ask("POST", "/products/import", role="admin", data=body, headers={"Content-Type": "text/csv"})


def sample(shop: Shop, name: str) -> dict[str, Any]:
    answer = load(shop, (SAMPLES / f"{name}.csv").read_bytes())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def product(shop: Shop, sku: str) -> dict[str, Any]:
    answer = shop.ask("GET", f"/products/{quote(sku, safe='')}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def complaints(answer: requests.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["field"] for error in answer.json()["errors"]]


FACTS: dict[str, Any] = {
    "weight_g": 321, "origin_country": "PT", "hs_code": "691200", "description": "By hand.", "materials": "Clay",
    "usage": "Wash it.", "parameters": {"Colour": "blue", "Glaze": "matt"}, "matches": ["OTHER"], "active": False,
}  # fmt: skip


def test_an_import_leaves_alone_what_it_does_not_name(shop: Shop) -> None:
    shop.stocked("KEEP", 3, "9.00", **FACTS)
    before = product(shop, "KEEP")

    assert load(shop, "sku,title,price\nKEEP,A new name,10.00\n").json()["imported"] == 1

    after = product(shop, "KEEP")
    assert after["title"] == "A new name"
    assert after["price"] == usd("10.00")
    same = {*before} - {"title", "price", "version"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert shop.order(("KEEP", 1)).status_code == 422


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("title", "Other", "title", "Other"), ("price", "3.00", "price", usd("3.00")),
        ("weight_g", "7", "weight_g", 7), ("origin_country", "CN", "origin_country", "CN"),
        ("hs_code", "6912.00.10", "hs_code", "69120010"), ("description", "Short.", "description", "Short."),
        ("materials", "Tin", "materials", "Tin"), ("usage", "Use.", "usage", "Use."),
        ("matches", "A B", "matches", ["A", "B"]), ("matches", "TS 01 L|ABC/1", "matches", ["TS 01 L", "ABC/1"]),
        ("active", "yes", "active", True), ("stock", "9", "available", 9),
        ("parameter:Colour", "red", "parameters", {"Colour": "red", "Glaze": "matt"}),
    ],
)  # fmt: skip
def test_one_column_changes_one_fact(shop: Shop, column: str, cell: str, field: str, value: object) -> None:
    sku = f"ONE-{column[:3]}-{len(cell)}"
    shop.stocked(sku, 3, "9.00", **FACTS)
    before = product(shop, sku)

    assert load(shop, f"sku,{column}\n{sku},{cell}\n").status_code == 200

    after = product(shop, sku)
    assert after[field] == value
    assert {name for name in after if after[name] != before[name]} - {"version"} == {field}


def test_an_empty_cell_says_nothing_and_a_repeat_changes_nothing(shop: Shop) -> None:
    shop.stocked("BLANK", 3, "9.00", **FACTS)
    before = product(shop, "BLANK")

    answer = load(shop, "sku,title,price,active,weight_g,stock\nBLANK,,9.00,,,3\n").json()

    assert (answer["imported"], answer["unchanged"]) == (1, 1)
    assert product(shop, "BLANK") == before


def test_all_wrong_rows_are_named_up_to_a_limit(shop: Shop) -> None:
    rows = "".join(f"BAD-{place},,free\n" for place in range(30))
    some = load(shop, "sku,title,price\nOK-1,Fine,1.00\nB-1,Bad,free\nOK-2,Fine,1.00\nB-2,,2.00\n<>,X,1.00\n")

    many = load(shop, f"sku,title,price\n{rows}")

    assert complaints(some) == ["3.price", "6.sku", "5.title"]
    assert (len(complaints(many)), many.json()["more"]) == (20, 10)
    assert shop.ask("GET", "/products/OK-1").status_code == 404


def test_the_same_sku_or_column_twice_is_refused(shop: Shop) -> None:
    assert complaints(load(shop, "sku,title,price\nCS-1,A,1.00\nX,X,1.00\ncs-1,B,2.00\n")) == ["4.sku"]
    assert complaints(load(shop, "sku,title,Price,price\nCS-1,A,1.00,2.00\n")) == ["header.price"]
    assert complaints(load(shop, "sku,weight g,Weight_G,title,price\nCS-1,1,2,A,1.00\n")) == ["header.weight_g"]


def test_skus_in_another_case_are_the_same_product(shop: Shop) -> None:
    load(shop, "sku,title,price,stock\nCase-Mug,A,1.00,5\n")

    load(shop, "sku,title\ncase-mug,B\n")
    ordered = shop.order(("CASE-MUG", 1))
    twice = shop.order(("CASE-MUG", 1), ("case-mug", 1))

    assert product(shop, "cASE-mUG")["title"] == "B"
    assert product(shop, "cASE-mUG")["sku"] == ordered.json()["lines"][0]["sku"] == "Case-Mug"
    assert twice.status_code == 422


@pytest.mark.parametrize("sku", ["ABC/123", "TS 01 L", "CAB.S&M.10", "ÄB-1", "SKU+1", "кр-1", "茶#1?", "A/B/C"])
def test_a_real_sku_is_taken_and_reachable_by_its_url(shop: Shop, sku: str) -> None:
    assert load(shop, f"sku,title,price,stock\n{sku},Real,1.00,2\n").status_code == 200, sku
    path = f"/products/{quote(sku, safe='')}"

    assert shop.ask("GET", path).json()["sku"] == sku
    assert shop.ask("PUT", path, role="admin", json={"title": "Other", "price": usd("2.00")}).status_code == 200
    assert shop.adjust(sku, 1).json()["on_hand"] == 3
    assert shop.stock(sku)["sku"] == sku
    assert shop.order((sku, 1)).status_code == 201


@pytest.mark.parametrize("sku", ["..", "A/../B", "A//B", "A/stock", '"', "A%20", "-A", "A\u200bB"])
def test_what_could_not_be_reached_is_no_sku(shop: Shop, sku: str) -> None:
    assert load(shop, f"sku;title;price\n{sku.replace(chr(34), chr(34) * 4)};X;1.00\n").status_code == 422


def test_other_columns_are_not_published_but_named(shop: Shop) -> None:
    answer = load(shop, "sku,title,price,Cost per item,Supplier,Parameter: Colour\nCOST,A,9.00,2.10,x,red\n").json()

    assert answer["ignored_columns"] == ["Cost per item", "Supplier"]
    assert product(shop, "COST")["parameters"] == {"Colour": "red"}


FORMS = {
    "semicolons": "sku;title;price\nFORM;A, b;9,50\n",
    "tabs": "sku\ttitle\tprice\nFORM\tA, b\t9.50\n",
    "bars": "sku|title|price\nFORM|A, b|9.50\n",
    "two byte order marks": '\ufeff\ufeffsku,title,price\r\nFORM,"A, b",9.50\r\n',
    "header case": 'SKU , TITLE,Price\nFORM,"A, b",9.5\n',
    "empty rows and columns": 'sku,title,price,,\n\n,,,,\nFORM,"A, b",9.50,,\n,,,,\n,,\n',
    "short rows": 'sku,title,price,usage\nFORM,"A, b",9.50\n',
    "separator line": "sep=;\nsku;title;price\nFORM;A, b;9.50\n",
    "title above": 'Our products,,\n,,\nsku,title,price\nFORM,"A, b",9.50\n',
    "old line ends": 'sku,title,price\rFORM,"A, b",9.50\r',
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_file_does_not_matter(shop: Shop, form: str) -> None:
    load(shop, "sku,title,price\nFORM,Before,1.00\n")

    answer = load(shop, FORMS[form])

    assert answer.status_code == 200, answer.text
    assert product(shop, "FORM")["title"] == "A, b"
    assert product(shop, "FORM")["price"] == usd("9.50")


def test_excels_unicode_text_is_read(shop: Shop) -> None:
    assert load(shop, "sku\ttitle\tprice\nUTF-16\tGrün\t9.50\n".encode("utf-16")).status_code == 200
    assert product(shop, "UTF-16")["title"] == "Grün"


def test_many_products_are_taken_at_once_and_once(shop: Shop) -> None:
    shop.stocked("BULK-7", 2, "9.00", title="Known", weight_g=5)
    text = "sku,title,price,stock\n" + "".join(
        f"BULK-{each},The {each},{each + 1}.00,{'3' * (each < 9)}\n" for each in range(500)
    )
    sent = partial(shop.ask, "POST", "/products/import", role="admin", data=text)
    csv = {"Content-Type": "text/csv", "Idempotency-Key": uuid.uuid4().hex}

    first, again, anew = (sent(headers=each) for each in (csv, csv, {"Content-Type": "text/csv"}))

    assert [each.status_code for each in (first, again, anew)] == [200] * 3, first.text
    assert (first.json()["imported"], first.json()["unchanged"]) == (500, 0)
    assert first.json() == again.json()
    assert anew.json()["unchanged"] == 500
    assert [shop.stock(f"BULK-{each}")["on_hand"] for each in (7, 8, 499)] == [3, 3, 0]
    assert product(shop, "BULK-7")["weight_g"] == 5


TOO_LONG = "sku\n" + "A\n" * 1001


@pytest.mark.parametrize("text", ["", "title\nA\n", "sku,title\n", 'sku,title\n"A,b\n', "sku\nA\0\n", TOO_LONG])
def test_what_is_no_table_of_products_is_refused(shop: Shop, text: str) -> None:
    answer = load(shop, text)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_csv")


def test_cells_beyond_the_header_are_refused_by_row(shop: Shop) -> None:
    assert complaints(load(shop, "sku,title,price\nW-1,A,1.00\nW-2,B,1.00,oops\n")) == ["3"]


def test_shopifys_export_is_taken_as_it_comes(shop: Shop) -> None:
    report = sample(shop, "shopify")

    red, blue, slippers = (product(shop, sku) for sku in ("SCARF/R S", "SCARF/B L", "00417"))
    assert (report["format"], report["imported"]) == ("shopify", 3)
    assert [(row["row"], row["reason"]) for row in report["left_out"]] == [
        (4, "an image, no product"), (6, "a gift card, not goods"), (7, "no SKU"), (8, "no price"),
    ]  # fmt: skip
    assert {"Vendor", "Cost per item", "Tags", "Image Src"} <= {*report["ignored_columns"]}
    assert (red["title"], red["price"], red["weight_g"]) == ("Wool scarf – Red / S", usd("29.90"), 210)
    assert (red["parameters"], red["description"]) == ({"Colour": "Red", "Size": "S"}, "Warm & soft.\n180 cm")
    assert (red["available"], blue["available"], blue["price"]) == (7, 0, usd("31.50"))
    assert (blue["title"], blue["description"]) == ("Wool scarf – Blue / L", "Warm & soft.\n180 cm")
    assert (slippers["title"], slippers["active"], slippers["available"]) == ("Felt slippers", False, 0)


def test_shopifys_new_template_with_a_title_line_is_taken(shop: Shop) -> None:
    report = sample(shop, "shopify_new")

    assert (report["format"], report["imported"], report["left_out"]) == ("shopify", 2, [])
    assert (product(shop, "LS-M")["title"], product(shop, "LS-S")["available"]) == ("Linen shirt – M", 4)
    assert "Cost per item" in report["ignored_columns"]


def test_woocommerces_export_is_taken_as_it_comes(shop: Shop) -> None:
    report = sample(shop, "woocommerce")

    red, blue, hoodie, beanie = (product(shop, sku) for sku in ("tee-v-red", "tee-v-blue", "Hood.Logo", "beanie"))
    assert (report["format"], report["imported"]) == ("woocommerce", 4)
    assert [(row["sku"], row["reason"]) for row in report["left_out"]] == [
        ("tee-v", "the parent of variants, which are products of their own"), ("album", "not shipped"),
        ("collection", "a group of other products"), ("pennant", "sold elsewhere"),
    ]  # fmt: skip
    assert (red["price"], red["weight_g"], red["description"]) == (usd("20.00"), 227, "A tee.")
    assert (red["available"], red["parameters"]) == (5, {"Color": "Red"})
    assert (blue["price"], blue["available"], blue["weight_g"]) == (usd("15.00"), 0, 227)
    assert (hoodie["title"], hoodie["description"]) == ('Hoodie, "Logo"', "Warm\nhoodie")
    assert (hoodie["price"], hoodie["matches"], hoodie["weight_g"]) == (usd("45.50"), ["tee-v-red"], 907)
    assert (beanie["price"], beanie["active"]) == (usd("20.00"), False)
    assert "Purchase note" in report["ignored_columns"]


def test_an_export_that_is_loaded_again_changes_nothing(shop: Shop) -> None:
    sample(shop, "woocommerce")

    assert sample(shop, "woocommerce")["unchanged"] == 4


def test_a_search_finds_any_case_accent_and_script(shop: Shop) -> None:
    titles = ["ÉCHARPE en laine", "Кружка синяя", "STRASSENSCHUH", "Ｆｕｌｌ width", "Ёлка"]
    for place, title in enumerate(titles):
        shop.stocked(f"FIND-{place}", 0, title=title)
    wanted = {
        "écharpe": 0, "echarpe": 0, "E\u0301CHARPE": 0, "кружка": 1, "КРУЖКА": 1, "straßenschuh": 2, "full": 3,
        "елка": 4, "find-2": 2,
    }  # fmt: skip

    for q, place in wanted.items():
        found = shop.ask("GET", "/products", params={"q": q}).json()["items"]
        assert [item["title"] for item in found] == [titles[place]], q
    assert shop.ask("GET", "/products", params={"q": "100%_"}).json()["items"] == []


cells = st.text(alphabet=st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(cells, min_size=2, max_size=5), min_size=1, max_size=5), st.sampled_from(",;\t|"))
def test_no_table_that_a_program_writes_breaks_the_reader(rows: list[list[str]], delimiter: str) -> None:
    quoted = [["sku", *(f"c{place}" for place in range(4))], *rows]
    text = "\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in quoted)

    expected = [number for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    if expected:
        assert [row.number for row in read_sheet(text).rows] == expected


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("sku,title,price\n1.23457E+12,Mug,1.00\n", "2.sku"),  # Excel shortened a bar code
        ('sku;title;price\n"1,23457E+12";Mug;1,00\n', "2.sku"),
        ("sku,title,price,currency\nEUR-1,Mug,1.00,EUR\n", "2.currency"),
    ],
)
def test_what_would_be_read_wrongly_is_refused(shop: Shop, text: str, wrong: str) -> None:
    assert complaints(load(shop, text)) == [wrong]


def test_a_country_may_be_written_in_small_letters(shop: Shop) -> None:
    text = "sku,title,price,currency,origin_country\nSMALL-1,Mug,1.00,usd,pt\n"

    assert load(shop, text).json()["ignored_columns"] == []
    assert product(shop, "SMALL-1")["origin_country"] == "PT"
