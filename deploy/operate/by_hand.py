"""What operators do by hand, on every service's own database; inside of a service's container on that service's.

python -m deploy.operate verify                       check the journal's hash chains, and what was signed of them
                                                      (`signed`); exit code 1 when one is broken
python -m deploy.operate dead-letters                 list the messages that were given up
python -m deploy.operate redrive [event id …]         give them (or these) another chance
python -m deploy.operate remap [carrier …]            have logistics read again what carriers (or these) sent
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from deploy.operate import signed
from services import SERVICES
from services.common.basics.caller import Caller
from services.common.runtime.config import ConfigError, Settings
from services.common.runtime.stored import StoredSettings
from services.common.store import tables
from services.common.store.chain_keys import OWN
from services.common.store.database import Store, Work

OPERATOR = Caller("operator")


class NoDatabase(Exception):
    """There is no such file; says which, and what to do."""


def verify(environ: Mapping[str, str], _ids: list[str]) -> int:
    flaws = 0
    for service, work in each(environ, reading=True):
        entries = work.session.scalar(sa.select(sa.func.count()).select_from(tables.journal))
        found = list(work.journal.verify())
        flaws += len(found)
        print(f"{service:12} {entries} entries, {len(found) or 'no'} flaws")
        for flaw in found:
            print(f"  {flaw}")
        flaws += _compare_with_signed(environ, service, work)
    return 1 if flaws else 0


def _compare_with_signed(environ: Mapping[str, str], service: str, work: Work) -> int:
    """Say what is not as it was signed, where there are signatures to compare with. Return the number of flaws."""
    folder = signed.folder_of(Settings.load(environ), environ)
    if not (folder / "key.pub").exists():
        print(f"{service:12} nothing is signed in {folder}")
        return 0
    try:
        found = list(signed.compare(folder, service, work.session))
    except signed.Distrusted as problem:
        print(f"  {problem}")
        return 1
    print(f"{service:12} {len(found) or 'no'} chains are not what was signed")
    for flaw in found:
        print(f"  {flaw}")
    return len(found)


def dead_letters(environ: Mapping[str, str], _ids: list[str]) -> int:
    for service, work in each(environ, reading=True):
        found = work.inbox.dead()
        print(f"{service:12} {len(found) or 'no'} dead letters")
        for letter in found:
            print("  " + "  ".join(f"{name}={value}" for name, value in letter.items() if name != "message"))
    return 0


def redrive(environ: Mapping[str, str], ids: list[str]) -> int:
    for service, work in each(environ, reading=False):
        print(f"{service:12} {work.inbox.redrive(ids or None)} given another chance")
    return 0


def remap(environ: Mapping[str, str], carriers: list[str]) -> int:
    """Mark what carriers sent: logistics, as it runs, reads it again, some thousand a minute."""
    # here, since the images of the other services have no logistics in them
    from services.logistics.api.sources import RereadWebhooks
    from services.logistics.handlers.rereading import reread_webhooks
    from services.logistics.repository import Work as Logistics

    settings = Settings.load(environ)
    url = settings.database_url("logistics")
    _use_own_keys(environ, settings)
    wanted: list[str | None] = [*carriers] or [None]
    for carrier in wanted:
        with opened(url) as store, store.work(Logistics, OPERATOR) as work:
            marked = reread_webhooks(work, RereadWebhooks(carrier=carrier))["webhooks"]
        print(f"{carrier or 'all':12} {marked} webhooks are read again")
    return 0


def _use_own_keys(environ: Mapping[str, str], settings: Settings) -> None:
    """Seal what is recorded here as the service does, so that no key of a chain lies open until its next start."""
    if settings.embedded:
        from deploy.run.own_keys import as_made  # here, since the images of services cannot start that form

        environ = as_made(environ, settings.data_dir)
    own = StoredSettings.load(environ)
    OWN.use(own.journal_keys, writes=own.seal_journal)


def each(environ: Mapping[str, str], *, reading: bool) -> Iterator[tuple[str, Work]]:
    """Yield every service's database in turn, each in a transaction of its own."""
    settings = Settings.load(environ)
    own = environ.get("PLEDGE_SERVICE")
    for service in [own] if own in SERVICES else SERVICES:
        with opened(settings.database_url(service)) as store, store.work(Work, reading=reading) as work:
            yield service, work


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open a database for as long as it is needed. NoDatabase for a file that is not there."""
    known = sa.make_url(url)
    if known.get_backend_name() == "sqlite" and not Path(known.database or "").exists():
        raise NoDatabase(f"{known.database} does not exist: nothing was ever stored there; or correct PLEDGE_DATA_DIR")
    store = Store(url, pool_size=1)
    try:
        yield store
    finally:
        store.dispose()


def main(arguments: list[str] | None = None) -> int:
    commands = {"verify": verify, "dead-letters": dead_letters, "redrive": redrive, "remap": remap}
    parser = argparse.ArgumentParser(prog="python -m deploy.operate", description="operators' work, by hand")
    parser.add_argument("command", choices=commands)
    parser.add_argument("ids", nargs="*", help="event ids, for redrive; carriers, for remap")
    given = parser.parse_args(arguments)
    try:
        return commands[given.command](os.environ, given.ids)
    except (ConfigError, NoDatabase) as problem:
        print(problem, file=sys.stderr)
    except DBAPIError as problem:
        print(unusable(problem), file=sys.stderr)
    return 2


def unusable(problem: DBAPIError) -> str:
    """Say in one line why a database cannot be used."""
    return f"a database cannot be used: {' '.join(str(problem.orig).split())}"
