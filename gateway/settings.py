"""What the gateway is told besides what every process is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from services.common.edge.keys import (
    ACCESS,
    DEVELOPMENT_GATEWAY_KEYS,
    DEVELOPMENT_PUBLIC_KEYS,
    FORM,
    OF_GATEWAY,
    ORDER,
    PATTERN,
    Signing,
    Verifying,
    purposes,
)
from services.common.runtime.config import Secret, Settings, setting
from services.common.runtime.upload_settings import UploadSettings

SANDBOX_SECRET = "a-sandbox-secret-for-development"  # noqa: S105 (play money; the sandbox is off outside development)
CARRIER_SECRET = "a-simulator-secret-for-development"  # noqa: S105 (the sandbox carrier exists in development only)
_CONTACT = r"(mailto:[^\s,@]+@[^\s,@]+|https://[^\s,]+|tel:\+[0-9-]+)"
_ORIGIN = r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?"


@dataclass(frozen=True)
class GatewaySettings(Settings):
    """The gateway's own variables."""

    sandbox: str = setting(
        "PLEDGE_SANDBOX",
        default="",
        one_of=("0", "1"),
        doc="serve the sandbox bank; default: 1 when embedded or PLEDGE_DEV",
    )
    sandbox_secret: str = setting(
        "PLEDGE_SANDBOX_SECRET",
        default=SANDBOX_SECRET,
        secret=True,
        doc="signs the sandbox bank's payments and webhooks",
    )
    simulator_webhook_secret: str = setting(
        "PLEDGE_SIMULATOR_WEBHOOK_SECRET", default="", secret=True,
        doc="signs the simulated carrier's webhooks; empty: all refused; in development one is made or known",
    )  # fmt: skip
    sandbox_webhook_url: str = setting(
        "PLEDGE_SANDBOX_WEBHOOK_URL",
        default="",
        doc="where the sandbox bank reports; default: <public URL>/v1/webhooks/payments/sandbox",
    )
    stripe_publishable_key: str = setting(
        "PLEDGE_STRIPE_PUBLISHABLE_KEY", default="", doc="Stripe's key for browsers; pages then take cards themselves"
    )
    stripe_script: str = setting(
        "PLEDGE_STRIPE_SCRIPT", default="https://js.stripe.com/v3/", pattern=_ORIGIN + r"/[a-z0-9./_-]*",
        form="https://js.stripe.com/v3/", doc="the script that takes cards, on the order page alone",
    )  # fmt: skip
    shop: str = setting(
        "PLEDGE_SHOP",
        default="",
        one_of=("0", "1"),
        doc="serve the sample shop at /shop; default: 1 when embedded or PLEDGE_DEV",
    )
    public_keys: str = setting(
        "PLEDGE_PUBLIC_KEYS", default=DEVELOPMENT_PUBLIC_KEYS, known=DEVELOPMENT_PUBLIC_KEYS, pattern=PATTERN,
        form=FORM, doc="the public keys to support's PLEDGE_SIGNING_KEYS: the one now, the next one, the one before",
    )  # fmt: skip
    gateway_keys: str = setting(
        "PLEDGE_GATEWAY_KEYS", default=DEVELOPMENT_GATEWAY_KEYS, known=DEVELOPMENT_GATEWAY_KEYS, secret=True,
        pattern=PATTERN, form=FORM, doc="private keys (Ed25519) of the gateway's own: first links of orders, streams",
    )  # fmt: skip
    mail_dir: str = setting("PLEDGE_MAIL_DIR", default="", doc="outgoing mail without SMTP; default: <data dir>/mail")
    trusted_proxies: int = setting(
        "PLEDGE_TRUSTED_PROXIES",
        default=0,
        at_least=0,
        doc="reverse proxies in front of the gateway whose X-Forwarded-For and -Proto are believed",
    )
    cors_origins: str = setting(
        "PLEDGE_CORS_ORIGINS", default="", pattern=rf"({_ORIGIN}(\s*,\s*{_ORIGIN})*)?",
        form="https://shop.example, https://app.shop.example:8443: exact origins as browsers write them",
        doc="pages of these origins may use the API; empty: only our own pages may",
    )  # fmt: skip
    rate_sign_in: str = setting(
        "PLEDGE_RATE_SIGN_IN",
        default="10/minute;60/hour",
        doc="requests for a code, codes tried, and requests for a new link, by address and by account, each",
    )
    rate_contact: str = setting("PLEDGE_RATE_CONTACT", default="10/minute;60/hour", doc="contact forms by address")
    rate_orders: str = setting(
        "PLEDGE_RATE_ORDERS",
        default="60/minute;600/hour",
        doc="orders placed, payments started, and quotes asked for, by address and by account, each",
    )
    rate_messages: str = setting(
        "PLEDGE_RATE_MESSAGES", default="30/minute", doc="messages written to tickets, by address and by account"
    )
    rate_writes: str = setting(
        "PLEDGE_RATE_WRITES",
        default="120/minute;1200/hour",
        doc="everything else that customers and strangers write, by address and by account",
    )
    rate_staff: str = setting("PLEDGE_RATE_STAFF", default="600/minute", doc="everything that one of the staff writes")
    rate_uploads: str = setting(
        "PLEDGE_RATE_UPLOADS",
        default="30/minute;120/hour",
        doc="files sent by customers and strangers, by address and by account",
    )
    rate_webhooks: str = setting("PLEDGE_RATE_WEBHOOKS", default="1200/minute", doc="webhooks by address")
    rate_recipient: str = setting(
        "PLEDGE_RATE_RECIPIENT",
        default="10/minute;30/hour",
        doc="orders, contact forms and requests for a link by others than its owner that name one mailbox",
    )
    security_contact: str = setting(
        "PLEDGE_SECURITY_CONTACT", default="", pattern=rf"({_CONTACT}(\s*,\s*{_CONTACT})*)?",
        form="mailto:security@shop.example, https://shop.example/security",
        doc="whom to tell of a hole, for /.well-known/security.txt; empty: there is none",
    )  # fmt: skip
    trust_traceparent: bool = setting(
        "PLEDGE_TRUST_TRACEPARENT",
        default=False,
        doc="continue the traces that requests name: only where a proxy of yours sets `traceparent`",
    )
    connections: int = setting("PLEDGE_CONNECTIONS", default=1000, at_least=1, doc="connections that one gateway keeps")
    connections_per_address: int = setting(
        "PLEDGE_CONNECTIONS_PER_ADDRESS",
        default=256,
        at_least=1,
        doc="of these, connections of one address (IPv6: of one /64); not heeded behind trusted proxies",
    )
    live_streams: int = setting(
        "PLEDGE_LIVE_STREAMS", default=500, at_least=1, doc="live streams that one gateway keeps open"
    )
    live_streams_per_address: int = setting(
        "PLEDGE_LIVE_STREAMS_PER_ADDRESS", default=50, at_least=1, doc="of these, live streams of one address"
    )

    parts: ClassVar[tuple[type[Settings], ...]] = (UploadSettings,)

    @cached_property
    def signing(self) -> Signing:
        return Signing.parse(self.gateway_keys)

    @cached_property
    def verifying(self) -> Verifying:
        return Verifying.parse(self.public_keys).with_those_of(self.signing)

    @property
    def origins(self) -> frozenset[str]:
        """The origins whose pages may read what the API answers."""
        return frozenset(part.strip() for part in self.cors_origins.split(",") if part.strip())

    @property
    def card_origin(self) -> str:
        """The origin whose script takes cards; empty where no page does."""
        found = urlsplit(self.stripe_script)
        return f"{found.scheme}://{found.netloc}" if self.stripe_publishable_key else ""

    @property
    def has_sandbox(self) -> bool:
        return self.sandbox == "1" or (self.sandbox == "" and self.development)

    @property
    def has_shop(self) -> bool:
        return self.shop == "1" or (self.shop == "" and self.development)

    @property
    def has_sample_money(self) -> bool:
        """Whether the shop has pages of a bank and a carrier, which only development may have."""
        return self.has_shop and self.development and self.has_sandbox

    @property
    def carrier_secret(self) -> str:
        return self.simulator_webhook_secret or CARRIER_SECRET

    @property
    def webhook_url(self) -> str:
        return self.sandbox_webhook_url or f"{self.public_url}/v1/webhooks/payments/sandbox"

    @property
    def mailbox(self) -> Path:
        return Path(self.mail_dir) if self.mail_dir else self.data_dir / "mail"

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        own, theirs = purposes(self.gateway_keys), purposes(self.public_keys)
        if missing := set(OF_GATEWAY) - own:
            yield f"PLEDGE_GATEWAY_KEYS has no key for {', '.join(sorted(missing))}; expected {FORM}"
        if ACCESS in own or not {ACCESS, ORDER} <= theirs:
            yield "PLEDGE_PUBLIC_KEYS must have keys for access and order, PLEDGE_GATEWAY_KEYS none for access"
        if self.has_sandbox and not self.development and self.sandbox_secret == Secret(SANDBOX_SECRET):
            yield "PLEDGE_SANDBOX_SECRET is not set; expected a random text when PLEDGE_SANDBOX=1"


RATES = tuple(row.env for row in GatewaySettings.describe() if row.env.startswith("PLEDGE_RATE_"))
"""The variables that say how often."""
