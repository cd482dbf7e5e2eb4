"""The tables of the ladder and of what its readers want mails about, part of support's tables (`tables`).

rungs         one row per clock and rung that was reached, or is waited for
rung_mails    who was told of which rung, and when
mail_choices  which mails about their tickets a member of staff wants
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import registry

from services.common.store.tables import UtcDateTime
from services.support.domain.ladder import Rung, RungMail
from services.support.domain.mail_choice import MailChoice

NUMBER, EMAIL = sa.String(20), sa.String(254)


def add(mapping: registry) -> tuple[sa.Table, sa.Table, sa.Table]:
    """Add the tables and keep the domain's classes in them. Return rungs, their mails, and the choices."""

    def of_a_clock() -> tuple[sa.Column[str], sa.Column[str], sa.Column[object], sa.Column[int]]:
        return (
            sa.Column("ticket_number", NUMBER, sa.ForeignKey("tickets.number"), primary_key=True),
            sa.Column("kind", sa.String(40), primary_key=True),
            sa.Column("started_at", UtcDateTime, primary_key=True),
            sa.Column("share", sa.Integer, primary_key=True, autoincrement=False),
        )

    rungs = sa.Table(
        "rungs",
        mapping.metadata,
        *of_a_clock(),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("look_at", UtcDateTime),
        sa.Index(None, "look_at"),
    )
    rung_mails = sa.Table(
        "rung_mails",
        mapping.metadata,
        *of_a_clock(),
        sa.Column("recipient", EMAIL, primary_key=True),
        sa.Column("told_at", UtcDateTime, nullable=False),
        sa.Index(None, "recipient", "told_at"),
    )
    mail_choices = sa.Table(
        "mail_choices",
        mapping.metadata,
        sa.Column("email", EMAIL, primary_key=True),
        sa.Column("assignments", sa.Boolean, nullable=False),
        sa.Column("replies", sa.Boolean, nullable=False),
    )
    mapping.map_imperatively(Rung, rungs)
    mapping.map_imperatively(RungMail, rung_mails)
    mapping.map_imperatively(MailChoice, mail_choices)
    return rungs, rung_mails, mail_choices
