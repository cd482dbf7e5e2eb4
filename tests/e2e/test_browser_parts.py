"""Parts of the pages, and of the API for pages, that only a real browser can try."""

from __future__ import annotations

import random
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from deploy.demo.client import Client
from deploy.demo.story import Demo
from services.common.basics import ids
from services.common.language import Texts
from tests.e2e.desk import look, too_wide
from tests.e2e.test_order_page import an_unpaid_order
from tests.openapi.house import House

EVENT_SOURCE = """async ([path, token]) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const given = await (await fetch(`${path}/live/tickets`, { method: "POST", headers })).json();
  const source = new EventSource(`${path}/live?ticket=${given.ticket}&last_event_id=none`);
  const seen = await new Promise((resolve, reject) => {
    source.addEventListener("entry", (event) => resolve(JSON.parse(event.data).type));
    source.onerror = () => reject(new Error("no stream"));
  });
  source.close();
  return seen;
}"""
FOLDED = """async (numbers) => {
  const { folded } = await import("/web/js/numbers.js");
  return numbers.map((number) => folded(number, "ORD"));
}"""
SAID = """async () => {
  const { parts, t, tn } = await import("/web/design/texts.js");
  const bold = document.createElement("b");
  return {
    counted: [0, 1, 2, 5, 22, 112, 1002].map((n) => tn("{n} piece", "{n} pieces", n)),
    said: [
      t("To {name}", { name: "<b>{n}</b>" }), t("Not there: {n}", { n: 0 }), t("Within {review}"), t("{nobody}"),
      t("constructor"),
    ],
    parts: parts("By {day}, {days}", { day: bold, days: ["a", ["b"]] }).map((each) => (each === bold ? "bold" : each)),
  };
}"""
POLISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\\n"

msgid "{n} piece"
msgid_plural "{n} pieces"
msgstr[0] "{n} sztuka"
msgstr[1] "{n} sztuki"
msgstr[2] "{n} sztuk"

msgid "To {name}"
msgstr "Do: {name}"

