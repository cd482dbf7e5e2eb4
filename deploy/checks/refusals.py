"""The sentences with which the API says no, for the catalogue: they are told in the language of who asks.

They stand where they are raised and at the classes of refusals, in the services and in the gateway; those of libraries
come from the libraries. A value within one is named by what is put in: f"the order is {order.status}" is
"the order is {status}". `make texts` takes them from here; `gateway.http.words.retold` looks them up.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from marshmallow import fields, validate
from werkzeug.exceptions import default_exceptions

from gateway.http.errors import CODE_OF_STATUS
from services.common.edge import fields as ours

ROOT = Path(__file__).parents[2]
NOT_HEARD = ("tests", "testing", "migrations", "tracing", "mail", "mailbox")
"""Rooms whose refusals reach nobody who reads a page."""
LETTERS = 8
"""A sentence with values needs as many letters of its own: "{thing} is {status}" would be found in any other."""
_FROM_LIBRARY = (
    fields.Field, fields.String, fields.Integer, fields.Number, fields.Boolean, fields.List, fields.Nested,
    fields.DateTime, fields.Date, fields.UUID, fields.Enum, fields.Mapping,
)  # fmt: skip
_SAID_BY = {
    "Wrong": 0, "ValidationError": 0, "Pattern": 1, "Refused": 2, "Malformed": 0, "cls": 0,
    "Some": 1, "NotBoth": 1, "Either": 1,
}  # fmt: skip
"""Which argument of a call is a sentence, besides those of refusals, where it is the first."""
_STEPS = {"moved": 3, "require_status": 2}
"""Which argument of `basics.states` names the thing that is not where the step begins."""
_KEYWORDS = ("complaint", "forbidden", "error")
"""What is said of a rule that is broken."""
_NAMED = ("message", "next")
"""What stands in a document beside the sentence of a refusal."""
_DOUBTS = ("address_doubts", "_region_objections", "_postal_objections")
"""What says which field of an address is doubtful, and why."""
_MAY_SAY = re.compile(
    r'message(:[^=\n]*)? = |"(message|next)"|complaint|forbidden|error=|raise |Wrong\(|Pattern\(|doubts\('
)
"""What stands in a file with such a sentence: the others are not parsed."""
_NO_NAMES = ("value", "isoformat", "join", "str", "sorted", "", "document")


@cache
def sentences() -> list[str]:
    """Return all of them, those of the platform first as they stand in its files."""
    found = dict.fromkeys(said for path in _files() for said in _Told(_tree(path)).sentences())
    return [each for each in dict.fromkeys([*found, *_of_library()]) if _is_plain(each)]


def _is_plain(sentence: str) -> bool:
    own = re.sub(r"\{\w+\}", "", sentence)
    return (
        " " in sentence
        and not sentence.startswith("POST ")
        and (own == sentence or sum(map(str.isalpha, own)) >= LETTERS)
    )


@cache
def _files() -> list[Path]:
    found = (path for top in ("gateway", "services") for path in sorted((ROOT / top).rglob("*.py")))
    heard = (path for path in found if not {*path.relative_to(ROOT).parts} & {*NOT_HEARD})
    return [path for path in heard if _MAY_SAY.search(path.read_text("utf-8"))]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _refusals() -> frozenset[str]:
    """Return the names of all classes that are a ServiceError."""
    parents = {
        node.name: {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}
        for path in _files()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
    }
    known = {"ServiceError"}
    while more := {name for name, bases in parents.items() if bases & known} - known:
        known |= more
    return frozenset(known)


class _Told:
    """A module, and what its constants say."""

    def __init__(self, tree: ast.Module):
        self._tree = tree
        assigned = (node for node in tree.body if isinstance(node, ast.Assign))
        self._constants = {getattr(node.targets[0], "id", ""): node.value for node in assigned}
        self._functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def sentences(self) -> Iterator[str]:
        for node in ast.walk(self._tree):
            match node:
                case ast.keyword(arg=name) | ast.AnnAssign(target=ast.Name(id=name)) if name in _KEYWORDS:
                    yield from self._each([node.value])
                case ast.ClassDef() if node.name in _refusals():
                    yield from self._each(_messages(node))
                case ast.Call(func=ast.Name(id=name)) if name in _STEPS:
                    yield from (f"{said} is {{status}}" for said in self._each(node.args[_STEPS[name] :][:1]))
                case ast.Call(func=ast.Name(id=name)) if name in _SAID_BY or name in _refusals():
                    yield from self._each(node.args[_SAID_BY.get(name, 0) :][:1])
                case ast.Dict():
                    named = zip(node.keys, node.values, strict=True)
                    yield from self._each([each for name, each in named if getattr(name, "value", "") in _NAMED])
                case ast.FunctionDef() if node.name in _DOUBTS:
                    yield from self._each(
                        [each for each in ast.walk(node) if isinstance(each, ast.List | ast.ListComp)]
                    )

    def _each(self, nodes: Iterable[ast.AST | None]) -> Iterator[str]:
        """Yield the sentences of arguments: a string, a constant, one of two, those of a list or by field."""
        for node in nodes:
            match node:
                case ast.Constant(value=str(said)):
                    yield said
                case ast.JoinedStr():
                    yield _filled(node)
                case ast.Name() if node.id in self._constants:
                    yield from self._each([self._constants[node.id]])
                case ast.IfExp():
                    yield from self._each([node.body, node.orelse])
                case ast.Dict(values=several) | ast.List(elts=several) | ast.Tuple(elts=several):
                    yield from self._each(several)
                case ast.ListComp():
                    yield from self._each([node.elt])
                case ast.Call(func=ast.Attribute(attr="fromkeys")):
                    yield from self._each(node.args[1:])
                case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                    returned = ast.walk(self._functions[name])
                    yield from self._each([each.value for each in returned if isinstance(each, ast.Return)])


def _messages(node: ast.ClassDef) -> Iterator[ast.expr | None]:
    """Yield what a class assigns to `message`."""
    for each in node.body:
        match each:
            case ast.Assign(targets=[ast.Name(id="message")]) | ast.AnnAssign(target=ast.Name(id="message")):
                yield each.value


def _filled(node: ast.JoinedStr) -> str:
    """Return the sentence of an f-string, with its values named."""
    parts, names = [], dict[str, str]()
    for each in node.values:
        if isinstance(each, ast.FormattedValue):
            known = names.setdefault(ast.unparse(each.value), _name(each.value, {*names.values()}))
            parts.append(f"{{{known}}}")
        else:
            parts.append(str(each.value) if isinstance(each, ast.Constant) else "")
    return "".join(parts)


def _name(value: ast.expr, taken: set[str]) -> str:
    """Return what a value is called: by the last name that says what it is."""
    known = [getattr(each, "attr", getattr(each, "id", "")) for each in ast.walk(value)]
    name = next((each.lower().strip("_") for each in known if each and each not in _NO_NAMES), "value")
    return name if name not in taken else f"{name}_{len(taken)}"


def _of_library() -> Iterator[str]:
    for kind in (*_FROM_LIBRARY, *(each for each in vars(ours).values() if isinstance(each, type))):
        yield from getattr(kind, "default_error_messages", {}).values()
    yield from ("Must be one of: {choices}.", "Unknown field.", "Invalid input type.")
    length, within = validate.Length, validate.Range(min=0, max=0)
    yield from (length.message_min, length.message_max, length.message_all, length.message_equal)
    yield from (within.message_min, within.message_max, within.message_all)
    yield validate.Regexp.default_message
    yield from (
        str(default_exceptions[status].description) for status in CODE_OF_STATUS if status in default_exceptions
    )
