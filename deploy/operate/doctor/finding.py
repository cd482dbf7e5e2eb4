"""One thing that is wrong: its name, how bad, where, what, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """critical: customers feel it, or soon will; warning: it has time, but not for ever."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    name: str
    severity: Severity
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.severity.upper():8} {self.name} in {self.where}\n         {self.what}\n         → {self.remedy}"


def critical(name: str, where: str, what: str, remedy: str) -> Finding:
    return Finding(name, Severity.CRITICAL, where, what, remedy)


def warning(name: str, where: str, what: str, remedy: str) -> Finding:
    return Finding(name, Severity.WARNING, where, what, remedy)
