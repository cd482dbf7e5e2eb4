"""Whether a session, a key or the link of an order is still good, asked of support and remembered for some seconds.

    checks.key(secret_hash, ask)               # an access token; None when the key is not good
    checks.session(session_id, ask)            # {"email", "roles"}; None when it is over
    checks.order_link(number, link_id, ask)    # whether it is good

What is remembered is at most `SECONDS` old, but for keys that were refused: they are never good again. The events
`session_ended`, `api_key_ended`, `staff_changed` and `links_ended` make it forgotten at once (`hear`), and so does a
lost connection to the bus (`clear`). So a person who was deactivated, or a session, key or link that was ended, is out
at once on every gateway that gets the event, and on any other after that time.

While support cannot be asked, what was last known counts, and of what is not known the signed token: a session is then
good until its access token ends, a quarter of an hour at most, and so is a key that was used here lately. So orders are
paid and parcels packed while support is away; ending a session needs support, too.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from services.common.basics.errors import Forbidden, NotFound, Unavailable
from services.common.basics.untyped import Fields

SECONDS = 5.0
OVER_SECONDS = 3600.0  # a key that was refused is never good again: it is asked about once in that time
MOST = 10_000
T = TypeVar("T")
Clock = Callable[[], float]


class Remembered(Generic[T]):
    """Answers by key, each for `SECONDS`, refusals for `refused_for`; the oldest go first when there are too many.

    Refusals are kept apart: a flood of made-up keys pushes out no good one.
    """

    def __init__(self, clock: Clock, refused_for: float = SECONDS):
        self._clock, self._refused_for = clock, refused_for
        self._good, self._refused = OrderedDict[str, tuple[float, T]](), OrderedDict[str, tuple[float, T]]()
        self._heard = 0

    def get(self, key: str, ask: Callable[[], T]) -> T:
        """Return what is remembered, or else the answer of `ask`. Do not keep it if an event arrived meanwhile."""
        found = self._find(key)
        if found is not None and found[0] > self._clock():
            return found[1]
        heard, asked_at = self._heard, self._clock()
        answer = ask()
        if heard == self._heard:
            kept, other = (self._good, self._refused) if answer else (self._refused, self._good)
            other.pop(key, None)
            kept[key] = asked_at + (SECONDS if answer else self._refused_for), answer
            kept.move_to_end(key)
            if len(kept) > MOST:
                kept.popitem(last=False)
        return answer

    def last(self, key: str) -> tuple[bool, T | None]:
        """Return whether anything is known, and what was known last, however old it is."""
        found = self._find(key)
        return (False, None) if found is None else (True, found[1])

    def forget(self, gone: Callable[[str, T], bool]) -> None:
        """Forget what that is true of."""
        self._heard += 1
        for kept in (self._good, self._refused):
            for key in [key for key, (_, answer) in kept.items() if gone(key, answer)]:
                del kept[key]

    def _find(self, key: str) -> tuple[float, T] | None:
        return self._good.get(key) or self._refused.get(key)


class Checks:
    """What this gateway remembers of sessions, keys and links."""

    def __init__(self, clock: Clock = time.monotonic):
        self._clock = clock
        self._sessions: Remembered[Fields | None] = Remembered(clock)
        self._keys: Remembered[Fields | None] = Remembered(clock, OVER_SECONDS)
        self._links: Remembered[bool | None] = Remembered(clock)
        self._away_until = 0.0

    def session(self, session_id: str, ask: Callable[[], Fields], signed: Fields) -> Fields | None:
        """Return the session's owner and the roles that count now; None when it is over.

        signed: what the token says of that, which counts while support cannot be asked and nothing else is known.
        """
        known, answer = self._known(self._sessions, session_id, lambda: _unless_refused(ask))
        return answer if known else signed

    def key(self, secret_hash: str, ask: Callable[[], Fields]) -> str | None:
        """Return an access token for the key; None when it is not good.

        While support cannot be asked, the last one is returned, until it expires by itself. Raise Unavailable where
        there is none.
        """
        known, answer = self._known(self._keys, secret_hash, lambda: _unless_refused(ask))
        if not known:
            raise keys_unavailable()
        return None if answer is None else str(answer["access_token"])

    def knows_key(self, secret_hash: str) -> bool:
        """Return whether support has said anything of this key that is remembered."""
        return self._keys.last(secret_hash)[0]

    def order_link(self, number: str, link_id: str, ask: Callable[[], Fields]) -> bool:
        """Return whether the link is good; as it was last known, or True, while support cannot be asked."""
        known, good = self._known(self._links, f"{number} {link_id}", lambda: bool(ask()["good"]))
        return good is True or not known

    def hear(self, entry: Fields) -> None:
        """Take in an entry of support's journal."""
        if entry.get("service") != "support":
            return
        body = entry.get("body") or {}
        match entry.get("type"):
            case "session_ended":
                self._sessions.forget(lambda key, _: key == body.get("session_id"))
            case "api_key_ended":
                self._keys.forget(lambda _, answer: answer is not None and answer["id"] == body.get("key_id"))
            case "staff_changed" | "factor_set" | "factor_removed":
                self._forget_people()
            case "links_ended":
                self._links.forget(lambda key, _: key.startswith(f"{body.get('order_number')} "))

    def clear(self) -> None:
        """Forget what may have changed unheard: all that is good."""
        self._forget_people()
        self._links.forget(lambda _, good: good is True)

    def _known(self, remembered: Remembered[T], key: str, ask: Callable[[], T]) -> tuple[bool, T | None]:
        """Return whether anything is known, and what: the answer of support, or the last one while it is away.

        Once it did not answer, it is asked nothing for some seconds: each request would wait for it.
        """
        if self._clock() >= self._away_until:
            try:
                return True, remembered.get(key, ask)
            except Unavailable:
                self._away_until = self._clock() + SECONDS
        return remembered.last(key)

    def _forget_people(self) -> None:
        for each in (self._sessions, self._keys):
            each.forget(lambda _, answer: answer is not None)


def keys_unavailable() -> Unavailable:
    """Return the refusal of a key that nothing is known of while support is away."""
    return Unavailable("Keys cannot be looked up just now; try again later.", code="service_unavailable")


def _unless_refused(ask: Callable[[], Fields]) -> Fields | None:
    try:
        return ask()
    except (Forbidden, NotFound):
        return None
