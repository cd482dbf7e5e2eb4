"""Every page has what keeps it safe and usable: policy, language, title, landmarks, and a name for each control."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gateway.app import create_app
from gateway.settings import GatewaySettings
from gateway.web.pages import PAGES, WEB
from services.common.basics import ids

pytestmark = pytest.mark.pure
ADDRESSES = {
    rule: rule.replace("<number(ORD):number>", ids.number(ids.ORDER, 0)).replace(
        "<number(TIC):number>", ids.number(ids.TICKET, 0)
    )
    for rule, name in PAGES.items()
    if name.endswith(".html") and name != "docs.html"
}


MOST_KILOBYTES = 80
MODULE = re.compile(r"""(?:from|import) "(\./[\w./-]+|/web/[\w./-]+)";""")


def scripts_of(page: str) -> set[Path]:
    """Return all script files that a page loads, with what they import."""
    found: set[Path] = set()
    shown = create_app(GatewaySettings.load({})).test_client().get(f"/web/{page}").get_data(as_text=True)
    left = [_file(each) for each in re.findall(r'src="/web/([\w./-]+)"', shown)]
    while left:
        if (file := left.pop()) not in found:
            found.add(file)
            names = MODULE.findall(file.read_text("utf-8"))
            left += [
                file.parent / name if name.startswith(".") else _file(name.removeprefix("/web/")) for name in names
            ]
    return {each.resolve() for each in found}


def _file(name: str) -> Path:
    """Return the file that is served as /web/<name>."""
    return WEB / name if name.startswith(("shop/", "design/")) else WEB / "customer" / name


@pytest.mark.parametrize("page", sorted({name for name in PAGES.values() if name.endswith(".html")} - {"docs.html"}))
def test_the_scripts_of_a_page_are_light(page: str) -> None:
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in scripts_of(page)}

    assert sum(sizes.values()) <= MOST_KILOBYTES * 1000, sizes


class Frame(HTMLParser):
    """The tags of a page with their attributes, and its title."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_a_page_is_safe_and_its_controls_have_names(address: str) -> None:
    answer = create_app(GatewaySettings.load({})).test_client().get(address)
    frame = Frame(answer.get_data(as_text=True))
    labelled = {each.get("for") for each in frame.all("label")}

    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert [each.get("lang") for each in frame.all("html")] == ["en"]
    assert len(frame.all("title")) == 1
    assert [each.get("id") for each in frame.all("main")] == ["main"]
    assert any(each.get("href") == "#main" for each in frame.all("a"))
    assert all(each.get("src") for each in frame.all("script")), "a script of its own would be refused"
    assert not [each for _, each in frame.tags if "style" in each or any(name.startswith("on") for name in each)]
    controls = [each for each in frame.all("input", "select", "textarea") if each.get("type") != "hidden"]
    assert not [each for each in controls if each.get("id") not in labelled and not each.get("aria-label")]


def test_all_pages_have_one_header_and_one_footer() -> None:
    client = create_app(GatewaySettings.load({})).test_client()
    addresses = [*ADDRESSES.values(), "/plain", "/shop/basket", "/shop/carrier", "/dev/mail", "/nowhere"]

    frames = {address: _frame(client.get(address, headers={"Accept": "text/html"}).text) for address in addresses}

    assert {address for address, frame in frames.items() if frame != frames["/promises"]} == set()
    assert all(
        client.get(address).status_code != 404 for address in re.findall(r'href="(/[^"]*)"', frames["/promises"])
    )


def _frame(page: str) -> str:
    """Return the header and the lists at the end of a page, without the mark of where one is."""
    header = page[page.index("<header>") : page.index("</header>")]
    lists = page[page.index('<ul class="vows"') : page.index("</footer>")]
    return (header + lists).replace(' aria-current="page"', "")


IMPORT = re.compile(r"""import \{([^}]*)\} from "(\.{1,2}/[\w./-]+|/web/[\w./-]+)";""")
EXPORT = re.compile(r"^export (?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)
EXPORTS = re.compile(r"export ?\{([^}]*)\}")
EXPORT_ALL = re.compile(r'export \* from "([^"]+)"')


def file_of(name: str, importer: Path) -> Path:
    """Return the file behind an address that a script imports."""
    if not name.startswith("/web/"):
        return (importer.parent / name).resolve()
    first, _, rest = name.removeprefix("/web/").partition("/")
    return WEB / first / rest if first in ("desk", "shop", "design") else WEB / "customer" / first / rest


def exports_of(file: Path) -> set[str]:
    text = file.read_text("utf-8")
    listed = [name.split(" as ")[-1].strip() for names in EXPORTS.findall(text) for name in names.split(",")]
    return {*EXPORT.findall(text), *listed}.union(
        *(exports_of(file_of(each, file)) for each in EXPORT_ALL.findall(text))
    )


def test_each_name_that_a_script_imports_is_there() -> None:
    wrong = [
        f"{script.relative_to(WEB)}: {name} of {source}"
        for script in WEB.glob("*/js/**/*.js")
        for names, source in IMPORT.findall(script.read_text("utf-8"))
        for name in (each.split(" as ")[0].strip() for each in names.split(","))
        if name and name not in exports_of(file_of(source, script))
    ]

    assert wrong == []
