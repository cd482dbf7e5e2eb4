"""What a service keeps sealed with its own keys (`store.chain_keys`): by which key, and what of it lies open.

Keys of chains, replies to commands, messages that wait or were given up, what carriers sent, and secrets: each says the
name of the key that seals it, which begins with the date on which it was made. The keys themselves are not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from deploy.operate.doctor.finding import Finding, warning
from services.aftersales import tables as aftersales
from services.common.basics import clock
from services.common.basics.personal import ERASED
from services.common.store import tables
from services.logistics.tables import label_papers, raw_webhooks
from services.support import tables as support

OWN_KEYS = {"aftersales": aftersales.orders, "support": support.order_contacts}
KEYS_LAST = timedelta(days=365)
DATE = len("2026-11-29")


class Kept(NamedTuple):
    """A column of sealed texts. mark: what stands before the name of the key."""

    what: str
    column: sa.Column[str]
    mark: str
    where: sa.ColumnElement[bool]

    @property
    def is_sealed(self) -> sa.ColumnElement[bool]:
        text = sa.func.coalesce(self.column, "")
        begins = sa.func.substr(text, 1, 1) == self.mark if self.mark else sa.true()
        return sa.and_(begins, sa.func.substr(text, 1, len(self.mark) + 17).contains("."))

    def is_there(self, connection: sa.Connection) -> bool:
        """Return whether the database has it: it may be of a release before."""
        looked = sa.inspect(connection)
        table = self.column.table.name
        return looked.has_table(table) and any(each["name"] == self.column.name for each in looked.get_columns(table))


def kept_by(service: str) -> list[Kept]:
    """Return what a service keeps sealed."""
    key, reply, message = tables.journal_heads.c.key, tables.idempotency_keys.c.reply, tables.inbox.c.message
    waits = sa.or_(tables.inbox.c.next_attempt_at.is_not(None), tables.inbox.c.dead_at.is_not(None))  # has indexes
    found = [
        Kept("keys of chains of its journal", key, "", key != ""),
        Kept("replies that are kept for repeats", reply, "~", reply.is_not(None)),
        Kept("messages that wait for another try or were given up", message, "~", sa.and_(waits, message.is_not(None))),
    ]
    if service == "logistics":
        found.append(Kept("webhooks of carriers", raw_webhooks.c.body, "", sa.true()))
        found.append(Kept("labels of parcels", label_papers.c.body, "", sa.true()))
    if service == "support":
        signs = support.webhook_endpoints.c
        found += [
            Kept("secrets that sign webhooks", each, "~", each.is_not(None))
            for each in (signs.secret, signs.old_secret)
        ]
    if service in OWN_KEYS:
        own, email = OWN_KEYS[service].c.own_key, OWN_KEYS[service].c.email
        has_text = sa.or_(own != "", sa.and_(own.is_(None), email != ERASED))
        found.append(Kept("rows that say whom orders are of", own, "~", has_text))
    return found


def plain(service: str, connection: sa.Connection) -> Iterator[Finding]:
    """Report what a copy of the database would give away."""
    for kept in kept_by(service):
        table = kept.column.table
        query = sa.select(sa.func.count()).select_from(table).where(kept.where, sa.not_(kept.is_sealed))
        if kept.is_there(connection) and (count := connection.scalar(query)):
            yield warning(
                "plain_keys" if kept.column is tables.journal_heads.c.key else "plain_texts", f"{service} {table.name}",
                f"{count} {kept.what} stand in its database in plain form",
                "give it PLEDGE_JOURNAL_KEYS of its own, without PLEDGE_SEAL_JOURNAL=0; it seals them as it starts",
            )  # fmt: skip


def old_keys(service: str, connection: sa.Connection) -> Iterator[Finding]:
    """Report the oldest key that still seals something, if it is old, and what it seals."""
    there = [kept for kept in kept_by(service) if kept.is_there(connection)]
    dated = [(day, kept.what) for kept in there for day in _days(kept, connection)]
    if not dated or clock.now().date() - (oldest := min(dated)[0]) <= KEYS_LAST:
        return
    what = ", ".join(dict.fromkeys(what for day, what in dated if day == oldest))
    yield warning(
        "old_key", f"{service} PLEDGE_JOURNAL_KEYS", f"sealed with a key of {oldest}: {what}",
        "put a new key before it and restart the service, see docs/operations-security.md",
    )  # fmt: skip


def _days(kept: Kept, connection: sa.Connection) -> Iterator[date]:
    begins = sa.func.substr(kept.column, len(kept.mark) + 1, DATE)
    for text in connection.scalars(sa.select(begins).where(kept.where, kept.is_sealed).distinct()):
        try:
            yield date.fromisoformat(text)
        except ValueError:
            continue  # the name of a key that was not made by us
