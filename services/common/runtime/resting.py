"""The pause between two looks for work, which a bell ends early.

rest = Resting()
store.bells.append(rest.ring)
while not stopping:
    rest.begin()
    …                                # look, and do what is due
    rest.take(5.0, apart=0.5)
"""

from __future__ import annotations

from time import monotonic

from eventlet.event import Event


class Resting:
    """Of one greenthread that looks for work."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget what rang: a look begins, which finds all that was written before."""
        self._began, self._rung, self._ended = monotonic(), Event(), Event()

    def ring(self) -> None:
        """Say that there may be something to find."""
        if not self._rung.ready():
            self._rung.send()

    def end(self) -> None:
        """End the pause at once."""
        self.ring()
        if not self._ended.ready():
            self._ended.send()

    def take(self, seconds: float, apart: float) -> None:
        """Wait that many seconds, or until it rings and the last look is `apart` seconds ago."""
        self._rung.wait(seconds)
        early = self._began + min(apart, seconds) - monotonic()
        if early > 0:
            self._ended.wait(early)
