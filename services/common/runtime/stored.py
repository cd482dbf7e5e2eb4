"""What a service with a database is told besides what every process is told."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.runtime.config import Settings, setting
from services.common.store.chain_keys import FORM, PATTERN

JOURNAL_KEYS = "PLEDGE_JOURNAL_KEYS"


@dataclass(frozen=True)
class StoredSettings(Settings):
    """The base of the settings of each service that keeps a journal."""

    journal_keys: str = setting(
        JOURNAL_KEYS, default="", secret=True, pattern=PATTERN, form=FORM,
        doc="a service's own: they seal the keys of personal data in its journal; empty: those stand there plainly",
    )  # fmt: skip
    seal_journal: bool = setting(
        "PLEDGE_SEAL_JOURNAL", default=True,
        doc="0 while processes of a release that cannot read sealed journals still run (docs/operations.md)",
    )  # fmt: skip
