"""The promises of support: how much time each kind of clock has (standard, sections 1 and 6).

A term is kept by kind, and by kind and category of the ticket where that makes a difference.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.common.commitments.terms import Terms, days, hours

TERMS: Mapping[str, Terms] = {
    "first_response": hours(8),
    "first_response.complaint": hours(2),
    "first_response.aftersales": hours(4),
    "first_response.order": hours(4),
    "next_response": hours(8),
    "next_response.complaint": hours(2),
    "next_response.aftersales": hours(4),
    "next_response.order": hours(4),
    "resolution": days(5),
}
