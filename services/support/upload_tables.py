"""The table of files that were sent, part of support's tables (`tables`).

uploads        what each file is and belongs to; their bytes are in the folder that the gateways write to
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import foreign, registry, relationship

from services.common.store.tables import Enumerated, UtcDateTime
from services.support import domain as d
from services.support.api.uploads import MediaType

NUMBER = sa.String(20)


def add(mapping: registry, messages: sa.Table) -> sa.Table:
    """Add the table, and keep messages with their files in it. Return it."""
    uploads = sa.Table(
        "uploads",
        mapping.metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("form", sa.String(330), nullable=False),
        sa.Column("by_staff", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("kept_until", UtcDateTime),
        sa.Column("ready_at", UtcDateTime),
        sa.Column("media_type", Enumerated(MediaType)),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("picture", sa.Boolean, nullable=False),
        sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number")),
        sa.Column("position", sa.Integer),
        sa.Column("return_number", NUMBER),
        sa.Column("order_number", NUMBER),
        sa.Column("same_as", sa.String(36)),
        sa.Index(None, "kept_until"),
        sa.Index(None, "form"),
        sa.Index(None, "ticket_number", "position"),
        sa.Index(None, "order_number"),
        sa.Index(None, "return_number"),
        sa.Index(None, "same_as"),
    )
    mapping.map_imperatively(d.Upload, uploads)
    of_message = sa.and_(
        messages.c.ticket_number == foreign(uploads.c.ticket_number),
        messages.c.position == foreign(uploads.c.position),
    )
    attachments = relationship(d.Upload, primaryjoin=of_message, order_by=uploads.c.begun_at, lazy="selectin")
    mapping.map_imperatively(d.TicketMessage, messages, properties={"attachments": attachments})
    return uploads
