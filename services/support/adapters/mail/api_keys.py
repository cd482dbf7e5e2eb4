"""Mails to admins about the keys of the shop's own systems."""

from __future__ import annotations

from collections.abc import Iterable

from services.support.adapters.mail.letter import Mail
from services.support.domain import Link


def made(name: str, roles: Iterable[str], by: str) -> Mail:
    """Tell that a key was made."""
    return Mail(
        f"A new API key: {name}",
        f"{by} made an API key that may do what these roles may do: {', '.join(roles)}.",
        "you need do nothing if you know of it. If you do not, end the key at the desk and ask who made it.",
        f"API key: {name}",
        Link.DESK,
    )


def ended_with_maker(name: str, maker: str) -> Mail:
    """Tell that a key ended with the rights of who made it."""
    return Mail(
        f"An API key has ended: {name}",
        f"{maker} made this API key and is no admin any more, so it is refused from now on.",
        "please make another one at the desk if one of the shop's systems still needs it.",
        f"API key: {name}",
        Link.DESK,
    )
