"""Secrets that are publicly known, roles that may enter where they must not, journals unsigned, a disk nearly full."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import sqlalchemy as sa

from deploy.checks.configuration import READERS
from deploy.operate.doctor.finding import Finding, critical, warning
from deploy.operate.doctor.sealed import KEYS_LAST
from deploy.operate.signed import folder_of, looked_at
from deploy.run import own_keys
from gateway.settings import GatewaySettings
from services import SERVICES
from services.common.basics import clock
from services.common.edge.keys import birthdays, public_keys, secret_made
from services.common.runtime.config import Settings
from services.support.settings import SupportSettings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", None})
CHANGE_FIRST = "put a new one before it (docs/operations-security.md): PLEDGE_SECRET=2026-12-01:NEW, OLD"
CHANGE_KEYS = "change it (docs/operations-security.md): python -m deploy.compose.make_secrets --next-keys"
SIGNED_WITHIN = timedelta(days=1)
NEARLY_FULL, LITTLE = 0.95, 200 * 2**20


def examine(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    if settings.embedded:
        yield from _own_keys(settings, environ)
        yield from _disk(settings)
        return
    if _is_public(settings):
        yield from _known_secrets(environ)
        yield from unsigned(folder_of(settings, environ))
    yield from _old_keys(environ)
    yield from _open_doors(settings)


def _own_keys(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Report keys of the embedded form that others know, can read, or that are old."""
    folder = settings.data_dir / own_keys.FOLDER
    made = own_keys.as_made(environ, settings.data_dir)
    for name in _known(made):
        yield warning(
            "default_secret", name, "it is the one from the source code, which everybody can read",
            f"unset {name}; the next make run makes one for this installation alone, in {folder}",
        )  # fmt: skip
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.stat().st_mode & 0o077:
            yield critical("open_key", str(path), "others may read or write it", f"chmod 600 {path}; then make it anew")
    yield from _old_keys(made, f"stop the platform, move the key's file out of {folder}, and start it again")


def _is_public(settings: Settings) -> bool:
    """Return whether any part is on another machine. On this machine alone, development settings are right."""
    urls = [settings.amqp_uri, settings.public_url, *(settings.database_url(service) for service in SERVICES)]
    return any(urlsplit(url).hostname not in LOOPBACK for url in urls)


def _known_secrets(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name in _known(environ):
        yield critical(
            "default_secret", name, "it is the one from the source code, which everybody can read",
            f"set {name} (python -c 'import secrets; print(secrets.token_urlsafe(32))') and unset PLEDGE_DEV",
        )  # fmt: skip


def unsigned(folder: Path) -> Iterator[Finding]:
    """Report journals whose end was not signed for a day: a rewritten entry would not be found."""
    for service in SERVICES:
        last = looked_at(folder, service)
        if last is None or clock.now() - last > SIGNED_WITHIN:
            since = "never" if last is None else f"not since {last:%Y-%m-%d %H:%M} UTC"
            yield warning(
                "unsigned_journal", service, f"its end was signed: {since}, in {folder}",
                "look at what the notary says (docs/operations-security.md): docker compose logs notary",
            )  # fmt: skip


def _known(environ: Mapping[str, str]) -> list[str]:
    """Return the variables whose secret stands in the source."""
    known = [name for reader in READERS.values() for name in reader.load(environ).known_secrets()]
    return [*dict.fromkeys(known)]


def _old_keys(environ: Mapping[str, str], remedy: str = CHANGE_KEYS) -> Iterator[Finding]:
    """Report signing keys that are old by their name, and keys that the gateway does not know."""
    support, gateway = SupportSettings.load(environ), GatewaySettings.load(environ)
    signing = support.signing_keys
    made = secret_made(support.secret_list)
    if made is not None and clock.now().date() - made > KEYS_LAST:
        yield warning("old_key", "PLEDGE_SECRET", f"it is in use since {made}", CHANGE_FIRST)
    for variable, text in (("PLEDGE_SIGNING_KEYS", signing), ("PLEDGE_GATEWAY_KEYS", gateway.gateway_keys)):
        for purpose, name, made in birthdays(text):
            if made is not None and clock.now().date() - made > KEYS_LAST:
                yield warning(
                    "old_key", f"{variable} {purpose}:{name}", f"it has signed since {made}", remedy,
                )  # fmt: skip
    known = {part.strip() for part in gateway.public_keys.split(",")}
    for part in public_keys(signing).split(","):
        if part.strip() not in known:
            yield critical(
                "unknown_key", part.strip().rpartition(":")[0], "support signs with it; the gateway does not know it",
                "put the public key into PLEDGE_PUBLIC_KEYS and restart the gateway",
            )  # fmt: skip


def _open_doors(settings: Settings) -> Iterator[Finding]:
    """Try every role on every other service's database, as an attacker who took over a service would."""
    urls = {service: sa.make_url(settings.database_url(service)) for service in SERVICES}
    on_server = {service: url for service, url in urls.items() if url.get_backend_name() == "postgresql"}
    for (service, own), (other, theirs) in permutations(on_server.items(), 2):
        tried = theirs.set(username=own.username, password=own.password)
        if _may_enter(tried):
            yield critical(
                "role_enters_other_database", service, f"its role {own.username!r} may connect to {other}'s database",
                f'give it a role of its own, and: REVOKE CONNECT ON DATABASE "{theirs.database}" FROM PUBLIC',
            )  # fmt: skip


def _may_enter(url: sa.URL) -> bool:
    try:
        place = url.set(drivername="postgresql").render_as_string(hide_password=False)
        psycopg2.connect(place, connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False  # refused; when the server is away that is told elsewhere
    return True


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.data_dir.exists():
        return
    total, used, free = shutil.disk_usage(settings.data_dir)
    if used / total > NEARLY_FULL or free < LITTLE:
        yield warning(
            "disk_nearly_full", str(settings.data_dir.resolve()), f"{free / 2**20:.0f} MB are left",
            "make room (backups and *.replaced-* files may go elsewhere): a full disk refuses every write",
        )  # fmt: skip
