"""One whole run: the stage is built, the load begins, the schedule is played, everything comes to rest."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import psycopg2

from deploy.lab.chaos.bank import Bank
from deploy.lab.chaos.client import Client, GaveUp, Refused
from deploy.lab.chaos.customer import Shop, fill_shelves
from deploy.lab.chaos.evidence import Evidence, followers
from deploy.lab.chaos.faults import Faults
from deploy.lab.chaos.record import Record
from deploy.lab.chaos.schedule import FULL_RUN, schedule
from deploy.lab.chaos.stage import Stage, stage, temporary_folder
from deploy.lab.chaos.stories import Stories
from deploy.run import processes

CLIENTS = 8
FINISH_SECONDS = 120.0  # for stories that are under way when the faults end
SETTLE_SECONDS = 400.0  # the longest lease, and what comes after it
SUPERVISE_SECONDS = 0.5
END_LEASES = "UPDATE notifications SET next_attempt_at = now() WHERE status = 'pending'"

Say = Callable[[str], None]
Settings = Mapping[str, str]


class Load:
    """So many customers, each in a thread, playing stories until told that it is over."""

    def __init__(self, shop: Shop, bank: Bank, seed: int, clients: int):
        self._over = threading.Event()
        self._shop = shop
        names = [f"c{number}" for number in range(clients)]
        fill_shelves(shop, names)
        self.customers = [Stories(shop, bank, name, seed) for name in names]
        self._threads = [threading.Thread(target=self._play, args=(each,), daemon=True) for each in self.customers]
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> None:
        """Start no new stories, and wait that many seconds for those under way."""
        self._over.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._shop.quit.set()
        for thread, customer in zip(self._threads, self.customers, strict=True):
            thread.join()
            customer.http.close()

    def _play(self, customer: Stories) -> None:
        while not self._over.is_set():
            customer.play()


@contextmanager
def ground(
    seed: int, replicas: int, *, keep: bool = False, settings: Settings | None = None
) -> Iterator[tuple[Stage, Bank, Shop]]:
    """Run a stage and its bank. Yield them with what a client needs to know; remove all after the block.

    settings: what the stage's processes are told besides.
    """
    with temporary_folder(keep) as folder:
        record = Record(folder / "record.jsonl")
        with stage(folder, record, settings) as made:
            quit_, closing = threading.Event(), threading.Event()
            courier = Courier(made.url, record, closing)
            bank = Bank(made.sandbox_secret, record, seed, courier.send)
            try:
                followers()  # what is judged by is loaded with what is judged, not minutes later
                made.build(replicas, bank.url)
                made.start()
                yield made, bank, Shop(made.url, made.secret, made.staff, made.carrier_secret, record, quit_)
            finally:
                quit_.set()
                closing.set()
                bank.close()
                courier.close()
        record.close()


def play(made: Stage, bank: Bank, shop: Shop, seed: int, seconds: float, say: Say) -> list[str]:
    """Load and faults for that long, then rest; what the harness itself could not do, if anything."""
    faults = Faults(made, say)
    load = Load(shop, bank, seed, CLIENTS)
    with _supervised(made):
        try:
            faults.play(schedule(seed, seconds), seconds)
            say("the faults are over")
            load.finish(FINISH_SECONDS)
            say("the clients are done")
        finally:
            faults.quit()
            shop.quit.set()
    made.restart_all()
    say("everything was restarted")
    if seconds < FULL_RUN:
        end_leases(made)
    settle(made, bank, shop, say)
    told = Counter(story for customer in load.customers for story in customer.finished)
    say(", ".join(f"{count} × {story}" for story, count in told.most_common()))
    return faults.problems


def settle(made: Stage, bank: Bank, shop: Shop, say: Say, seconds: float = SETTLE_SECONDS) -> None:
    """Return when everything has come to rest, twice in a row, or when it has had enough time to."""
    made.await_ready()
    seen: list[str] = []

    def rests() -> bool:
        left = evidence_of(made, shop.record).unsettled()
        if not bank.all_told:
            left["the bank's letters"] = 1
        seen.append(", ".join(f"{name}: {count}" for name, count in left.items()))
        if len(seen) < 2 or seen[-1] != seen[-2]:
            say(f"under way: {seen[-1] or 'nothing'}")
        return len(seen) > 1 and not seen[-1] and not seen[-2]

    if not processes.until(rests, seconds):
        say(f"has not come to rest: {seen[-1]}")


def end_leases(made: Stage) -> None:
    """Send mails of ended processes again now, not minutes later: a full run waits for that, a quick one does not."""
    with psycopg2.connect(made.databases["support"].replace("+psycopg2", "")) as connection, connection.cursor() as at:
        at.execute(END_LEASES)
    connection.close()


def evidence_of(made: Stage, record: Record) -> Evidence:
    """Take a fresh picture of the databases."""
    return Evidence(made.databases, record.entries, made.amqp_uri)


@contextmanager
def _supervised(made: Stage) -> Iterator[None]:
    over = threading.Event()

    def watch() -> None:
        while not over.wait(SUPERVISE_SECONDS):
            made.restart_dead()

    thread = threading.Thread(target=watch, name="supervisor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Courier:
    """Brings the bank's webhooks to the platform; each thread of the bank has a connection of its own."""

    def __init__(self, url: str, record: Record, quit_: threading.Event):
        self._new = partial(Client, url, record, "bank", quit_)
        self._record = record
        self._local = threading.local()
        self._clients: list[Client] = []

    def send(self, body: bytes, headers: dict[str, str]) -> bool:
        """Send a webhook. Return whether it need not be sent again."""
        if not hasattr(self._local, "client"):
            self._local.client = self._new()
            self._clients.append(self._local.client)
        try:
            self._local.client.ask("POST", "/v1/webhooks/payments/sandbox", body, "", headers)
        except Refused as no:  # it will never be taken; the promise about surprises tells
            self._record.note("refusal", client="bank", story="webhook", code=no.code, text=str(no))
        except GaveUp:
            return False
        return True

    def close(self) -> None:
        for client in self._clients:
            client.close()
