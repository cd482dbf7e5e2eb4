"""Restoring one service, or all: checked, loaded beside what is there, brought up to date, swapped, made whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alembic.script import ScriptDirectory

from deploy.operate.backup import ahead, files, manifest
from deploy.operate.backup.ahead import MARGIN, Ahead
from deploy.operate.backup.manifest import Facts, Item, Refused
from deploy.operate.backup.replay import all_stores, replay, report
from deploy.operate.backup.take import form_of
from deploy.run.embedded import only_process
from deploy.run.queues import look
from services import SERVICES
from services.common.basics import clock, urls
from services.common.basics.clock import rfc3339
from services.common.runtime.config import Settings
from services.common.runtime.upload_settings import UploadSettings
from services.common.store.migrations import alembic_config, migrate
from services.support.settings import SupportSettings

ADMIN = "PLEDGE_POSTGRES_ADMIN_URL"
SUPPORT = "support"


def restore(environ: Mapping[str, str], folder: Path, service: str | None = None, *, anyway: bool = False) -> None:
    """Restore that backup. Raise Refused, with everything unchanged, if the backup or the moment does not fit.

    anyway: also while others have not yet handled all that the service announced.
    """
    settings, admin = Settings.load(environ), environ.get(ADMIN, "")
    items = manifest.read(folder, service)
    if SUPPORT in items:
        files.check(folder)
    with whole_platform_stopped(settings):
        for item in items.values():
            _refuse_misfit(item, settings)
            _refuse_running(item.service, settings, admin)
        if not anyway:
            _refuse_unheard(items, settings)
        if SUPPORT in items:
            added = files.load(SupportSettings.load(environ).part(UploadSettings).store, folder)
            print(f"{added} files that were sent are there again")
        _restore(settings, folder, items, admin)


@contextmanager
def whole_platform_stopped(settings: Settings) -> Iterator[None]:
    """Hold the data folder of the embedded form, which one process may work in; elsewhere nothing is held."""
    if not settings.embedded:
        yield
        return
    with only_process(settings.data_dir):
        yield


def _restore(settings: Settings, folder: Path, items: Mapping[str, Item], admin: str) -> None:
    fresh: dict[str, str] = {}
    since = min(item.taken_at for item in items.values()) - MARGIN
    try:
        for item in items.values():
            url = settings.database_url(item.service)
            fresh[item.service] = form_of(url).load(url, folder / item.file, admin)
            _bring_up_to_date(item, fresh[item.service])
        chains = _declare_what_is_lost(settings, items, fresh)
        for name in items:
            url = settings.database_url(name)
            owner = settings.owners.get(name, "")
            form_of(url).hand_over(url, fresh[name], admin, urls.role_of(owner) if owner else None)
            kept = form_of(url).swap(url, fresh[name], clock.now(), admin)
            del fresh[name]
            _tell(items[name], kept, chains[name])
    finally:
        for url in fresh.values():
            form_of(url).discard(url, admin)
    with all_stores(settings) as stores:
        report(replay(stores, items, since), since)


def _bring_up_to_date(item: Item, url: str) -> None:
    if form_of(url).facts(url) != Facts(item.revision, item.position):
        raise Refused(f"the backup of {item.service} does not hold what its manifest says")
    migrate(item.service, url)


def _declare_what_is_lost(
    settings: Settings, items: Mapping[str, Item], fresh: Mapping[str, str]
) -> dict[str, list[Ahead]]:
    with all_stores(settings, instead=fresh) as stores:
        chains = {
            item.service: ahead.find(item.service, stores[item.service], stores, item.taken_at - MARGIN)
            for item in items.values()
        }
        for name, found in chains.items():
            ahead.declare(stores[name], found, items[name].taken_at)
    return chains


def _refuse_misfit(item: Item, settings: Settings) -> None:
    is_sqlite = form_of(settings.database_url(item.service)).SUFFIX == ".db"
    if is_sqlite != (item.form == manifest.SQLITE):
        raise Refused(f"the backup of {item.service} is of {item.form}, the database is not")
    script = ScriptDirectory.from_config(alembic_config(item.service))
    if item.revision not in {each.revision for each in script.walk_revisions()}:
        raise Refused(f"the backup of {item.service} is of revision {item.revision}, which this release does not know")


def _refuse_running(service: str, settings: Settings, admin: str) -> None:
    url = settings.database_url(service)
    if working := form_of(url).who_works(url, admin):
        raise Refused(f"{service} still runs: there are {working} in its database; stop every replica first")
    names = [] if settings.embedded else [f"{service}.inbox"]
    for name, queue in look(settings.amqp_uri, names).items():
        if queue is not None and queue.consumers:
            raise Refused(f"{service} still runs: {queue.consumers} consume {name}; stop every replica first")


def _refuse_unheard(items: Mapping[str, Item], settings: Settings) -> None:
    """Refuse while events wait unhandled: later they would be taken for new ones."""
    names = [] if settings.embedded else [f"{name}.inbox" for name in SERVICES if name not in items]
    for name, queue in look(settings.amqp_uri, names).items():
        if queue is not None and queue.messages:
            raise Refused(
                f"{name} still holds {queue.messages} messages, perhaps of what is to be restored: "
                "let its service handle them first (or say --anyway)"
            )


def _tell(item: Item, kept: str, chains: list[Ahead]) -> None:
    print(f"{item.service:12} is as it was at {rfc3339(item.taken_at)}; what it was before is {kept or 'nothing'}")
    if chains:
        print(f"  others know {len(chains)} chains further than the backup does:")
    for each in chains:
        print(f"    {each}")
