"""A client that opens many connections, or fills them with bodies, loses its own; answers in progress go on."""

from __future__ import annotations

import pytest

from gateway.http.room import ANSWERING, IDLE, RECEIVING, SENDING, Bodies, Connections, network_of

pytestmark = pytest.mark.pure


class Someone:
    """A connection that notes whether it was cut off."""

    def __init__(self, net: str, state: str = IDLE):
        self.net, self.state, self.is_cut = net, state, False

    def end(self) -> None:
        self.is_cut = True

    def end_reading(self) -> None:
        raise AssertionError


def full(*members: tuple[str, str], per_address: int | None = None) -> tuple[Connections, list[Someone]]:
    """Build connections of these (address, state), as many as there may be."""
    connections = Connections(len(members), per_address)
    made = [Someone(*each) for each in members]
    assert all(map(connections.admit, made))
    return connections, made


@pytest.mark.parametrize(
    ("members", "cut"),
    [
        ([("a", IDLE), ("a", IDLE), ("b", IDLE)], 0),  # the oldest of who has most
        ([("b", IDLE), ("a", IDLE), ("a", IDLE)], 1),
        ([("a", ANSWERING), ("a", RECEIVING), ("b", IDLE)], 2),  # idle ones first, whichever address has them
        ([("a", ANSWERING), ("a", RECEIVING), ("b", RECEIVING)], 1),  # then those that are still sending
        ([("a", RECEIVING), ("b", SENDING), ("b", SENDING)], 0),
        ([("a", SENDING), ("b", SENDING), ("b", SENDING)], 1),  # then those that do not take their answer
        ([("a", ANSWERING), ("a", ANSWERING), ("b", ANSWERING)], None),
    ],
)
def test_idle_connections_make_room_first(members: list[tuple[str, str]], cut: int | None) -> None:
    connections, made = full(*members)

    admitted = connections.admit(Someone("c"))

    assert admitted == (cut is not None)
    assert [each.is_cut for each in made] == [place == cut for place in range(3)]
    assert len(connections) == 3


def test_an_address_with_too_many_makes_room_among_its_own() -> None:
    connections, made = full(("b", IDLE), ("a", ANSWERING), ("a", IDLE), ("a", IDLE), ("z", IDLE), per_address=3)
    connections.most = 100

    assert connections.admit(Someone("a"))

    assert [each.is_cut for each in made] == [False, False, True, False, False]
    assert connections.of("a") == 3


def test_who_was_answered_last_is_the_youngest() -> None:
    connections, made = full(("a", IDLE), ("a", IDLE))
    for state in (ANSWERING, IDLE):
        connections.turn(made[0], state)

    connections.admit(Someone("a"))

    assert [each.is_cut for each in made] == [False, True]


def test_who_takes_slowly_stays_longer_than_who_takes_nothing() -> None:
    now = [0.0]
    connections = Connections(3, None, lambda: now[0])
    slow, others = Someone("a", SENDING), [Someone(net, SENDING) for net in "bc"]
    for second, member in ((0, slow), (35, others[0]), (36, others[1])):
        now[0] = second
        connections.admit(member)
    now[0] = 39
    connections.turn(slow, SENDING)  # some of its answer was taken
    now[0] = 41

    connections.admit(Someone("d"))

    assert [each.is_cut for each in (slow, *others)] == [False, True, False]


def test_who_leaves_twice_leaves_once() -> None:
    connections, made = full(("a", IDLE), ("b", IDLE))
    for _ in range(2):
        connections.leave(made[0])

    assert (len(connections), connections.of("a"), [*connections]) == (1, 0, [made[1]])


def hold(bodies: Bodies, member: Someone, count: int) -> bool:
    return bodies.hold(member, lambda: member.net, count)


def test_the_memory_of_bodies_is_bounded_in_all_and_by_address() -> None:
    bodies = Bodies(most=100, most_per_address=60)
    a, b, c = Someone("a", RECEIVING), Someone("b", RECEIVING), Someone("c", RECEIVING)

    assert hold(bodies, a, 60)
    assert not hold(bodies, Someone("a"), 1), "the address has too many"
    assert hold(bodies, b, 40)
    assert hold(bodies, c, 10), "the address with the most gives it up"

    assert (a.is_cut, b.is_cut, bodies.total) == (True, False, 50)


def test_what_is_being_answered_keeps_its_body() -> None:
    bodies = Bodies(most=100, most_per_address=100)
    answered = Someone("a", ANSWERING)
    hold(bodies, answered, 90)

    assert not hold(bodies, Someone("b", RECEIVING), 20)

    assert not answered.is_cut
    assert bodies.total == 90


def test_nothing_is_left_when_all_are_gone() -> None:
    bodies, members = Bodies(), [Someone(net) for net in "aab"]
    for size in (10, 20, 0):
        for each in members:
            hold(bodies, each, size)

    assert (bodies.total, dict(bodies._held), dict(bodies._by_address)) == (0, {}, {})


@pytest.mark.parametrize(
    ("address", "prefix", "network"),
    [
        ("192.0.2.1", 64, "192.0.2.1"), ("::ffff:192.0.2.1", 64, "192.0.2.1"),
        ("2001:db8:1:2:3::4", 64, "2001:db8:1:2::/64"), ("2001:db8:1:2:3::4", 48, "2001:db8:1::/48"),
        ("fe80::1%eth0", 64, "fe80::/64"), ("unknown", 64, "unknown"), ("x" * 500, 64, "x" * 64),
    ],
)  # fmt: skip
def test_an_address_of_ipv6_is_its_network(address: str, prefix: int, network: str) -> None:
    assert network_of(address, prefix) == network
