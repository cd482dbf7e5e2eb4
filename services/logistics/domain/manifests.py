"""A manifest of one carrier and day: wanted, made by the seller of its labels, or failed.

It is written down before its seller is asked, so what is not known after a call is asked again (`attempt_at`). A
label is on one manifest: the seller refuses it on a second one, and says which one it is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.logistics.api.manifests import ManifestStatus
from services.logistics.domain.labels import FIRST_PAUSE, LONGEST_PAUSE, Label


@dataclass(frozen=True)
class Manifested:
    """What the seller says: its name for the manifest, and where the paper is. made: whether it is done with it."""

    reference: str
    paper_url: str = ""
    made: bool = True


@dataclass(eq=False)
class Manifest:
    """reference: the seller's name for it. shipments: its names for what is on it."""

    id: str
    seller: str
    carrier: str
    day: date
    shipments: tuple[str, ...]
    status: ManifestStatus
    wanted_at: datetime
    wanted_by: str
    attempt_at: datetime | None
    attempts: int = 0
    reference: str = ""
    paper_url: str = ""
    problem_code: str | None = None
    problem: str | None = None
    made_at: datetime | None = None

    @classmethod
    def want(cls, manifest_id: str, labels: Sequence[Label], day: date, by: str, now: datetime) -> Manifest:
        """Want one for labels of one seller and carrier, which are on it from now on."""
        first = labels[0]
        for label in labels:
            label.manifest_id = manifest_id
        names = tuple(label.reference for label in labels)
        return cls(manifest_id, first.seller, first.carrier, day, names, ManifestStatus.WANTED, now, by, now)

    def begin(self, now: datetime) -> None:
        """Claim an attempt: the next one is put off, so that of two processes one makes it."""
        self.attempts += 1
        self.attempt_at = now + min(FIRST_PAUSE * 2 ** min(self.attempts - 1, 20), LONGEST_PAUSE)

    def take(self, found: Manifested, now: datetime, freed: Sequence[Label]) -> None:
        """Take over what the seller says. A refusal does not stand, unless the labels it freed are on another one."""
        if self.status is ManifestStatus.FAILED and all(label.manifest_id is None for label in freed):
            self.status, self.attempt_at = ManifestStatus.WANTED, now + FIRST_PAUSE
            for label in freed:
                label.manifest_id = self.id
        if self.status is not ManifestStatus.WANTED:
            return
        self.reference, self.paper_url = found.reference, found.paper_url
        if found.made:
            self.status, self.made_at, self.attempt_at = ManifestStatus.MADE, now, None
            self.problem_code = self.problem = None

    def unanswered(self, code: str, words: str) -> None:
        """Note why it is not known yet what became of it."""
        self.problem_code, self.problem = code, words[:300]

    def fail(self, code: str, words: str, labels: Sequence[Label]) -> None:
        """Note that the seller does not make it; its labels are free for another one."""
        if self.status is not ManifestStatus.WANTED:
            return
        self.unanswered(code, words)
        self.status, self.attempt_at = ManifestStatus.FAILED, None
        for label in labels:
            label.manifest_id = None
