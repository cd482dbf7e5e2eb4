"""Texts for customers: every sentence is in its catalogue, and every translation can be filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from deploy.checks import refusals, scripts, texts
from services.promised import promised

pytestmark = pytest.mark.pure
MAILS = texts.ROOT / "services/support/adapters/mail"
TO_STAFF = {"banking.py", "ladder.py", "staff.py"}
NO_TEXT = {"__init__.py", "sending.py", "composing.py", "html.py"}
NAMES = {"_CARRIERS", "_SIGNS", "WHO", "plain_device", "_case"}
"""What is no sentence for customers: names of carriers and browsers, the case that staff are told of, and of whom."""
FORMS = texts.ROOT / "gateway/web/forms"
TO_US = (
    "Order number as typed: '",
    "'Withdrawal from the purchase.'",
    "'This form was not sent from one of our pages.'",
)
"""What plain pages write to our staff, and what is said to programs."""
SPACED = re.compile(r"[A-Za-z]{2,}[,:.]? [A-Za-z]{2,}")
SENTENCE = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}|\b[A-Z][a-z]+\b")


@pytest.mark.parametrize("room", texts.rooms(), ids=lambda room: room.name)
def test_the_catalogues_are_up_to_date(room: Path) -> None:
    sentences = texts.template(room)

    assert (room / "locale" / texts.TEMPLATE).read_text("utf-8") == texts.written(sentences, head=False), "make texts"
    for file in (room / "locale").glob("*.po"):
        renewed = texts.renewed(file, sentences)
        assert file.read_text("utf-8") == texts.written(renewed, head=True), f"{file.name}: make texts"
        assert [*texts.problems(renewed)] == []


def test_a_translation_has_only_the_values_of_its_sentence() -> None:
    catalogue = Catalog("de")
    catalogue.add("Your order: {number}", "Ihre Bestellung: {nummer}")
    catalogue.add(("{count} piece", "{count} pieces"), ("ein Stück", "{count} {Stück"))
    catalogue.add("Hello {name},", "Guten Tag,")
    catalogue.add("Write {ticket.number}", "Schreiben Sie {ticket.number}")
    catalogue.add('<a href="/help">Help</a>', '<a href="/help" onclick="x()">Hilfe</a>')

    assert [*texts.problems(catalogue)] == [
        "'Your order: {number}' has no nummer",
        "'{count} piece' has no Stück",
        """'<a href="/help">Help</a>' has no <a href="/help" onclick="x()">""",
    ]


def test_a_new_language_begins_with_every_sentence(tmp_path: Path) -> None:
    sentences = texts.template(MAILS)
    file = tmp_path / "pt-BR.po"
    file.write_text(texts.written(Catalog("pt_BR", fuzzy=False), head=True), "utf-8")

    begun = texts.renewed(file, sentences)
    file.write_text(texts.written(begun, head=True), "utf-8")

    with file.open("rb") as opened:
        read = read_po(opened)
    assert {str(each.id) for each in read} - {""} == {str(each.id) for each in sentences} - {""}
    assert len(sentences) > 250


def test_a_mail_takes_each_sentence_from_its_catalogue() -> None:
    found = [said for path in sorted(MAILS.glob("*.py")) if path.name not in TO_STAFF | NO_TEXT for said in bare(path)]

    assert found == []


def test_a_plain_page_takes_each_sentence_from_its_catalogue() -> None:
    pages = [*sorted(FORMS.glob("*.py")), texts.ROOT / "gateway/http/error_page.py"]

    assert [said for path in pages for said in bare(path, SPACED) if not said.endswith(TO_US)] == []


def test_a_sentence_that_goes_past_the_catalogue_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("""
def to_staff(number: str) -> Mail:
    return Mail("For staff alone", "", "", "", Link.DESK)

@for_customers
def told(number: str) -> Mail:
    return Mail(_("Said"), f"Your order: {number}", "we tell you", "wait", Link.ORDER)
""")

    assert [*bare(planted)] == ["planted.py:7 'Your order: '", "planted.py:7 'we tell you'"]


def test_a_script_is_read_within_templates_and_arguments() -> None:
    script = """
        html`<p>It's ${t("One")} ${ok ? html`<b title=${t("Two {x}", { x: t("Three") })}>t("text")</b>` : ""} "odd</p>`;
        t("Four " + "five", { day: a / b / c }); said.replace(/"/g, t("Six")); tn("{n} a", "{n} b", all.length, { x });
        // t("a comment")
        el("p", {}, ...parts("Seven {node}", { node: el("b", {}, t("Eight")) }));
        other.t("no"); function t(text) {} t(`no`); t(name);
    """

    found = [sentences for _line, _name, sentences, _inside in scripts.spoken(script)]

    assert found == [
        ["One"], ["Two {x}"], ["Three"], ["Four five"], ["Six"], ["{n} a", "{n} b"], ["Seven {node}"], ["Eight"],
    ]  # fmt: skip


def test_a_script_gives_each_value_that_its_sentence_names() -> None:
    known = {"n", *promised()}
    missing = [
        f"{path.name}:{line} {name}"
        for path in (texts.ROOT / "gateway/web").glob("*/js/**/*.js")
        for line, _call, sentences, given in scripts.spoken(path.read_text("utf-8"))
        for sentence in sentences
        for name in re.findall(r"\{(\w+)\}", sentence)
        if given is not None and name not in known | given
    ]

    assert missing == []


def test_a_script_imports_what_it_says_a_sentence_with() -> None:
    said = {
        path: {call for _line, call, _sentences, _given in scripts.spoken(path.read_text("utf-8"))}
        for path in (texts.ROOT / "gateway/web").glob("*/js/**/*.js")
    }
    imported = re.compile(
        r'import \{([^}]*)\} from "(?:/web/design/texts|\.\.?/parts)\.js";'
    )  # parts.js of the desk hands it on

    assert [
        f"{path.name}: {call}"
        for path, calls in said.items()
        for call in calls
        if call not in re.findall(r"\w+", " ".join(imported.findall(path.read_text("utf-8"))))
    ] == []


def test_what_the_api_refuses_with_is_in_the_catalogue() -> None:
    """Where it is declared, where it is raised with its values, and what comes of the library."""
    found = refusals.sentences()

    assert len(found) > 400
    assert {
        "There is no such order, or it is not yours.",
        "not enough of {sku} is left",
        "the order is {status}",
        "the last day was {last_day}",
        "{text} is no postal code of {country}",
        "The order is cancelled. Nothing was charged.",
        "Not for this kind.",
        "Must be one of: {choices}.",
    } <= {*found}
    assert not [each for each in found if each.startswith("POST ")]


def bare(path: Path, looks_like: re.Pattern[str] = SENTENCE) -> Iterator[str]:
    """Yield the sentences of a module that are no argument of `_`, `N_` or `ngettext`, but for mails to staff."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body:
        if getattr(node, "name", None) in NAMES or _is_to_staff(node) or _assigned(node) in NAMES:
            continue
        yield from (
            f"{path.name}:{each.lineno} {each.value!r}"
            for each in _literals(node)
            if looks_like.search(str(each.value))
        )


def _is_to_staff(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
        return False
    return ast.unparse(node.returns) == "Mail" and not node.decorator_list


def _assigned(node: ast.stmt) -> str:
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) in (*texts.KEYWORDS, "re.compile"):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child
        elif child is not getattr(node, "annotation", None):
            yield from _literals(child)