msgid "By {day}, {days}"
msgstr "{days} do {day}"
"""
SUMS = """async (lists) => {
  const { sum } = await import("/web/js/dom.js");
  return lists.map((amounts) => sum(amounts.map((amount) => ({ amount, currency: "USD" }))).amount);
}"""


def test_event_source_follows_an_order_by_ticket(page: Page, platform: str, demo: Demo) -> None:
    order = an_unpaid_order(demo)
    page.goto(platform)

    seen = page.evaluate(EVENT_SOURCE, [f"/v1/orders/{order['number']}", order["access_token"]])

    assert seen == "order_placed"


def test_an_expired_link_keeps_no_customer_from_writing(page: Page, platform: str) -> None:
    number = ids.new_number(ids.ORDER)
    page.goto(f"{platform}/contact?category=order&order_number={number}")
    page.evaluate("(number) => localStorage.setItem(`token:${number}`, 'ord_it-is-over')", number)
    for field, text in {"name": "Ada", "email": "ada@example.com", "subject": "Hello", "message": "Hello"}.items():
        page.fill(f"#{field}", text)

    page.get_by_role("button", name="Send").click()

    expect(page.locator("#ticket-number")).to_be_visible()


def test_scripts_say_what_the_catalogue_says(page: Page, platform: str, tmp_path: Path) -> None:
    (tmp_path / "pl.po").write_text(POLISH, "utf-8")
    known = Texts(tmp_path)
    texts = {"texts": known.translations("pl"), "terms": {"review": "1 dzień"}, "plural": known.forms("pl", 200)}
    link = '<link id="texts" rel="preload" as="fetch" href="/web/texts/customer/pl.json" crossorigin>'

    def in_polish(route: Route) -> None:
        html = route.fetch().text().replace('lang="en"', 'lang="pl"').replace("</head>", f"{link}</head>")
        route.fulfill(body=html, content_type="text/html")

    page.route(f"{platform}/promises", in_polish)  # the page alone: its scripts ask an address that ends alike
    page.route("**/pl.json", lambda route: route.fulfill(json=texts))
    page.goto(f"{platform}/promises")
    polish = page.evaluate(SAID)
    page.unroute("**/pl.json")  # nor is it on the platform
    page.goto(f"{platform}/promises")
    english = page.evaluate(SAID)

    forms = ["0 sztuk", "1 sztuka", "2 sztuki", "5 sztuk", "22 sztuki", "112 sztuk", "1002 sztuki"]
    assert polish["counted"] == forms
    assert polish["said"] == ["Do: <b>{n}</b>", "Not there: 0", "Within 1 dzień", "{nobody}", "constructor"]
    assert polish["parts"] == ["a", "b", " do ", "bold"]
    assert english["counted"][:3] == ["0 pieces", "1 piece", "2 pieces"]
    assert english["said"][::2] == ["To <b>{n}</b>", "Within 1 working day", "constructor"]


SPELLINGS = (
    "{}", "{}.", "#{}", " {} ", "№ {}", "({})", "Nr. {}", "{}/", "\u202a{}\u202c",
)  # fmt: skip
ARABIC, WIDE = (
    str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    str.maketrans("0123456789ABCDEF-", "０１２３４５６７８９ＡＢＣＤＥＦ－"),
)


def test_a_number_is_read_alike_in_the_browser(page: Page, platform: str) -> None:
    """In any case, with or without dashes and prefix, with marks around it, in other digits, with look-alikes."""
    draw = random.Random(7)
    numbers = [ids.new_number(ids.ORDER) for _ in range(200)] + [ids.new_number(ids.TICKET), "", "ORD-", "ORD-7K3M"]
    for number in numbers[:200]:
        place = draw.randrange(len(number))
        numbers += [
            number[:place] + draw.choice(ids.ALPHABET) + number[place + 1 :],
            draw.choice(SPELLINGS).format(
                draw.choice([number, number.lower(), number.replace("-", draw.choice("– _.")), number[4:]])
            ),
            number.translate(draw.choice([ARABIC, WIDE, str.maketrans("01", "OI"), str.maketrans("ABEK", "АВЕК")])),
        ]
    page.goto(platform)

    found = page.evaluate(FOLDED, numbers)

    assert dict(zip(numbers, found, strict=True)) == {each: ids.fold_number(each, ids.ORDER) or "" for each in numbers}


def test_the_front_page_mails_a_link_and_says_the_same_to_all(page: Page, platform: str, demo: Demo) -> None:
    number = an_unpaid_order(demo)["number"]
    page.goto(platform)
    page.fill("#order_number", f" #{number.lower().replace('-', '')}. ")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#email-error")).to_contain_text("needed")
    said = []

    for email in ("stranger@example.com", demo.email):
        page.fill("#email", email)
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#found")).to_contain_text(email)
        said.append(page.locator("#found").inner_text().replace(email, "…"))

    assert said[0] == said[1]
    page.goto(demo.guest.mail_link(demo.email, f"/orders/{number}", containing="You asked for a new link"))
    expect(page.locator("#goods")).to_be_visible()


def test_amounts_are_added_to_the_cent(page: Page, platform: str) -> None:
    draw = random.Random(7)
    cents = [[draw.randrange(10**12) for _ in range(draw.randrange(1, 9))] for _ in range(100)] + [[1], [10, 20]]
    page.goto(platform)

    sums = page.evaluate(SUMS, [[f"{each // 100}.{each % 100:02}" for each in list_] for list_ in cents])

    assert sums == [f"{sum(list_) // 100}.{sum(list_) % 100:02}" for list_ in cents]


def test_the_longest_words_fit_a_phone(page: Page, platform: str, demo: Demo) -> None:
    """Thai has no blanks between words, German long ones; neither makes the page wider than the phone."""
    thai = "กรุงเทพมหานครอมรรัตนโกสินทร์มหินทรายุธยามหาดิลกภพนพรัตนราชธานี"
    title = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    admin, sku = demo.as_staff("admin"), f"LONG-{demo.run.upper()}"
    admin.put(f"/v1/products/{sku}", {"title": title, "price": {"amount": "123456.78", "currency": "USD"}})
    admin.post(f"/v1/products/{sku}/stock", {"delta": 9, "reason": "made for the test"})
    wish = demo.wish([{"sku": sku, "quantity": 2}])
    wish["delivery"] |= {"name": thai, "line1": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"}
    order = demo.guest.post("/v1/orders", wish)
    page.set_viewport_size({"width": 390, "height": 800})

    page.goto(f"{platform}/orders/{order['number']}#token={order['access_token']}")
    expect(page.locator("table.goods")).to_contain_text(title)

    for width in (390, 320):
        look(page, "light", width)
        assert too_wide(page) == [], width


def test_nothing_is_expected_of_a_lost_parcel(page: Page, platform: str, staff: dict[str, Client]) -> None:
    bought, _ = House(platform, staff).lost_order()

    page.goto(f"{platform}/orders/{bought.number}#token={bought.order['access_token']}")

    expect(page.locator("#delivery h3")).to_have_text("Lost")
    expect(page.locator("#delivery")).not_to_contain_text("Expected between")
    expect(page.locator("#delivery")).not_to_contain_text("may come later")
