"""The report about carriers."""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.logistics.api.lanes import CarriersReport, CarriersReportOf
from services.logistics.domain.lanes import lanes
from services.logistics.repository import Work


def report_carriers(work: Work, of: CarriersReportOf) -> CarriersReport:
    """Count what was handed over in a period, by carrier and country."""
    of.require_at_most_a_year()
    return {"since": rfc3339(of.since), "until": rfc3339(of.until), "items": lanes(work.lanes.cells(of, work.now))}
