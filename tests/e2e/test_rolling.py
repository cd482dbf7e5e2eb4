"""One service after the other is replaced under load, old and new side by side, and no customer's request fails."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.lab.chaos import record
from deploy.lab.chaos.client import Client
from deploy.lab.chaos.customer import Shop
from deploy.lab.chaos.promises import judge
from deploy.lab.chaos.run import Load, evidence_of, ground, settle
from deploy.lab.chaos.stage import Stage
from deploy.run import processes
from services import SERVICES

CLIENTS, SEED, SECONDS = 4, 11, 60.0
ANSWERS = 15  # from the new one alone, before the next service's turn


class Impatient(Client):
    """Writes down as a failure what a patient client would ask again: no answer, 429 and 503."""

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str]:
        status, text = super()._once(method, path, body, headers)
        if status in (0, 429, 503) and not self._quit.is_set():
            self.record.note("failure", client=self.name, asked=f"{method} {path}", got=f"{status} {text[:300]}")
        return status, text


class Counter(Shop):
    """The shop without repeated requests."""

    def client(self, name: str) -> Client:
        return Impatient(self.url, self.record, name, self.quit)


def test_every_service_is_replaced_under_load_without_failures() -> None:
    with ground(seed=SEED, replicas=1) as (stage, bank, shop):
        load = Load(Counter(*shop), bank, SEED, CLIENTS)
        answered(stage, ANSWERS)
        codes = {service: replace(stage, service) for service in SERVICES}
        load.finish(SECONDS)
        settle(stage, bank, shop, print)
        verdicts = judge(evidence_of(stage, shop.record))

    assert codes == dict.fromkeys(SERVICES, 0)
    assert [line for verdict in verdicts for line in verdict.violations] == []
    assert {story for customer in load.customers for story in customer.finished} > {"buys_and_keeps"}


def replace(stage: Stage, service: str) -> int | None:
    """Start the new replica, then stop the old one. Return the exit code of the old one."""
    new, old = stage.add(f"{service}.2"), stage.members.pop(f"{service}.1")
    new.start()
    assert processes.until(new.ready, SECONDS), new.log.read_text()[-2000:]
    answered(stage, ANSWERS)
    old.terminate()
    code = old.await_end()
    answered(stage, ANSWERS)
    return code


def answered(stage: Stage, count: int) -> None:
    """Wait until so many more answers have come."""
    before = len(record.of(stage.record.entries, "answer"))
    assert processes.until(lambda: len(record.of(stage.record.entries, "answer")) >= before + count, SECONDS)
