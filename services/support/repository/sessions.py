"""Sessions, codes and the browsers that asked for them, second factors, and the links of orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.upsert import add_if_new, add_those_new, dialect_insert, values_of
from services.support import domain as d
from services.support import tables as t
from services.support.domain.sessions import CODE_TRIES_OF_ALL, SESSIONS_OF_ONE


class Sessions:
    """Who is signed in, and from where they signed in before."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def add(self, item: d.Session) -> None:
        self._session.add(item)

    def find(self, session_id: str, *, lock: bool = False) -> d.Session | None:
        """Return that session, if it is good."""
        found = self._session.get(d.Session, session_id, with_for_update=lock or None)
        return found if found is not None and found.good(self._now) else None

    def find_by_refresh(self, refresh_hash: str) -> d.Session | None:
        """Return the good session with that refresh token, locked."""
        query = sa.select(d.Session).where(t.sessions.c.refresh_hash == refresh_hash).with_for_update()
        found = self._session.execute(query).scalar_one_or_none()
        return found if found is not None and found.good(self._now) else None

    def of(self, email: str, *, lock: bool = False) -> list[d.Session]:
        """Return the good sessions of a person, the newest first."""
        row = t.sessions.c
        query = sa.select(d.Session).where(row.email == email, row.ended_at.is_(None))
        query = query.order_by(row.created_at.desc(), row.id).limit(SESSIONS_OF_ONE * 2)
        found = self._session.execute(query.with_for_update() if lock else query).scalars()
        return [each for each in found if each.good(self._now)]

    def seen_from(self, email: str, browser_hash: str) -> tuple[bool, bool]:
        """Note that this address signs in from that browser. Return (it did before, it did from any before)."""
        row = t.known_browsers.c
        anywhere = self._session.execute(sa.select(row.email).where(row.email == email).limit(1)).first() is not None
        new = add_if_new(
            self._session, t.known_browsers, {"email": email, "browser_hash": browser_hash, "seen_at": self._now}
        )
        if not new:
            same = sa.update(t.known_browsers).where(row.email == email, row.browser_hash == browser_hash)
            self._session.execute(same.values(seen_at=self._now))
        return not new, anywhere

    def forget(self, ended_before: datetime, seen_before: datetime) -> list[str]:
        """Drop sessions that were over, and browsers that were last seen, before that. Return the sessions."""
        row = t.sessions.c
        over = sa.or_(row.used_at < ended_before, row.ended_at < ended_before)
        ended = list(self._session.scalars(sa.delete(t.sessions).where(over).returning(row.id)))
        self._session.execute(sa.delete(t.known_browsers).where(t.known_browsers.c.seen_at < seen_before))
        return ended


