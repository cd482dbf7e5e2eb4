"""The hands that carry out a schedule. Every fault does its damage, waits if it must, and heals what it did.

Faults overlap: the next one begins at its time, whether the last one has healed or not. Only two on the same process
take turns.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from deploy.lab.chaos import deliveries
from deploy.lab.chaos.member import Member
from deploy.lab.chaos.schedule import Planned
from deploy.lab.chaos.stage import Stage
from deploy.run import processes
from deploy.run.infra import rabbitmqctl

FROZEN_SECONDS = 25.0  # beyond two missed heartbeats of 10 s
SERVER_FROZEN_SECONDS = 8.0
DELAY_SECONDS, DELAYED_SECONDS = 0.15, 6.0
REFUSED_SECONDS = 6.0
FULL_SECONDS = 10.0
BLOCKED_SECONDS = 12.0
UNREACHABLE_SECONDS = 120.0
HELD_BACK, HELD_BACK_SECONDS = 20, 6.0


class Faults:
    """Plays a schedule on a stage, each fault in a thread of its own; `say` is told of every one."""

    def __init__(self, stage: Stage, say: Callable[[str], None]):
        self.stage, self.say = stage, say
        self.problems: list[str] = []
        self._quit = threading.Event()
        self._threads: list[threading.Thread] = []

    def play(self, planned: Iterable[Planned], seconds: float) -> None:
        """Play the faults until that many seconds have passed and every fault has healed."""
        began = time.monotonic()
        for each in planned:
            self._quit.wait(max(0.0, began + each.at - time.monotonic()))
            self.say(str(each))
            thread = threading.Thread(target=self._carry_out, args=(each,), name=each.fault, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._quit.wait(max(0.0, began + seconds - time.monotonic()))
        self._join()

    def quit(self) -> None:
        """Heal now; returns when that is done."""
        self._quit.set()
        self._join()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _carry_out(self, planned: Planned) -> None:
        try:
            FAULTS[planned.fault](self, planned.target, random.Random(planned.dice))  # noqa: S311 (no secret)
        except Exception as problem:  # whatever it is: the harness did not do what it set out to, and the run says so
            self.problems.append(f"{planned}: {type(problem).__name__}: {problem}")

    # processes

    def kill(self, target: str, dice: random.Random) -> None:
        member = self.stage.members[target]
        with member.lock:
            member.kill()
            self._quit.wait(dice.uniform(0, 3))
            member.start()

    def kill_all(self, target: str, dice: random.Random) -> None:
        """Kill all replicas of a service at the same moment."""
        self._without(self.stage.replicas(target), dice.uniform(0, 4))

    def fill_queue(self, target: str, dice: random.Random) -> None:
        """Stop a follower until its queue is full. Then it must catch up."""
        self._without(self.stage.replicas(target), FULL_SECONDS)

    def _without(self, members: list[Member], seconds: float) -> None:
        for member in members:
            member.lock.acquire()
        try:
            for member in members:
                member.kill()
            self._quit.wait(seconds)
            for member in members:
                member.start()
        finally:
            for member in members:
                member.lock.release()

    def terminate(self, target: str, dice: random.Random) -> None:
        """Send SIGTERM: the process must finish what runs and end with 0 within the grace time."""
        member = self.stage.members[target]
        with member.lock:
            if not processes.until(member.ready, 30):
                return  # it is just starting, and does not listen yet: nothing to see
            member.terminate()
            self.stage.record.note("ended", name=target, told=True, code=member.await_end())
            member.start()

    def freeze(self, target: str, dice: random.Random) -> None:
        """Freeze a process for longer than its heartbeats allow, then let it go on."""
        member = self.stage.members[target]
        with member.lock:
            member.signal(signal.SIGSTOP)
            self._quit.wait(FROZEN_SECONDS)
            member.signal(signal.SIGCONT)

    # servers

    def kill_server(self, target: str, dice: random.Random) -> None:
        with self.stage.server_locks[target]:
            self.stage.kill_server(target)
            self._quit.wait(dice.uniform(0, 3))
            self.stage.restart_server(target)

    def freeze_server(self, target: str, dice: random.Random) -> None:
        with self.stage.server_locks[target]:
            pid = self.stage.server(target).pid
            os.kill(pid, signal.SIGSTOP)
            self._quit.wait(SERVER_FROZEN_SECONDS)
            os.kill(pid, signal.SIGCONT)

    def block(self, target: str, dice: random.Random) -> None:
        """Raise the memory alarm: the broker takes no messages."""
        with self.stage.server_locks[target]:
            server = self.stage.server(target)
            rabbitmqctl(server, "set_vm_memory_high_watermark", "0")
            self._quit.wait(BLOCKED_SECONDS)
            rabbitmqctl(server, "set_vm_memory_high_watermark", "0.4")

    # connections

    def cut(self, target: str, dice: random.Random) -> None:
        member = self.stage.members[target]
        for link in (member.broker, member.database):
            if link is not None and (link is member.broker or dice.random() < 0.5):
                link.cut()

    def cut_all(self, target: str, dice: random.Random) -> None:
        """Cut every connection to the databases at the same moment."""
        for member in self.stage.members.values():
            if member.database is not None:
                member.database.cut()

    def refuse(self, target: str, dice: random.Random) -> None:
        """Keep one process from its database, or from the broker."""
        member = self.stage.members[target]
        link = dice.choice((member.broker, member.database)) or member.broker
        link.refuse()
        self._quit.wait(REFUSED_SECONDS)
        link.heal()

    def delay(self, target: str, dice: random.Random) -> None:
        member = self.stage.members[target]
        links = [link for link in (member.broker, member.database) if link is not None]
        for link in links:
            link.delay(DELAY_SECONDS)
        self._quit.wait(DELAYED_SECONDS)
        for link in links:
            link.heal()

    def half_open(self, target: str, dice: random.Random) -> None:
        """Make the broker silent for one process, without an end of the connection."""
        link = self.stage.members[target].broker
        link.silence()
        self._quit.wait(FROZEN_SECONDS)
        link.heal()

    def unreachable(self, target: str, dice: random.Random) -> None:
        """Keep all processes from the broker for two minutes."""
        links = [member.broker for member in self.stage.members.values()]
        for link in links:
            link.refuse()
        self._quit.wait(UNREACHABLE_SECONDS)
        for link in links:
            link.heal()

    # deliveries

    def deliver_again(self, target: str, dice: random.Random) -> None:
        """Deliver some of the service's events once more, in any order, some of them twice."""
        database, amqp_uri = self.stage.databases[target], self.stage.amqp_uri
        deliveries.patiently(lambda: deliveries.repeat(database, amqp_uri, target, dice))

    def hold_back(self, target: str, dice: random.Random) -> None:
        """Deliver some of the service's events after those that were sent later."""

        def hold() -> None:
            with deliveries.held_back(self.stage.amqp_uri, target, HELD_BACK):
                self._quit.wait(HELD_BACK_SECONDS)

        deliveries.patiently(hold)


FAULTS: Mapping[str, Callable[[Faults, str, random.Random], None]] = {
    fault.__name__: fault
    for fault in (
        Faults.kill, Faults.kill_all, Faults.fill_queue, Faults.terminate, Faults.freeze, Faults.kill_server,
        Faults.freeze_server, Faults.block, Faults.cut, Faults.cut_all, Faults.refuse, Faults.delay, Faults.half_open,
        Faults.unreachable, Faults.deliver_again, Faults.hold_back,
    )
}  # fmt: skip
