"""How many connections there may be, and how much memory their bodies may take: in all, and for each address.

An address is a /64 for IPv6, since one customer has a whole one. Where there is no room, those make it that wait: first
connections on which nothing is asked, then those whose request is not here yet, then those that have taken nothing of
what is sent for STALLED_SECONDS, then any that are sent something; of these the one that waits longest, of the address
that has the most. What is being worked on is never cut off. So a client that opens many connections, or takes no
answers, loses its own.

Nothing here waits, and nothing knows HTTP.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Protocol

log = logging.getLogger(__name__)

BODIES = 48 << 20  # bytes of all bodies that are here at once, answered or not
BODIES_PER_ADDRESS = 8 << 20
FILES = 512 << 20  # … of those that are in files
FILES_PER_ADDRESS = 128 << 20
SOCKET = 128 << 10  # bytes that the system is asked to keep of a connection, each way; Linux takes twice as many
STALLED_SECONDS = 5.0  # the system takes more only when a third of what it keeps is gone: 4 s at 20 KB/s

IDLE, RECEIVING, ANSWERING, SENDING = "idle", "receiving", "answering", "sending"


class Member(Protocol):
    """A connection, as far as it matters here."""

    net: str
    state: str

    def end(self) -> None:
        """Cut it off."""

    def end_reading(self) -> None:
        """Let it answer what has come, and nothing else."""


class Connections:
    """The open connections, by address, the longest unchanged first, with the time of that change."""

    def __init__(self, most: int, most_per_address: int | None, clock: Callable[[], float] = time.monotonic):
        self.most, self.most_per_address = most, most_per_address
        self._clock = clock
        self._by_net: dict[str, dict[Member, float]] = defaultdict(dict)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Member]:
        return iter([each for members in self._by_net.values() for each in members])

    def of(self, net: str) -> int:
        """Return how many that address has."""
        return len(self._by_net.get(net, ()))

    def admit(self, newcomer: Member) -> bool:
        """Make room for a connection and take it in; False when all are being worked on."""
        own = self._by_net.get(newcomer.net, {})
        if self.most_per_address is not None and len(own) >= self.most_per_address and not self._make_room([own]):
            return False
        if self._count >= self.most and not self._make_room(sorted(self._by_net.values(), key=len, reverse=True)):
            return False
        self._by_net[newcomer.net][newcomer] = self._clock()
        self._count += 1
        return True

    def leave(self, member: Member) -> None:
        """Note that it has ended. Repeating is harmless."""
        members = self._by_net.get(member.net, {})
        if member in members:
            del members[member]
            self._count -= 1
        if not members:
            self._by_net.pop(member.net, None)

    def turn(self, member: Member, state: str) -> None:
        """Note what it does from now on; it is the youngest of those that do so."""
        member.state = state
        members = self._by_net.get(member.net, {})
        if member in members:
            del members[member]
            members[member] = self._clock()

    def _make_room(self, candidates: Iterable[dict[Member, float]]) -> bool:
        groups, now = [*candidates], self._clock()
        for state, seconds in ((IDLE, 0), (RECEIVING, 0), (SENDING, STALLED_SECONDS), (SENDING, 0)):
            for members in groups:
                found = (each for each, since in members.items() if each.state == state and now - since >= seconds)
                if oldest := next(found, None):
                    self.leave(oldest)
                    oldest.end()
                    return True
        return False


class Bodies:
    """The bytes of bodies that are here, by who sent them."""

    def __init__(self, most: int = BODIES, most_per_address: int = BODIES_PER_ADDRESS):
        self.most, self.most_per_address = most, most_per_address
        self.total = 0
        self._held: dict[Member, tuple[str, int]] = {}
        self._by_address: dict[str, int] = defaultdict(int)

    def hold(self, member: Member, address: Callable[[], str], count: int) -> bool:
        """Note that a connection holds so many bytes now; False when there is no room for them.

        Where all of it is full, the unfinished body of the client that holds the most is given up first.
        """
        known, before = self._held.get(member, ("", 0))
        if count == before:
            return True
        if not count:
            self._drop(member)
            return True
        net = known or address()
        if self._by_address[net] + count - before > self.most_per_address:
            return False
        while self.total + count - before > self.most:
            if not self._give_up_largest(net):
                return False
        self._held[member] = (net, count)
        self._by_address[net] += count - before
        self.total += count - before
        return True

    def _give_up_largest(self, net: str) -> bool:
        waiting = [(self._by_address[of], size, each) for each, (of, size) in self._held.items()
                   if each.state == RECEIVING and self._by_address[of] > self._by_address[net]]  # fmt: skip
        if not waiting:
            return False
        _, _, member = max(waiting, key=lambda each: each[:2])
        self._drop(member)
        member.end()
        return True

    def _drop(self, member: Member) -> None:
        net, count = self._held.pop(member, ("", 0))
        self.total -= count
        if net:
            self._by_address[net] -= count
            if not self._by_address[net]:
                del self._by_address[net]


@lru_cache(1024)  # asked up to four times for a request
def network_of(address: str, prefix: int = 64) -> str:
    """Return the address, or for IPv6 its network of so many bits. What is no address is returned shortened."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, prefix), strict=False))


def end_socket(sock: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """Wake the readers and writers of a socket, with its end."""
    try:
        sock.shutdown(how)
    except OSError as problem:
        log.debug("a connection had ended already: %s", problem)
