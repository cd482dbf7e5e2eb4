"""What a service with a database is told besides what every process is told."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.runtime.config import ConfigError, Settings, setting

JOURNAL_KEYS = "PLEDGE_JOURNAL_KEYS"
FORM = "name:64 hex digits, several separated by commas, the one that seals first"
PATTERN = r"\s*[A-Za-z0-9-]{1,16}:[0-9a-f]{64}(\s*,\s*[A-Za-z0-9-]{1,16}:[0-9a-f]{64})*\s*"


@dataclass(frozen=True)
class StoredSettings(Settings):
    """The base of the settings of each service that keeps a journal."""

    journal_keys: str = setting(
        JOURNAL_KEYS, default="", secret=True, pattern=PATTERN, form=FORM,
        doc="a service's own: they seal the keys of personal data in its journal; empty, in development: all is plain",
    )  # fmt: skip
    seal_journal: bool = setting(
        "PLEDGE_SEAL_JOURNAL", default=True,
        doc="0 while processes of a release that cannot read sealed journals still run (docs/operations-security.md)",
    )  # fmt: skip
    seal_rows: bool = setting(
        "PLEDGE_SEAL_ROWS", default=True,
        doc="0 while processes of a release that cannot read sealed rows still run (whom orders are of, where they go)",
    )  # fmt: skip


def require_sealed(settings: Settings) -> None:
    """Raise ConfigError for a service that would keep its journal open outside development, unless it is said.

    The doctor and the backup read the same settings without these keys, which are the service's own.
    """
    own = settings if isinstance(settings, StoredSettings) and not settings.development else None
    if own and own.seal_journal and not own.journal_keys:
        raise ConfigError([
                f"{JOURNAL_KEYS} is not set, and personal data of the journal would lie open in each copy of the "
                f"database; expected {FORM}; PLEDGE_SEAL_JOURNAL=0 starts without"
            ])  # fmt: skip
