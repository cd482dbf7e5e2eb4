"""Marshmallow fields for everything that crosses a boundary.

`load` turns marshmallow's complaint into Invalid `validation_failed` with one entry per
field, 20 at most: {"field": "lines.0.sku", "message": "Missing data for required field."}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from marshmallow import Schema, ValidationError, fields, validate

from services.common.addresses import countries
from services.common.addresses.spelling import tidy
from services.common.basics import ids
from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.errors import Invalid
from services.common.basics.money import CURRENCY, MAX_CENTS, Money
from services.common.edge import bounds, texts

LANGUAGE = re.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)
_NO_LANGUAGES = frozenset({"und", "mul", "zxx", "mis"})  # ISO 639: not determined, several, none, not coded


def load(schema: Schema, data: Any) -> object:
    """Return the validated data. Raise Invalid (`validation_failed`), which names the wrong fields, 20 at most.

    What is larger or deeper than anything that is asked is refused before it is loaded (`json_too_large`,
    `json_too_deep`).
    """
    try:
        bounds.check(data)
        return schema.load(data)
    except bounds.TooLarge:
        raise Invalid("the request has too many values", code="json_too_large") from None
    except bounds.TooDeep:
        raise Invalid("the request is nested too deeply", code="json_too_deep") from None
    except ValidationError as exc:
        wrong = ({"field": field, "message": message} for field, message in flat(exc.messages))
        raise Invalid("some fields are wrong", code="validation_failed", details=bounds.complaints(wrong)) from None


def flat(messages: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (field path, message) of marshmallow's nested messages."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from flat(inner, path if key == "_schema" else f"{path}.{key}" if path else str(key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from flat(inner, path)
    else:
        yield path, str(messages)


class LineField(fields.String):
    """One line of text as people see it: what has no form of its own is left out, what breaks a line is a blank.

    So pasted tabs, ends of lines, zero-width and bidirectional characters cost no order, and nothing can be
    blank to the eye or turn other text round. A NUL and half a surrogate pair are no text, and refused.
    """

    visible = staticmethod(texts.visible_line)

    def __init__(self, max_length: int = 200, *, min_length: int = 1, **kwargs: Any):
        check = validate.Length(min=min_length, max=max_length)
        super().__init__(validate=[check, *_listed(kwargs.pop("validate", []))], **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self.visible(text)
        except ValueError:
            raise ValidationError("Contains characters that are not text.") from None


class TextField(LineField):
    """Text of several lines (LF), otherwise like `Line`."""

    visible = staticmethod(texts.visible_text)

    def __init__(self, max_length: int = 10_000, **kwargs: Any):
        super().__init__(max_length, **kwargs)


class EmailField(fields.String):
    """A mailbox that every mail server can be asked to mail to, by its form (no look-up); lower case.

    The part before the @ is ASCII (RFC 5321): letters beyond it need SMTPUTF8 of each server on the way, and an address
    with them might never get our mail. The domain may be international: it is mailed to in its ASCII form, and
    kept as it was typed.
    """

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            typed = texts.visible_line(text[:400])
            typed = typed if typed.isascii() else typed.translate(_WIDE)
            found = validate_email(typed, check_deliverability=False, allow_smtputf8=False, strict=True)
        except EmailNotValidError as problem:
            beyond = not typed.rpartition("@")[0].isascii()
            raise ValidationError(_BEYOND_ASCII if beyond else "Not a valid e-mail address.") from problem
        except ValueError:
            raise ValidationError("Not a valid e-mail address.") from None
        if found.ascii_email is None or len(found.ascii_email) > 254:
            raise ValidationError("Not a valid e-mail address.")
        kept = found.ascii_email if typed.isascii() else found.normalized
        return kept.lower()


_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""Letters, digits and marks as Japanese and Chinese keyboards type them, to those of ASCII."""

_BEYOND_ASCII = "We can only write to addresses whose part before the @ has unaccented letters, digits and marks."


