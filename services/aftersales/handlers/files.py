"""Files that were sent and are evidence of a return: support, which knows of each file, is told to keep them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from services.aftersales.api.events import ReturnFilesNamed
from services.aftersales.domain import Return
from services.aftersales.repository import Work
from services.common.basics.shapes import UPLOAD_LINK


def name_files(work: Work, item: Return, *evidence: Iterable[str]) -> None:
    """Record which of the links are files that were sent, if any, in the commit that makes them evidence."""
    links = dict.fromkeys(link for link in chain(*evidence) if re.fullmatch(UPLOAD_LINK, link))
    if links:
        uploads = tuple(link.rpartition("/")[2] for link in links)
        work.journal.record(
            ReturnFilesNamed(return_number=item.number, order_number=item.order_number, uploads=uploads)
        )
