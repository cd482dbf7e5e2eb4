"""What one operation asks of the databases: its statements and commits, read from the server's own log.

Load tells nothing here, so the operation is done a few times alone. A transaction is of one kind, by what it touches:

relay      empties the outbox                           follower   handles an event (its inbox row is in it)
errand     notes the outcome of a mail that was sent    timer      looks after clocks, due work, the schedule
request    everything else: what the client waits for

BEGIN, COMMIT and ROLLBACK are not counted as statements. A commit counts when the transaction wrote. A prepared
statement is known by its name, which says what it is about (`store.prepared`).
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.lab.bench.postgres import Server

KINDS = ("request", "follower", "relay", "errand", "timer")
PREFIX = "%p~%d~"
_TOGETHER = re.compile(
    r"; (?=(?:INSERT INTO|UPDATE|DELETE FROM|SELECT|WITH|EXECUTE|SAVEPOINT|RELEASE|ROLLBACK|COMMIT)\b)"
)
"""Between statements that travel in one message."""
_LINE = re.compile(r"(\d+)~(\w*)~LOG:  (?:statement|execute [^:]*): (.*)", re.DOTALL)
_BEGIN, _END = re.compile(r"BEGIN|START TRANSACTION", re.IGNORECASE), re.compile(r"COMMIT|ROLLBACK|END", re.IGNORECASE)
_WRITES = re.compile(r'\s*(EXECUTE ")?(INSERT|UPDATE|DELETE|WITH)\b', re.IGNORECASE)
_RELAY = re.compile(r"\bFROM outbox\b|UPDATE outbox\b|pg_try_advisory", re.IGNORECASE)
_FOLLOWER = re.compile(r"INSERT INTO inbox\b|UPDATE inbox\b", re.IGNORECASE)
_ERRAND = re.compile(r"UPDATE notifications\b", re.IGNORECASE)
_TIMER = re.compile(r"\b(INTO|UPDATE|FROM) schedule\b|SKIP LOCKED", re.IGNORECASE)


@dataclass
class Transaction:
    """One transaction as the log shows it."""

    database: str
    statements: list[str] = field(default_factory=list)
    committed: bool = True

    @property
    def wrote(self) -> bool:
        return any(_WRITES.match(each) for each in self.statements)

    @property
    def kind(self) -> str:
        text = "\n".join(self.statements)
        if _FOLLOWER.search(text):
            return "follower"
        if _RELAY.search(text):
            return "relay"
        if _TIMER.search(text):
            return "timer"
        return "errand" if _ERRAND.search(text) else "request"


@dataclass
class Counts:
    """Per operation: statements and writing commits, by kind of transaction."""

    statements: dict[str, float]
    commits: dict[str, float]
    by_database: dict[str, float]
    trace: str = ""  # the transactions one by one, timers left out

    def to_json(self) -> dict[str, dict[str, float]]:
        return {
            "statements": self.statements,
            "commits": self.commits,
            "request_statements_by_service": self.by_database,
        }


def count(server: Server, log: Path, act: Callable[[], None], times: int, settled: Callable[[], object]) -> Counts:
    """Count what an operation costs, in so many rounds with the log on. `settled` waits for the consequences."""
    server.set("log_line_prefix", PREFIX)
    server.set("log_statement", "all")
    time.sleep(1.2)  # sessions take a new setting when they begin something; all have timers that fire each second
    start = log.stat().st_size
    try:
        for _ in range(times):
            act()
            settled()
    finally:
        server.set("log_statement", "none")
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    found = transactions(entries(text))
    counted = summary(found, times)
    counted.trace = "\n".join(_shown(each) for each in found if each.kind != "timer")
    return counted


def entries(log: str) -> list[tuple[str, str, str]]:
    """Return (process, database, statement) of each statement in the log. Its further lines begin with a tab.

    Statements that travel in one message count as many as if each had come alone.
    """
    joined = re.sub(r"\n\t", " ", log)
    found = (_LINE.match(line) for line in joined.splitlines())
    return [(match[1], match[2], part.strip()) for match in found if match for part in _TOGETHER.split(match[3])]


def transactions(logged: Iterable[tuple[str, str, str]]) -> list[Transaction]:
    """Return the statements of each session, cut where its transactions end."""
    done: list[Transaction] = []
    running: dict[str, Transaction] = {}
    for process, database, statement in logged:
        if _BEGIN.match(statement):
            running[process] = Transaction(database)
        elif _END.match(statement):
            ended = running.pop(process, None)
            if ended is not None and ended.statements:
                ended.committed = not statement.upper().startswith("ROLLBACK")
                done.append(ended)
        elif process in running:
            running[process].statements.append(statement)
    return done


def _shown(each: Transaction) -> str:
    lines = [f"    {' '.join(statement.split())[:240]}" for statement in each.statements]
    return "\n".join([f"{each.kind} of {each.database}, {len(lines)} statements{' (wrote)' * each.wrote}", *lines])


def summary(found: Iterable[Transaction], times: int) -> Counts:
    statements: Counter[str] = Counter()
    commits: Counter[str] = Counter()
    by_database: defaultdict[str, int] = defaultdict(int)
    for each in found:
        statements[each.kind] += len(each.statements)
        commits[each.kind] += each.wrote and each.committed
        if each.kind == "request":
            by_database[each.database] += len(each.statements)

    def per_operation(counted: dict[str, int]) -> dict[str, float]:
        return {name: round(value / times, 2) for name, value in counted.items()}

    return Counts(
        per_operation({kind: statements[kind] for kind in KINDS}),
        per_operation({kind: commits[kind] for kind in KINDS}),
        per_operation(by_database),
    )
