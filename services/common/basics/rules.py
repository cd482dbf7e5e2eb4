"""Rules between the fields of a request, declared once: they validate it, and the API document shows them.

    @dataclass(frozen=True)
    class AnswerChange(Ruled):
        rules = (When("decision", ("accept",), needs=("option",)),)

A field counts as given unless it is left out, null, false, an empty text or an empty list. An object inside in which
nothing is required counts when it is complete. A request that breaks a rule is refused like one with a wrong field
(`shapes.Wrong`), or with the rule's own `refusal`. `edge.rules` has the JSON Schema. What compares the items of a list
with one another cannot be said in JSON Schema: it is checked in `__post_init__` and said in the docstring.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import ClassVar

from services.common.basics.errors import Invalid
from services.common.basics.shapes import Wrong


class Rule:
    """What fields must fulfil together. `refusal`: how it is refused, if not as a wrong field."""

    refusal: type[Invalid] | None

    def broken(self, request: object) -> str | dict[str, str] | None:
        """Return the complaint, as a whole or by field; None when the rule is kept."""
        raise NotImplementedError


class Ruled:
    """A request with rules. A subclass that has a `__post_init__` of its own calls this one."""

    rules: ClassVar[tuple[Rule, ...]] = ()

    def __post_init__(self) -> None:
        for rule in self.rules:
            complaint = rule.broken(self)
            if complaint is not None:
                raise rule.refusal() if rule.refusal else Wrong(complaint)


@dataclass(frozen=True)
class When(Rule):
    """With one of these values in `field`, some fields must be given, and others must not."""

    field: str
    values: tuple[object, ...]
    needs: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    complaint: str = "Missing data for required field."
    forbidden: str = "Not for this kind."
    refusal: type[Invalid] | None = None

    def broken(self, request: object) -> dict[str, str] | None:
        if getattr(request, self.field) not in self.values:
            return None
        missing = {name: self.complaint for name in self.needs if not is_given(request, name)}
        return missing | {name: self.forbidden for name in self.forbids if is_given(request, name)} or None


@dataclass(frozen=True)
class Some(Rule):
    """At least one of the fields is given."""

    names: tuple[str, ...]
    complaint: str
    refusal: type[Invalid] | None = None

    def broken(self, request: object) -> str | None:
        return None if any(is_given(request, name) for name in self.names) else self.complaint


@dataclass(frozen=True)
class NotBoth(Rule):
    """At most one of the two fields is given."""

    names: tuple[str, str]
    complaint: str
    refusal: type[Invalid] | None = None

    def broken(self, request: object) -> str | None:
        return self.complaint if all(is_given(request, name) for name in self.names) else None


@dataclass(frozen=True)
class Either(Rule):
    """One of the two groups of fields is given, and nothing of the other. whole: all of its fields, not only some."""

    groups: tuple[tuple[str, ...], tuple[str, ...]]
    complaint: str
    whole: bool = True
    refusal: type[Invalid] | None = None

    def broken(self, request: object) -> str | None:
        given = [{name for name in group if is_given(request, name)} for group in self.groups]
        one = sum(bool(each) for each in given) == 1
        complete = not self.whole or any(names == {*group} for names, group in zip(given, self.groups, strict=True))
        return None if one and complete else self.complaint


def is_given(request: object, name: str) -> bool:
    """Return whether the field says something."""
    value = getattr(request, name)
    if is_dataclass(value):
        return all(is_given(value, each) for each in names_if_optional(type(value)))
    return value is not False and value not in (None, "", ())


def names_if_optional(kind: type) -> list[str]:
    """Return the fields of an object in which nothing is required; none of one in which something is."""
    declared = fields(kind)
    required = any(each.default is MISSING and each.default_factory is MISSING for each in declared)
    return [] if required else [each.name for each in declared]
