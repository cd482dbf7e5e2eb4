"""What the fields of a request demand of each other, as JSON Schema: so that a body that fits the schema is accepted.

    class AnswerChange:
        fits: ClassVar[Rule] = when("decision", "accept", needs("option"))

The class itself holds to it in `__post_init__`; this says it to whoever reads the document. Nothing else than `if`,
`then` and `else` stands at the top of a rule: those who make clients of the document take them for what they are.
"""

from __future__ import annotations

from collections.abc import Mapping

Rule = Mapping[str, object]


def needs(*names: str) -> Rule:
    """All of these fields are there."""
    return {"required": [*names]}


def without(*names: str) -> Rule:
    """None of these fields is there."""
    return {"not": {"anyOf": [needs(name) for name in names]}}


def needs_only(wanted: tuple[str, ...], of: tuple[str, ...]) -> Rule:
    """Of these fields, all that are wanted are there, and no other."""
    others = [name for name in of if name not in wanted]
    return {**needs(*wanted), **(without(*others) if others else {})}


def when(field: str, value: str, then: Rule, otherwise: Rule | None = None) -> Rule:
    """`then` holds where the field has that value, `otherwise` where it has not."""
    rule: dict[str, object] = {"if": {"properties": {field: {"const": value}}, "required": [field]}, "then": then}
    return rule if otherwise is None else {**rule, "else": otherwise}


def when_given(field: str, then: Rule, otherwise: Rule) -> Rule:
    """`then` holds where the field is there, `otherwise` where it is not."""
    return {"if": needs(field), "then": then, "else": otherwise}


def some(field: str, other: str) -> Rule:
    """At least one of two lists has something in it."""
    filled = {"properties": {field: {"minItems": 1}}, "required": [field]}
    return {"if": filled, "then": True, "else": {"properties": {other: {"minItems": 1}}, "required": [other]}}
