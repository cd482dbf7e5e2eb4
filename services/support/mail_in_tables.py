"""The tables of mail that comes in, part of support's tables (`tables`).

incoming_mails         one row per mail, so that each is taken once; nothing of what it says
unreachable_mailboxes  mailboxes whose server gave our mail back, until their owner writes
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import Enumerated, UtcDateTime
from services.support.api.mail_in import MailOutcome
from services.support.domain.incoming import IncomingRecord, UnreachableMailbox

NUMBER, EMAIL, MESSAGE_ID = sa.String(20), sa.String(254), sa.String(260)


def add(mapping: registry) -> tuple[sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return both."""
    aside = sa.text("outcome = 'aside'")
    mails = sa.Table(
        "incoming_mails",
        mapping.metadata,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sender", EMAIL),
        sa.Column("message_id", MESSAGE_ID),
        sa.Column("ticket_number", NUMBER),
        sa.Column("outcome", Enumerated(MailOutcome), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Index(None, "received_at"),
        sa.Index(None, "sender", "received_at"),
        sa.Index(None, "ticket_number", "received_at"),
        sa.Index("ix_incoming_mails_aside", "received_at", "id", postgresql_where=aside, sqlite_where=aside),
    )
    unreachable = sa.Table(
        "unreachable_mailboxes",
        mapping.metadata,
        sa.Column("email", EMAIL, primary_key=True),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    mapping.map_imperatively(IncomingRecord, mails)
    mapping.map_imperatively(UnreachableMailbox, unreachable)
    return mails, unreachable
