"""The promises that orders keeps: how much time each kind of clock has (standard, section 2)."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.commitments.terms import Terms, days, hours

REVIEW, SHORTAGE_CONTACT = "review", "shortage_contact"
TERMS: Mapping[str, Terms] = {REVIEW: days(1), SHORTAGE_CONTACT: hours(4)}
