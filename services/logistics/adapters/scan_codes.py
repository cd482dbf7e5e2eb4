"""Codes on goods, as scanners read them: GTINs alone, and GS1 element strings with batch, serial number and count.

read_unit("]C10104006381333931~10AB") == Unit("04006381333931", batch="AB")

The library holds every prefix of GS1, 15 MB: it is loaded with the first code that is scanned, so by no shop that scans
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from services.logistics.domain.wares import Unit

if TYPE_CHECKING:
    from biip.gs1_messages import GS1Message

SEPARATORS = ("\x1d", "~")
SYMBOLOGIES = ("]C1", "]d2", "]Q3", "]e0")
"""What scanners put before an element string: GS1-128, GS1 DataMatrix, GS1 QR code, GS1 DataBar."""
GTIN, BATCH, SERIAL, COUNTS, DATES = "01", "10", "21", ("37", "30"), ("17", "15")
MOST_PIECES = 999


def read_unit(code: str) -> Unit | None:
    """Return what a code says, or None for one that names no product by a GTIN whose check digit fits."""
    import biip
    from biip.gs1_messages import GS1Message

    reading = biip.ParseConfig(separator_chars=SEPARATORS, gs1_element_strings_verify_date=False)
    try:
        if code.startswith("("):
            return _of_message(GS1Message.parse_hri(code, config=reading))
        read = biip.parse(code.removeprefix("~"), config=reading)
    except biip.ParseError:
        return None
    bare = code.removeprefix(next((each for each in SYMBOLOGIES if code.startswith(each)), "")).removeprefix("~")
    if read.gs1_message is not None and (bare != code or (bare.startswith(GTIN) and len(bare) >= 16)):
        return _of_message(read.gs1_message)
    return None if read.gtin is None else Unit(read.gtin.as_gtin_14())


def _of_message(message: GS1Message) -> Unit | None:
    elements = {each.ai.ai: each for each in message.element_strings}
    gtin = elements[GTIN].gtin if GTIN in elements else None
    said = {name: each.value for name, each in elements.items()}
    pieces = next((int(said[name]) for name in COUNTS if name in said), 1)
    if gtin is None or not 0 < pieces <= MOST_PIECES:
        return None
    dates = {name: each.date for name, each in elements.items()}
    return Unit(gtin.as_gtin_14(), pieces, said.get(BATCH), said.get(SERIAL), _date(dates))


def _date(dates: Mapping[str, date | None]) -> date | None:
    return next((found for name in DATES if (found := dates.get(name))), None)
