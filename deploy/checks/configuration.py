"""What is derived from the declared settings: `python -m deploy.checks.configuration` (`make settings`) writes it.

    README.md            the table of every variable
    .env.example         the secrets that adapters share with the machines of others
    docker-compose.yml   which variables and secrets reach which container

Each stands between two marks; a test compares it. A setting that is declared with the value that stands in the source
(`known`) is a secret of our own: `make_secrets` makes it, and containers are given it as a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gateway.settings import GatewaySettings
from services import SERVICES
from services.aftersales.settings import AftersalesSettings
from services.common.runtime.config import SettingRow, Settings
from services.common.runtime.stored import JOURNAL_KEYS
from services.common.runtime.upload_settings import UploadSettings
from services.logistics.settings import LogisticsSettings
from services.orders.settings import OrdersSettings
from services.support.settings import FirstStaff, SupportSettings

ROOT = Path(__file__).parents[2]
READERS: dict[str, type[Settings]] = {
    "all": Settings,
    "gateway": GatewaySettings,
    "orders": OrdersSettings,
    "logistics": LogisticsSettings,
    "aftersales": AftersalesSettings,
    "support": SupportSettings,
}
SEEDED: dict[str, type[Settings]] = {"support": FirstStaff}
"""What the migrate step of a service reads for its first data, besides what reaches its broker and database."""
FIXED = frozenset({
    "PLEDGE_DATA_DIR", "PLEDGE_HTTP_ADDRESS", "PLEDGE_OPS_ADDRESS", "PLEDGE_MAIL_DIR", "PLEDGE_UPLOADS_DIR",
    "PLEDGE_DEV", "PLEDGE_GRACE_SECONDS", "PLEDGE_<SERVICE>_OWNER_URL",
})  # fmt: skip
"""Given by the image, to the migrate step alone, or not for the composed form."""
LONGEST_SHOWN = 80
DATABASE_URL, AMQP_URI = "PLEDGE_<SERVICE>_DATABASE_URL", "PLEDGE_AMQP_URI"
OWNER_URL = "PLEDGE_<SERVICE>_OWNER_URL"


def table() -> str:
    """Return every variable once, in Markdown: who reads it, its default, what it is for."""
    lines = ["| variable | read by | default | what it is for |", "| --- | --- | --- | --- |"]
    rows = {row.env: row for settings in READERS.values() for row in settings.describe()}
    for env, row in rows.items():
        readers = [name for name, settings in READERS.items() if env in {each.env for each in settings.describe()}]
        who = "all" if "all" in readers else ", ".join(readers)
        default = f"`{row.default}`" if row.default else "—"
        if row.known and len(row.default) > LONGEST_SHOWN:
            default = "keys in this source, for development only"
        lines.append(_escaped(f"| `{env}` | {who} | {default} | {row.doc} |"))
    return "\n".join(lines)


def made_secrets() -> list[str]:
    """Return the variables whose secrets we make. The files have their names in lower case."""
    rows = {row.env: row for settings in READERS.values() for row in settings.describe()}
    return [env for env, row in rows.items() if row.known]


def secret_name(env: str) -> str:
    """Return the file of a secret: `easypost_webhook_secret` of PLEDGE_EASYPOST_WEBHOOK_SECRET."""
    return env.removeprefix("PLEDGE_").lower()


def examples() -> str:
    """Return the secrets that adapters declare, as lines of `.env.example`."""
    parts = [part for settings in READERS.values() for part in settings.parts]
    rows = {row.env: row for part in parts for row in part.describe() if row not in _common()}
    return "\n".join(
        line for row in rows.values() if row.secret for line in (f"# {row.doc}{_form_of(row)}", f"{row.env}=")
    )


def composed() -> str:
    """Return the variables and secrets of each container. What is said below for a service itself comes before."""
    lines = ["x-settings:"]
    lines += ["  all: &all", *(f"    {name}: {value}" for name, value in _given(_common()))]
    for member in (*SERVICES, "gateway"):
        rows = [row for row in READERS[member].describe() if row not in _common()]
        uri = f"/run/secrets/{member}_amqp_uri"
        lines += [f"  {member}: &{member}-settings", "    <<: *all", f"    {AMQP_URI}_FILE: {uri}"]
        lines += [f"    {name}: {value}" for name, value in (*_database(member), *_journal(member), *_given(rows))]
    for service in SERVICES:
        env = OWNER_URL.replace("<SERVICE>", service.upper())
        lines += [f"  migrate-{service}: &migrate-{service}-settings", "    <<: *all"]
        lines += [f"    {AMQP_URI}_FILE: /run/secrets/{service}_amqp_uri"]
        first = [row for row in SEEDED.get(service, Settings).describe() if row not in _common()]
        lines += [f"    {name}: {value}" for name, value in (*_database(service), *_given(first))]
        lines += [f"    {env}_FILE: /run/secrets/{service}_owner_url", f"    {env}: ${{{env}:-}}"]
    lines += ["  operations: &operations-settings", "    <<: *all"]
    ours = {env: row for settings in READERS.values() for env, row in _by_env(settings).items() if row.known}
    operations = list(ours.values())
    files = [row for row in UploadSettings.describe() if row not in _common()]  # backups and the doctor read them too
    databases = [given for service in SERVICES for given in _database(service)]
    lines += [f"    {name}: {value}" for name, value in (*databases, *_given(operations), *_given(files))]
    lines += ["  notary: &notary-settings", *(f"    {name}: {value}" for name, value in databases)]  # it needs no more
    lines += ["", "x-secrets:"]
    for member in (*SERVICES, "gateway"):
        lines.append(f"  {member}: &{member}-secrets [{', '.join(_secrets_of(member))}]")
    for service in SERVICES:
        given = ", ".join((f"{service}_amqp_uri", f"{service}_database_url", f"{service}_owner_url"))
        lines.append(f"  migrate-{service}: &migrate-{service}-secrets [{given}]")
    databases_of_all = [f"{service}_database_url" for service in SERVICES]
    known = ["gateway_amqp_uri", *(secret_name(row.env) for row in operations), *databases_of_all]
    lines += [f"  operations: &operations-secrets [{', '.join(known)}]"]
    lines += [f"  notary: &notary-secrets [{', '.join(databases_of_all)}]", "", "secrets:"]
    secrets = [
        *(secret_name(env) for env in made_secrets()), "postgres_password", "grafana_password", "rabbitmq_definitions",
        *(f"{member}_amqp_uri" for member in (*SERVICES, "gateway")), *databases_of_all,
        *(f"{service}_owner_url" for service in SERVICES), *(f"{service}_journal_keys" for service in SERVICES),
    ]  # fmt: skip
    lines += [f'  {name}: {{file: "${{PLEDGE_SECRETS:-./secrets}}/{name}"}}' for name in secrets]
    return "\n".join(lines)


def write() -> list[str]:
    """Write the derived parts again. Return the names of the files that changed."""
    changed = []
    for name, text in DERIVED.items():
        path = ROOT / name
        before = path.read_text("utf-8")
        after = with_part(name, before, text())
        if before != after:
            path.write_text(after, "utf-8")
            changed.append(name)
    return changed


def with_part(name: str, document: str, text: str) -> str:
    """Return the document with this text between its marks. Raise ValueError without them."""
    begin, end = MARKS[Path(name).suffix]
    found = re.sub(f"(?s){re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{text}\n{end}", document, count=1)
    if begin not in found:
        raise ValueError(f"{name} does not say where the settings go: {begin}")
    return found


DERIVED: Mapping[str, Callable[[], str]] = {
    "README.md": table,
    ".env.example": examples,
    "docker-compose.yml": composed,
}
_HASHED = ("# begin: derived from the settings by `make settings`", "# end")
MARKS = {".md": ("<!-- begin: derived by `make settings` -->", "<!-- end -->"), ".yml": _HASHED, ".example": _HASHED}


def _form_of(row: SettingRow) -> str:
    return "" if row.form == "text" else f" ({row.form})"


def _common() -> list[SettingRow]:
    return Settings.describe()


def _by_env(settings: type[Settings]) -> dict[str, SettingRow]:
    return {row.env: row for row in settings.describe()}


def _given(rows: list[SettingRow]) -> Iterator[tuple[str, str]]:
    """Return how these variables reach a container: as a file, or from the environment of its starter."""
    ours = {*made_secrets()}
    for row in rows:
        if row.env in FIXED or row.env in {AMQP_URI, DATABASE_URL, JOURNAL_KEYS}:
            continue
        if row.env in ours:
            yield f"{row.env}_FILE", f"/run/secrets/{secret_name(row.env)}"
        else:
            yield row.env, f"${{{row.env}:-}}"


def _database(service: str) -> Iterator[tuple[str, str]]:
    if service in SERVICES:
        env = DATABASE_URL.replace("<SERVICE>", service.upper())
        yield f"{env}_FILE", f"/run/secrets/{service}_database_url"
        yield env, f"${{{env}:-}}"


def _journal(service: str) -> Iterator[tuple[str, str]]:
    if service in SERVICES:
        yield f"{JOURNAL_KEYS}_FILE", f"/run/secrets/{service}_journal_keys"


def _secrets_of(member: str) -> list[str]:
    own = [secret_name(env) for env in made_secrets() if env in _by_env(READERS[member])]
    database = [f"{member}_database_url", f"{member}_journal_keys"] if member in SERVICES else []
    return [f"{member}_amqp_uri", *database, *own]


def _escaped(text: str) -> str:
    """Escape angle brackets as text in HTML. A code span shows everything as it is, also an escape."""
    parts = text.split("`")
    parts[::2] = [part.replace("<", "&lt;").replace(">", "&gt;") for part in parts[::2]]
    return "`".join(parts)


if __name__ == "__main__":
    print("\n".join(f"{name}: written" for name in write()) or "nothing to write")
