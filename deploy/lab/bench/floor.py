"""The floor under everything: the broker's round trip and the database's commit, with as little around as there is.

python -m deploy.lab.bench.floor <amqp uri>        echoes messages: py-amqp under eventlet, its own queue, no acks
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import os
import sys
import threading
import time
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import amqp
import psycopg2

from deploy.lab.bench.meters import cpu_seconds, spent_between

ECHO_QUEUE = "bench.echo"
TABLES = """
CREATE TABLE IF NOT EXISTS orders (number varchar(20) PRIMARY KEY, email varchar(254), contact jsonb, delivery jsonb,
    goods bigint, placed_at timestamptz, status varchar(40));
CREATE TABLE IF NOT EXISTS order_lines (number varchar(20), line_id int, sku varchar(64), title varchar(200),
    unit_price bigint, paid jsonb, PRIMARY KEY (number, line_id));
CREATE TABLE IF NOT EXISTS payments (payment_id varchar(20) PRIMARY KEY, number varchar(20), amount bigint);
CREATE TABLE IF NOT EXISTS journal (position bigserial PRIMARY KEY, number varchar(20), body text, hash varchar(64));
"""
ROWS = """
INSERT INTO orders VALUES (%(number)s, 'ada@example.com', %(contact)s, %(contact)s, 5550, now(), 'awaiting_payment');
INSERT INTO order_lines VALUES (%(number)s, 0, 'BENCH-001', 'Stoneware mug', 1850, '[1850, 1850]'),
    (%(number)s, 1, 'BENCH-002', 'Stoneware mug', 1850, '[1850]');
INSERT INTO payments VALUES (%(number)s, %(number)s, 5550);
INSERT INTO journal (number, body, hash) VALUES (%(number)s, %(body)s, %(body)s);
"""


class Commits(NamedTuple):
    """What one commit of the rows of an order takes, sent as one statement."""

    clients: int
    per_second: float
    p50_ms: float
    cpu_per_1000: dict[str, float]


def connect(uri: str) -> amqp.Channel:
    """Open a channel of py-amqp."""
    place = urlsplit(uri)
    connection = amqp.Connection(
        f"{place.hostname}:{place.port}", userid=place.username, password=unquote(place.password or ""),
        virtual_host=unquote(place.path[1:]), heartbeat=0,
    )  # fmt: skip
    connection.connect()
    return connection.channel()


def echo(uri: str) -> None:
    """Send every message back to where it asks for."""
    channel = connect(uri)
    channel.queue_declare(ECHO_QUEUE, auto_delete=True)

    def answer(message: amqp.Message) -> None:
        reply = amqp.Message(message.body, correlation_id=message.correlation_id, delivery_mode=1)
        channel.basic_publish(reply, "", message.reply_to)

    channel.basic_consume(ECHO_QUEUE, no_ack=True, callback=answer)
    print("ready", flush=True)
    while True:
        channel.connection.drain_events()


def commits(url: str, postgres: int, clients: int, seconds: float) -> Commits:
    """Commit the rows of an order over and over, each client on its own connection."""
    taken: list[float] = []
    connections = [psycopg2.connect(url.replace("+psycopg2", "")) for _ in range(clients)]
    with connections[0], connections[0].cursor() as cursor:
        cursor.execute(TABLES)
    tiers = {"postgres": postgres, "client": os.getpid()}
    before, began = cpu_seconds(tiers), time.perf_counter()
    until = began + seconds
    threads = [threading.Thread(target=_commit_until, args=(each, until, taken)) for each in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed, spent = time.perf_counter() - began, spent_between(before, cpu_seconds(tiers))
    for connection in connections:
        connection.close()
    each = {name: 1000 * value / len(taken) for name, value in spent.items()}
    return Commits(clients, len(taken) / elapsed, 1000 * sorted(taken)[len(taken) // 2], each)


def _commit_until(connection: psycopg2.extensions.connection, until: float, taken: list[float]) -> None:
    contact, body = '{"name": "Ada Lovelace", "city": "New York"}', "x" * 60
    with connection.cursor() as cursor:
        while (began := time.perf_counter()) < until:
            number = os.urandom(9).hex()
            cursor.execute(ROWS, {"number": number, "contact": contact, "body": body})
            connection.commit()
            taken.append(time.perf_counter() - began)


if __name__ == "__main__":
    echo(sys.argv[1])
