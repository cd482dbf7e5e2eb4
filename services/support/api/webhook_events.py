"""What happens to the addresses that our events are sent to: recorded with who did it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from services.common.basics.events import Event


class EndpointStep(StrEnum):
    """What happened to an address that events are sent to."""

    ADDED = "added"
    CHANGED = "changed"
    SECRET_RENEWED = "secret_renewed"  # noqa: S105 (what happened to it)
    ENABLED = "enabled"
    DISABLED = "disabled"
    REMOVED = "removed"


class DisabledReason(StrEnum):
    """Why nothing is sent to an address. gone: it answered with 410; failing: it has failed for days."""

    BY_ADMIN = "by_admin"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, kw_only=True)
class WebhookEvent(Event):
    """The base of what happens to an address that events are sent to, which is the subject of its chain."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "endpoint_id"
    followed: ClassVar[bool] = False

    endpoint_id: str


@dataclass(frozen=True, kw_only=True)
class WebhookEndpointMoved(WebhookEvent):
    """An address was added, changed or removed, or its state is another. host: without the path, which may be secret.

    reason: of `disabled` alone.
    """

    step: EndpointStep
    host: str
    event_types: list[str]
    reason: DisabledReason | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookReplayed(WebhookEvent):
    """An admin had an event sent to an address once more."""

    delivery_id: str
    event_type: str
