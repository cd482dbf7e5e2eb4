"""What logistics answers and emits. Pure, so that all may import it: its domain, its followers, the gateway.

shipments  the warehouse's steps       batch     these for many shipments
tracking   parcels on their way, carriers' webhooks
photos     what a box looked like
replies    how both are shown          refusals  what it says no to, with codes
events     the facts that it announces statuses  its words
parts      shapes within these         terms     its promises
lanes      how carriers kept them          wares   shelves, and the codes on goods
papers     what is printed at the pack station
labels     bought of carriers          manifests of what carriers pick up
costs      what free shipping and duties cost us
sources    scans that do not come by themselves
"""

from services.common.basics.api import EveryService
from services.logistics.api.batch import Batch
from services.logistics.api.costs import Costs
from services.logistics.api.labels import Labels
from services.logistics.api.lanes import Lanes
from services.logistics.api.manifests import Manifests
from services.logistics.api.papers import Papers
from services.logistics.api.photos import Photos
from services.logistics.api.shipments import Shipments
from services.logistics.api.sources import Sources
from services.logistics.api.tracking import Tracking
from services.logistics.api.wares import Wares


class LogisticsApi(
    Shipments,
    Batch,
    Papers,
    Labels,
    Manifests,
    Costs,
    Wares,
    Photos,
    Tracking,
    Sources,
    Lanes,
    EveryService,
    service="logistics",
):
    """Logistics: shipments through the warehouse, parcels on their way (standard, sections 2 and 3)."""