class Codes:
    """One-time codes, and the browsers that asked for them."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def add(self, *rows: d.SignInCode | d.SignInRequest) -> None:
        self._session.add_all(rows)

    def newest(self, email: str) -> d.SignInCode | None:
        """Return the code mailed last to that address; None when it was used or cannot be used any more."""
        row = t.sign_in_codes.c
        last = sa.select(row.id).where(row.email == email).order_by(row.created_at.desc(), row.id).limit(1)
        return self._session.execute(self._usable().where(row.id == last.scalar_subquery())).scalar_one_or_none()

    def newest_usable(self, email: str) -> d.SignInCode | None:
        """Return the last one mailed of those that can still be used: not always the one that a person looks for."""
        row = t.sign_in_codes.c
        query = self._usable().where(row.email == email).order_by(row.created_at.desc(), row.id).limit(1)
        return self._session.execute(query).scalar_one_or_none()

    def asked_for(self, email: str, request_hash: str) -> tuple[d.SignInCode, d.SignInRequest] | None:
        """Return the code and the request of a browser, both locked, if both may still be tried."""
        asked = sa.select(t.sign_in_requests.c.code_id).where(
            t.sign_in_requests.c.request_hash == request_hash, t.sign_in_requests.c.email == email
        )
        query = self._usable().where(t.sign_in_codes.c.id == asked.scalar_subquery(), t.sign_in_codes.c.email == email)
        code = self._session.execute(query.with_for_update()).scalar_one_or_none()
        if code is None:
            return None
        mine = sa.select(d.SignInRequest).where(t.sign_in_requests.c.request_hash == request_hash).with_for_update()
        request = self._session.execute(mine).scalar_one()
        return (code, request) if request.open else None

    def _usable(self) -> sa.Select[d.SignInCode]:
        row = t.sign_in_codes.c
        return sa.select(d.SignInCode).where(
            row.expires_at > self._now, row.used_at.is_(None), row.tries < CODE_TRIES_OF_ALL
        )

    def forget(self, before: datetime) -> None:
        """Drop what expired, or was asked for, before that moment."""
        self._session.execute(sa.delete(t.sign_in_codes).where(t.sign_in_codes.c.expires_at < before))
        self._session.execute(sa.delete(t.sign_in_requests).where(t.sign_in_requests.c.created_at < before))


class Factors:
    """Second factors, and the codes that stand in for one."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def has(self, email: str) -> bool:
        """Return whether that person has an app for one-time passwords that was confirmed."""
        row = t.factors.c
        query = sa.select(row.id).where(row.email == email, row.confirmed_at.is_not(None)).limit(1)
        return self._session.execute(query).first() is not None

    def has_any(self, email: str) -> bool:
        """Return whether that person has such an app or a passkey, confirmed."""
        found = (
            sa.select(row.id).where(row.email == email, row.confirmed_at.is_not(None))
            for row in (t.factors.c, t.passkeys.c)
        )
        return self._session.execute(sa.union_all(*found).limit(1)).first() is not None

    def codes_left(self, email: str) -> int:
        """Count the recovery codes that are not used."""
        row = t.recovery_codes.c
        query = sa.select(sa.func.count()).where(row.email == email, row.used_at.is_(None))
        return int(self._session.scalar(query) or 0)

    def of(self, email: str) -> list[d.Factor]:
        """Return a person's factors, locked in one order: at most one that counts, and those not yet confirmed."""
        query = sa.select(d.Factor).where(t.factors.c.email == email).order_by(t.factors.c.id).with_for_update()
        return list(self._session.execute(query).scalars())

    def add(self, factor: d.Factor) -> None:
        self._session.add(factor)

    def remove(self, factors: Iterable[d.Factor | d.Passkey]) -> None:
        for each in factors:
            self._session.delete(each)

    def renew_codes(self, email: str, hashes: Iterable[str]) -> None:
        """Put these in the place of the codes there were."""
        self._session.execute(sa.delete(t.recovery_codes).where(t.recovery_codes.c.email == email))
        self._session.flush()
        self._session.add_all([d.RecoveryCode(email, each) for each in hashes])

    def use_code(self, email: str, code_hash: str) -> bool:
        """Use a code up. Return False where there is none, or it was used; of two at once one is right."""
        row = t.recovery_codes.c
        use = sa.update(t.recovery_codes).where(row.email == email, row.code_hash == code_hash, row.used_at.is_(None))
        return self._session.execute(use.values(used_at=self._now).returning(row.email)).first() is not None


class OrderLinks:
    """The links to orders that were given out. One that is not known here is good: it may be news that come late."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def note(self, given: Iterable[tuple[str, str]], lasts: timedelta) -> None:
        """Write down links that were given out, as (order number, id), unless they were."""
        lasting = {"made_at": self._now, "ends_at": self._now + lasts, "ended_at": None}
        links = [{"order_number": number, "id": link_id, **lasting} for number, link_id in given]
        if links:
            add_those_new(self._session, t.order_links, links)

    def ended(self, order_number: str, link_id: str) -> bool:
        found = self._session.get(d.OrderLink, (order_number, link_id))
        return found is not None and found.ended_at is not None

    def of(self, order_number: str) -> list[d.OrderLink]:
        """Return the good links of an order, the newest first."""
        row = t.order_links.c
        query = sa.select(d.OrderLink).where(
            row.order_number == order_number, row.ended_at.is_(None), row.ends_at > self._now
        )
        return list(self._session.execute(query.order_by(row.made_at.desc(), row.id).limit(100)).scalars())

    def end(self, order_number: str, link_ids: Iterable[str], lasts: timedelta) -> None:
        """End these links, known or not: news of one may come later."""
        for link_id in link_ids:
            insert = dialect_insert(self._session)(t.order_links)
            link = d.OrderLink(order_number, link_id, self._now, self._now + lasts, self._now)
            end = insert.values(values_of(link, t.order_links)).on_conflict_do_update(
                index_elements=["order_number", "id"], set_={"ended_at": self._now},
                where=t.order_links.c.ended_at.is_(None),
            )  # fmt: skip
            self._session.execute(end)

    def forget(self, before: datetime) -> None:
        """Drop what cannot be good any more."""
        self._session.execute(sa.delete(t.order_links).where(t.order_links.c.ends_at < before))