class CountryField(fields.String):
    """ISO 3166-1 alpha-2, and what posts use beside it: AC, TA and XK (Kosovo); in capitals, however it is typed."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        code = text
        if code not in countries():  # nearly never
            typed = tidy(text[:20]).upper()
            code = _OTHER_CODES.get(typed, typed)
        if code not in countries():
            raise ValidationError("Not a country code of ISO 3166-1 (two capital letters).")
        return code


_OTHER_CODES = {"UK": "GB", "EL": "GR", "IC": "ES"}
"""Codes that ISO reserves for what they are used for: by the European Union, and by customs for the Canary Islands."""


class ZoneField(fields.String):
    """A time zone by its IANA name; "" for what is none, as browsers send it (`Etc/Unknown`)."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs).strip()
        return text if text != "Etc/Unknown" and text in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones. Reading them takes 10 ms, as they are files."""
    return frozenset(available_timezones())


class LanguageField(fields.String):
    """A language by its tag, `pt-BR`, also as systems write it (`pt_BR.UTF-8`); "en" for what is none."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        language, *more = re.split("[.@]", text.strip()[:100])[0].replace("_", "-").split("-")
        extras = next((place for place, part in enumerate(more) if len(part) == 1), 2)  # -u-co-phonebk
        found = "-".join([language.lower(), *more[: min(extras, 2)]])
        return found if LANGUAGE.fullmatch(found) and language.lower() not in _NO_LANGUAGES else "en"


class NumberField(fields.String):
    """One of our public numbers, its check character included, however it is typed (`ids.fold_number`)."""

    def __init__(self, prefix: str, **kwargs: Any):
        self.prefix = prefix
        metadata = {"pattern": ids.PATTERN, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        number = ids.fold_number(text, self.prefix)
        if number is None:
            raise ValidationError(f"Not a number of the form {self.prefix}-XXXX-XXXX-X.")
        return number


class CodeField(fields.String):
    """A code as it stands between blanks: pasted from a list or a mail, it has some at its ends."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return texts.within_blanks(text)


class QuantityField(fields.Integer):
    """A whole number of pieces, 1 to 999."""

    def __init__(self, **kwargs: Any):
        super().__init__(strict=True, validate=validate.Range(min=1, max=999), **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class WholeNumberField(QuantityField):
    """A whole number between two bounds; never a float, a text or a truth value."""

    def __init__(self, minimum: int, maximum: int, **kwargs: Any):
        fields.Integer.__init__(self, strict=True, validate=validate.Range(min=minimum, max=maximum), **kwargs)


class MoneyField(fields.Field[Money]):
    """`{"amount": "12.34", "currency": "USD"}` outside, Money inside."""

    def _serialize(self, value: object, attr: str | None, obj: object, **kwargs: object) -> object:
        if value is None or isinstance(value, Mapping):
            return value
        return {"amount": str(value), "currency": CURRENCY}

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Money:
        if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
            raise ValidationError("Must be an object with amount and currency.")
        if value["currency"] != CURRENCY:
            raise ValidationError("All amounts are in USD.")
        if not isinstance(value["amount"], str):
            raise ValidationError("The amount must be a text such as 12.34.")
        try:
            money = Money.parse(value["amount"])
        except ValueError:
            raise ValidationError("The amount must be a text such as 12.34.") from None
        if not 0 <= money.cents <= MAX_CENTS:
            raise ValidationError("The amount is out of range.")
        return money


class TimeField(fields.Field[datetime]):
    """An aware time: RFC 3339 with a zone outside, UTC inside."""

    def _serialize(self, value: object, attr: str | None, obj: object, **kwargs: object) -> object:
        return rfc3339(value) if isinstance(value, datetime) else value

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> datetime:
        try:
            if not isinstance(value, str) or len(value) > 40:
                raise ValueError
            return parse_rfc3339(value)
        except (ValueError, OverflowError):
            raise ValidationError("Not a time with a zone (RFC 3339).") from None


def _listed(validators: Any) -> list[Any]:
    return list(validators) if isinstance(validators, list | tuple) else [validators]


def mailbox_or_none(text: str) -> str | None:
    """Return the mailbox as `EmailField` keeps it, or None for what is none that we can mail to."""
    try:
        found = EmailField().deserialize(text)
    except ValidationError:
        return None
    return None if found is None else str(found)
