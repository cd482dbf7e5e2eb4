"""The texts of all mails, plain and polite: what happened, what happens next, the number, the link. Pure.

Nothing that a stranger typed into the contact form is repeated in a mail before a person of ours has read and answered
it: otherwise the form could be used to send anybody anything in our name.

Every sentence is true when it is sent. "We have done" has an event, "we will do" has a clock, and what "you can do" has
a control where the text says; `tests/test_texts.py` holds each of them to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial, wraps
from typing import ParamSpec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.common.language import ENGLISH, N_, date_in_words, language, speaking
from services.support.adapters.mail.words import TEXTS, _, capital
from services.support.domain import Link

P = ParamSpec("P")
LINK_LABELS = {
    Link.ORDER: N_("See your order"),
    Link.TICKET: N_("Read and answer"),
    Link.RATING: N_("Read and answer"),
    Link.DESK: N_("Open it"),
    Link.CODE: N_("Your code"),
    Link.EXPORT: N_("Get the file"),
}
NEXT = N_("What happens next:")
RATING_HEAD = N_("How did we do? Choose one; it counts when you confirm it on the page that opens:")
SCORES = {5: N_("Very good"), 4: N_("Good"), 3: N_("So-so"), 2: N_("Bad"), 1: N_("Very bad")}
FOOT = N_("Nobody reads what is sent back to this address.")
ANSWERABLE = N_("You can answer this mail: a person of ours reads it.")
_NAME = re.compile(r"[^\W\d_]+(?:[ '’‘ʹ.,·‐-]{1,2}[^\W\d_]+)*\.?")
_ADDRESS = re.compile(r"[^\W\d_]{2}\.[^\W\d_]{2}")  # which mail programs make a link of
_SIGNS = frozenset({"Mn", "Mc"})  # vowel signs of Hindi, Thai or Arabic, and accents: parts of the letter before them
_JOINERS = "\u200c\u200d"
NAME_LIMIT = 60


@dataclass(frozen=True)
class Mail:
    """One mail without its link. `number` is the line that names the case, such as "Your order: ORD-…".

    language: that of its text. again: writes the mail in the language that is spoken then.
    """

    subject: str
    what: str
    next_step: str
    number: str
    link: Link
    language: str = ENGLISH
    again: Callable[[], Mail] | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The whole text but for the greeting and the link."""
        with speaking(self.language):
            following = f"\n\n{_(NEXT)} {self.next_step.strip()}" if self.next_step else ""
        number = f"\n\n{self.number}" if self.number else ""
        return f"{capital(self.what.strip())}{following}{number}"

    def in_language(self, wanted: str | None) -> Mail:
        """Return the mail as its reader wants it, or as near as there is a catalogue; to staff it stays English."""
        tag = TEXTS.best(wanted)
        if self.again is None or tag == self.language:
            return self
        with speaking(tag):
            return self.again()


def for_customers(write: Callable[P, Mail]) -> Callable[P, Mail]:
    """Let what writes a mail write it again in the language of its reader, who is known when it is queued.

    What has no such mark goes to staff, who read English.
    """

    @wraps(write)
    def written(*args: P.args, **kwargs: P.kwargs) -> Mail:
        again = partial(written, *args, **kwargs)
        return replace(write(*args, **kwargs), language=TEXTS.best(language()), again=again)

    return written


def letter(
    text: str,
    label: Link,
    link: str,
    name: str | None = None,
    scores: Mapping[int, str] | None = None,
    *,
    answerable: bool = False,
) -> str:
    """Return the text of the mail with greeting, link and footer, in the language that is spoken.

    scores: the link of each score that is asked for. answerable: what is sent back is read.
    """
    foot = [_(ANSWERABLE if answerable else FOOT)]
    if label not in (Link.DESK, Link.CODE, Link.EXPORT):
        foot += [_("Or use the link.") if answerable else _("To answer us, please use the link.")]
        foot += [_("We write in English.")]
    lines = [f"{score} {_(SCORES[score])}: {address}" for score, address in (scores or {}).items()]
    asked = "\n".join(["", "", _(RATING_HEAD), *lines]) if lines else ""
    regards = f"{_('Kind regards')}\n{_('Pledge customer service')}"
    return f"{greeting(name)}\n\n{text}\n{_(LINK_LABELS[label])}: {link}{asked}\n\n{regards}\n\n{' '.join(foot)}\n"


def greeting(name: str | None) -> str:
    """Greet by name, where what was given as one can be a name; "Hello," for anything else."""
    found = unicodedata.normalize("NFC", " ".join((name or "").split()))
    letters = "".join(char for char in found if unicodedata.category(char) not in _SIGNS and char not in _JOINERS)
    is_name = len(found) <= NAME_LIMIT and _NAME.fullmatch(letters) and not _ADDRESS.search(letters)
    return _("Hello {name},", name=found) if is_name else _("Hello,")


def quoted(text: str) -> str:
    """Quote a text, each line marked, as mails do."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def when(moment: datetime, time_zone: str | None = None) -> str:
    """Format a time for its reader: "Wednesday 4 March 2026, 18:00 (Asia/Shanghai)". Use UTC without a zone."""
    zone = time_zone if time_zone and _known(time_zone) else "UTC"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{date_in_words(local)} ({zone})"


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
