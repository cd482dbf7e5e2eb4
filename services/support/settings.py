"""Support's own settings: when the team works, who is on the staff; how mail leaves is declared where it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfoNotFoundError

from services.common.edge.keys import (
    DEVELOPMENT_SUPPORT_KEYS,
    FORM,
    OF_SUPPORT,
    PATTERN,
    SECRETS,
    SECRETS_FORM,
    Signing,
    purposes,
    secrets_of,
)
from services.common.runtime.config import DEVELOPMENT_SECRET, Settings, setting
from services.common.runtime.stored import StoredSettings
from services.common.runtime.upload_settings import UploadSettings
from services.support.adapters.mail.sending import MailSettings
from services.support.adapters.mailbox.settings import MailInSettings
from services.support.api.terms import READS_KEPT
from services.support.domain.clocks import TeamTime, business_hours


@dataclass(frozen=True)
class FirstStaff(Settings):
    """What the migrate step reads for the first data of support."""

    staff: str = setting(
        "PLEDGE_STAFF", default="", form='"grace@shop.example=agent+lead, …"',
        doc="the first staff and as what they work, where none was ever entered; later an admin changes them. "
        "Empty: nobody, in development one made-up person per role",
    )  # fmt: skip


@dataclass(frozen=True)
class SupportSettings(StoredSettings):
    """Default hours: Monday to Friday, nine to six in Shanghai, less China's holidays, with its make-up days."""

    support_hours: str = setting(
        "PLEDGE_SUPPORT_HOURS", default="Mon-Fri 09:00-18:00",
        form='"Mon-Fri 09:00-12:00 13:00-18:00, Sat 10:00-14:00"', doc="when the support team is at work",
    )  # fmt: skip
    support_zone: str = setting("PLEDGE_SUPPORT_ZONE", default="Asia/Shanghai", doc="the time zone of those hours")
    support_calendar: str = setting(
        "PLEDGE_SUPPORT_CALENDAR", default="CN", doc="the country or region whose holidays the team keeps"
    )
    secret_list: str = setting(
        "PLEDGE_SECRET", default=DEVELOPMENT_SECRET, known=DEVELOPMENT_SECRET, secret=True,
        pattern=SECRETS, form=SECRETS_FORM,
        doc="codes to sign in, links of tickets and second factors follow from it",
    )  # fmt: skip
    signing_keys: str = setting(
        "PLEDGE_SIGNING_KEYS", default=DEVELOPMENT_SUPPORT_KEYS, known=DEVELOPMENT_SUPPORT_KEYS, secret=True,
        pattern=PATTERN, form=FORM, doc="private keys (Ed25519) that sign sessions and mailed links of orders",
    )  # fmt: skip
    second_factor: str = setting(
        "PLEDGE_SECOND_FACTOR", default="", one_of=("required", "optional"),
        doc="whether the roles admin and lead count only after a second factor; default: required outside development",
    )  # fmt: skip

    reads_kept_days: int = setting(
        "PLEDGE_READS_KEPT_DAYS", default=READS_KEPT.span.days, at_least=30,
        doc="days for which it is kept which personal data staff have read",
    )  # fmt: skip

    tickets_per_person: int = setting(
        "PLEDGE_TICKETS_PER_PERSON", default=20, at_least=1,
        doc="open tickets in which it is our turn that one person is given, in teams that hand out by themselves; "
        "a team may have a number of its own",
    )  # fmt: skip

    rating_wait_minutes: int = setting(
        "PLEDGE_RATING_WAIT_MINUTES", default=60, at_least=0,
        doc="minutes after an answer that ended a matter at once until a mail asks how satisfied the customer is",
    )  # fmt: skip

    form_seconds: int = setting(
        "PLEDGE_FORM_SECONDS", default=3, at_least=0,
        doc="seconds from showing the contact form to sending it; what comes sooner is quarantined; 0: all is in time",
    )  # fmt: skip
    contact_without_form: str = setting(
        "PLEDGE_CONTACT_WITHOUT_FORM", default="accept", one_of=("accept", "quarantine"),
        doc="what becomes of a stranger's message without the token of a form, as apps send it",
    )  # fmt: skip

    webhooks_here: str = setting(
        "PLEDGE_WEBHOOKS_HERE", default="", one_of=("yes", "no"),
        doc="whether events may be sent to this machine itself, and there without TLS; default: in development only",
    )  # fmt: skip

    @property
    def webhooks_to_here(self) -> bool:
        return self.webhooks_here == "yes" or (self.webhooks_here == "" and self.development)

    @property
    def secret(self) -> str:
        """The secret that codes and tokens are made with."""
        return self.secrets[0]

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The secrets that prove codes and tokens: the one in use, and those before it that are not forgotten yet."""
        return secrets_of(self.secret_list)

    @cached_property
    def signing(self) -> Signing:
        return Signing.parse(self.signing_keys)

    @property
    def requires_factor(self) -> bool:
        return self.second_factor == "required" or (self.second_factor == "" and not self.development)

    parts: ClassVar[tuple[type[Settings], ...]] = (FirstStaff, MailSettings, MailInSettings, UploadSettings)

    @cached_property
    def team_time(self) -> TeamTime:
        hours = business_hours(self.support_hours, self.support_zone, self.support_calendar)
        return TeamTime(hours, self.support_calendar)

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if missing := set(OF_SUPPORT) - purposes(self.signing_keys):
            yield f"PLEDGE_SIGNING_KEYS has no key for {', '.join(sorted(missing))}; expected {FORM}"
        try:
            _ = self.team_time
        except (ValueError, ZoneInfoNotFoundError) as exc:
            yield f"PLEDGE_SUPPORT_HOURS, _ZONE or _CALENDAR: {exc}"
