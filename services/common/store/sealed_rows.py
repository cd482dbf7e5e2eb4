"""Personal data in rows that a service keeps of what others told it: sealed with the key of a chain, opened on load.

    sa.Column("destination", PersonalJson(Destination, PATHS))      # JSON: what is not at a path stands there plainly
    mapping.map_imperatively(Shipment, shipments, properties={KEY: key_of(shipments.c.number)})
    keep_sealed(Shipment, "number", "destination")

A key comes with its row, in the same statement: a list takes one. A chain that has not begun yet begins with the row.
To erase is to forget the key (`erasures.drop_keys`): "erased" stands where each text was, in lists too. Rows of before,
and of a process that seals nothing (`chain_keys`), stand plainly and are read as they are; `seal_plain_rows` seals them
when the next process starts.
"""

from __future__ import annotations

import json
import logging
import os
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import ColumnProperty, Mapper, attributes, class_mapper, column_property, object_session

from services.common.basics.events import to_json
from services.common.basics.personal import ERASED, Path
from services.common.basics.untyped import JsonDict
from services.common.store import tables
from services.common.store.chain_keys import OWN, KeyMissing, Opens, plain_rows, seal_texts
from services.common.store.journal_rows import hold_head
from services.common.store.sealing import SEALED, put_at, seal, texts_at, unseal
from services.common.store.tables import Json

log = logging.getLogger(__name__)

KEY = "_chain_key"
UNREADABLE = "cannot be read now"
"""Stands for a text as long as the key that sealed its key is missing."""
_HEAD = tables.journal_heads.c


@dataclass(frozen=True)
class Shut:
    """A value as it stands in its row."""

    body: JsonDict


class PersonalJson(sa.types.TypeDecorator[object]):
    """A value as a JSON object, in which the texts at `paths` are personal."""

    impl = Json
    cache_ok = True

    def __init__(self, kind: Callable[..., object], paths: Sequence[Path]):
        super().__init__()
        self.kind, self.paths = kind, tuple(paths)

    def process_bind_param(self, value: object, dialect: Dialect) -> object:
        if value is None:
            return sa.null()
        return value.body if isinstance(value, Shut) else to_json(value)

    def process_result_value(self, value: JsonDict | None, dialect: Dialect) -> object:
        if value is None:
            return None
        return Shut(value) if SEALED in value else self.kind(**value)

    def shut(self, value: object, key: str) -> Shut:
        """Seal a value with a key, as it is stored; with "" what was personal is gone."""
        return Shut(seal(to_json(value), "", self.paths, key).body)

    def opened(self, sealed: Shut, key: str | None) -> object:
        """Return the value; without a key "erased" stands where its texts were.

        Where the key is sealed with one that this process was not given, UNREADABLE stands there: what stands beside
        the value, and its neighbours in a list, are read all the same.
        """
        body = json.dumps(sealed.body, ensure_ascii=False)
        try:
            return self.kind(**json.loads(unseal(body, "", key)[0]))
        except KeyMissing as problem:
            log.warning("a row cannot be read: %s", problem)
        found = json.loads(unseal(body, "", None)[0])
        for place, _ in [each for path in self.paths for each in texts_at(found, path) if each[1] == ERASED]:
            put_at(found, place, UNREADABLE)
        return self.kind(**found)


def key_of(subject: sa.Column[str]) -> ColumnProperty[str | None]:
    """Return the property, named KEY, that brings the key of a row's chain."""
    heads = tables.journal_heads
    return column_property(
        sa.select(_HEAD.key).where(_HEAD.subject == subject).correlate_except(heads).scalar_subquery()
    )


def keep_sealed(kind: type, subject: str, *names: str) -> None:
    """Seal these attributes of a mapped class wherever it is written, and open them wherever it is read.

    subject: its attribute that names the chain.
    """
    columns = {name: cast("PersonalJson", class_mapper(kind).columns[name].type) for name in names}

    def open_(item: object, *_: object) -> None:
        known = vars(item)
        for name, column in columns.items():
            if isinstance(known.get(name), Shut):
                attributes.set_committed_value(item, name, column.opened(known[name], known.get(KEY)))

    def shut(_mapper: object, _connection: object, item: object) -> None:
        known = vars(item)
        for name, column in columns.items():
            value = known.get(name)
            if value is not None and attributes.get_history(item, name).has_changes():
                if not OWN.seals_rows and known.get(KEY) != "":
                    continue
                setattr(item, name, column.shut(value, key_in_use(item, getattr(item, subject))))
                known[f"{name} as it is"] = value

    def as_it_is(_mapper: object, _connection: object, item: object) -> None:
        for name in columns:
            value = vars(item).pop(f"{name} as it is", None)
            if value is not None:
                attributes.set_committed_value(item, name, value)

    for when in ("load", "refresh"):
        event.listen(kind, when, open_)
    for when in ("insert", "update"):
        event.listen(kind, f"before_{when}", shut)
        event.listen(kind, f"after_{when}", as_it_is)


