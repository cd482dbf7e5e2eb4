"""The texts of all mails, plain and polite: what happened, what happens next, the number, the link. Pure.

Nothing that a stranger typed into the contact form is repeated in a mail before a person of ours has read and answered
it: otherwise the form could be used to send anybody anything in our name.

Every sentence is true when it is sent. "We have done" has an event, "we will do" has a clock, and what "you can do" has
a control where the text says; `tests/test_texts.py` holds each of them to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.support.domain import Link

LINK_LABELS = {
    Link.ORDER: "See your order",
    Link.TICKET: "Read and answer",
    Link.RATING: "Read and answer",
    Link.DESK: "Open it",
    Link.CODE: "Your code",
    Link.EXPORT: "Get the file",
}
NEXT = "What happens next: "
RATING_HEAD = "How did we do? Choose one; it counts when you confirm it on the page that opens:"
SCORES = {5: "Very good", 4: "Good", 3: "So-so", 2: "Bad", 1: "Very bad"}
FOOT = "Nobody reads what is sent back to this address."
ANSWERABLE = "You can answer this mail: a person of ours reads it."
_NAME = re.compile(r"[^\W\d_]+(?:[ '’‘ʹ.,·‐-]{1,2}[^\W\d_]+)*\.?")
_ADDRESS = re.compile(r"[^\W\d_]{2}\.[^\W\d_]{2}")  # which mail programs make a link of
_SIGNS = frozenset({"Mn", "Mc"})  # vowel signs of Hindi, Thai or Arabic, and accents: parts of the letter before them
_JOINERS = "\u200c\u200d"
NAME_LIMIT = 60


@dataclass(frozen=True)
class Mail:
    """One mail without its link. `number` is the line that names the case, such as "Your order: ORD-…"."""

    subject: str
    what: str
    next_step: str
    number: str
    link: Link

    @property
    def text(self) -> str:
        """The whole text but for the greeting and the link."""
        what = self.what.strip()
        following = f"\n\n{NEXT}{self.next_step.strip()}" if self.next_step else ""
        number = f"\n\n{self.number}" if self.number else ""
        return f"{what[:1].upper()}{what[1:]}{following}{number}"


def letter(
    text: str,
    label: Link,
    link: str,
    name: str | None = None,
    scores: Mapping[int, str] | None = None,
    *,
    answerable: bool = False,
) -> str:
    """Return the text of the mail with greeting, link and footer.

    scores: the link of each score that is asked for. answerable: what is sent back is read.
    """
    to_staff_or_code = label in (Link.DESK, Link.CODE, Link.EXPORT)
    answer = " Or use the link." if answerable else " To answer us, please use the link."
    foot = f"{ANSWERABLE if answerable else FOOT}{'' if to_staff_or_code else f'{answer} We write in English.'}"
    lines = [f"{score} {SCORES[score]}: {address}" for score, address in (scores or {}).items()]
    asked = "\n".join(["", "", RATING_HEAD, *lines]) if lines else ""
    return (
        f"{greeting(name)}\n\n{text}\n{LINK_LABELS[label]}: {link}{asked}\n\nKind regards\nPledge customer service\n\n"
        f"{foot}\n"
    )


def greeting(name: str | None) -> str:
    """Greet by name, where what was given as one can be a name; "Hello," for anything else."""
    found = unicodedata.normalize("NFC", " ".join((name or "").split()))
    letters = "".join(char for char in found if unicodedata.category(char) not in _SIGNS and char not in _JOINERS)
    is_name = len(found) <= NAME_LIMIT and _NAME.fullmatch(letters) and not _ADDRESS.search(letters)
    return f"Hello {found}," if is_name else "Hello,"


def quoted(text: str) -> str:
    """Quote a text, each line marked, as mails do."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def when(moment: datetime, time_zone: str | None = None) -> str:
    """Format a time for its reader: "Wednesday 4 March 2026, 18:00 (Asia/Shanghai)". Use UTC without a zone."""
    zone = time_zone if time_zone and _known(time_zone) else "UTC"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone})"


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
