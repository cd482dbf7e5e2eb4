"""What the gateways tell one another of limits: which limited requests each has let through.

Told over the fanout exchange `gateway.limits` (`telling`) as `[[window, seconds, most, count], …]`; what the others
send is counted as if it had happened here. So a limit holds over all gateways, but for what each lets through before
messages arrive. Nothing waits for the bus: while it is away each gateway counts alone, and what is to be told is
dropped, since a limit that is a little too generous for a moment does no harm.
"""

from __future__ import annotations

from nameko.extensions import SharedExtension

from gateway.http.windows import Windows
from gateway.live.telling import Telling
from services.common.basics.untyped import Fields
from services.common.bus.connections import SharedExchange

MOST_AT_ONCE = 5_000  # windows in a message: more than a gateway serves in that time
EXCHANGE = SharedExchange("gateway.limits", type="fanout", durable=True)


class SharedWindows(Telling, SharedExtension):
    """Holds the `windows` of this gateway, which count what the others let through too."""

    topic, exchange = "limits", EXCHANGE

    def __init__(self) -> None:
        super().__init__()
        self._hits: dict[tuple[str, int, int], int] = {}
        self.windows = Windows(self._note)

    def _note(self, window: str, seconds: int, most: int) -> None:
        if not self.connected or len(self._hits) >= MOST_AT_ONCE:
            return
        hit = (window, seconds, most)
        self._hits[hit] = self._hits.get(hit, 0) + 1
        self.tell_soon()

    def told(self) -> object:
        hits, self._hits = self._hits, {}
        return [[*hit, count] for hit, count in hits.items()]

    def hear(self, message: Fields) -> None:
        for window, seconds, most, count in message["told"][:MOST_AT_ONCE]:
            for _ in range(min(int(count), int(most))):
                self.windows.note(str(window), int(seconds), int(most))