def key_in_use(item: object, subject: str) -> str:
    """Return the key of the row's chain, which begins if it has not; "" where it is erased."""
    known: str | None = vars(item).get(KEY)
    if known is None:
        session = object_session(item)
        assert session is not None
        known = hold_head(session, subject)
        attributes.set_committed_value(item, KEY, known)
    return known


class Beside:
    """Texts of a table whose columns are too short for what is sealed: it stands beside them, with its row's own key.

        BESIDE = Beside("email", "name")
        sa.Table("contacts", metadata, …, *BESIDE.columns())
        mapping.map_imperatively(Contact, contacts, properties=BESIDE.properties(contacts)); BESIDE.open(Contact)
        insert.values(BESIDE.stored(row, BESIDE.new_key()))

    "erased" stands in the columns themselves. A row of before has no key, and its texts stand there. One whose key is
    "" is erased.
    """

    def __init__(self, *names: str):
        self.names, self.form = names, PersonalJson(dict, [(name,) for name in names])

    def columns(self) -> tuple[sa.Column[str], sa.Column[object]]:
        return sa.Column("own_key", sa.Text), sa.Column("sealed", self.form)

    def properties(self, table: sa.Table) -> dict[str, sa.Column[object]]:
        return {KEY: table.c.own_key, "_sealed": table.c.sealed}

    def new_key(self) -> str | None:
        """Return a key for a row, as it is stored; none where this process seals nothing."""
        return OWN.wrap(b64encode(os.urandom(32)).decode()) if OWN.seals_rows else None

    def stored(self, row: Mapping[str, object], key: str | None) -> dict[str, object]:
        """Return a row as it is written with this key; plainly without one."""
        if not key:
            return {**row, "own_key": key, "sealed": None}
        shut = self.form.shut({name: row[name] for name in self.names}, OWN.unwrap(key))
        return {**row, **{name: row[name] and ERASED for name in self.names}, "own_key": key, "sealed": shut}

    def texts(self, row: Mapping[str, object]) -> dict[str, object]:
        """Return the texts of a row as it is stored."""
        sealed, key = row["sealed"], row["own_key"]
        if not isinstance(sealed, Shut):
            return {name: row[name] for name in self.names}
        return cast("dict[str, object]", self.form.opened(sealed, OWN.unwrap(str(key)) if key else None))

    def open(self, kind: type) -> None:
        """Open the texts of a mapped class wherever it is read."""

        def open_(item: object, *_: object) -> None:
            known = vars(item)
            if isinstance(known.get("_sealed"), Shut):
                row = {"sealed": known["_sealed"], "own_key": known.get(KEY)}
                for name, text in self.texts(row).items():
                    attributes.set_committed_value(item, name, text)

        for when in ("load", "refresh"):
            event.listen(kind, when, open_)

    def seal_plain(self, transaction: Opens, stopping: Callable[[], bool], table: sa.Table) -> int:
        """Seal the rows that stand plainly, page by page; those whose first text is erased stay. Return how many."""
        (key,), sealed = table.primary_key.columns, 0
        plain = sa.and_(table.c.own_key.is_(None), table.c[self.names[0]] != ERASED)
        for found in plain_rows(transaction, stopping, key, plain):
            these = sa.select(table).where(plain, key.in_(found)).order_by(key).with_for_update()
            with transaction() as session:
                for row in session.execute(these).mappings().all():
                    new = self.stored(dict(row), self.new_key())
                    changed = {name: new[name] for name in (*self.names, "own_key", "sealed")}
                    session.execute(sa.update(table).where(key == row[key.name]).values(changed))
                    sealed += 1
        return sealed + seal_texts(transaction, stopping, table.c.own_key, (key,), table.c.own_key != "")


def seal_plain_rows(transaction: Opens, stopping: Callable[[], bool], kind: type, name: str) -> int:
    """Seal the rows of a mapped class that stand plainly in this attribute, page by page; any number of processes at
    once.

    What is erased stays as it is, and so does a row whose chain's key cannot be opened. Return how many were sealed.
    """
    mapper: Mapper[object] = class_mapper(kind)
    (key,), column, sealed = mapper.primary_key, mapper.columns[name], 0
    shut = sa.cast(column, sa.Text).contains(f'"{SEALED}"', autoescape=True)
    alive = sa.func.coalesce(getattr(kind, KEY), "none yet") != ""
    for found in plain_rows(transaction, stopping, key, sa.and_(column.is_not(None), sa.not_(shut), alive)):
        rows: sa.Select[tuple[object]] = sa.select(kind).where(key.in_(found)).order_by(key).with_for_update(of=kind)
        with transaction() as session:
            for item in session.scalars(rows):
                chain = vars(item)[KEY]
                if chain is None or OWN.can_open(chain):
                    attributes.flag_modified(item, name)
                    sealed += 1
    return sealed
