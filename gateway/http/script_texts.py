"""The texts of scripts (web/design/texts.js): for each side and language one file, made of its catalogues.

    address("customer", "de")          # "/web/texts/customer/de.json?v=<hash>", named by a page, kept for a year
    texts_of("customer", "de")         # {"texts": {english: translated}, "terms": {…}, "plural": "1011…"}

What scripts of customers' pages say stands in the catalogue of the pages without scripts (`http.words`). The desk has
one of its own, so that staff may have another language than customers, and reads both: it uses modules of both.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from gateway.http.words import TEXTS, TOLD
from services.common.language import ENGLISH, Texts, speaking
from services.promised import promised

DESK = Texts(Path(__file__).parents[1] / "web/desk/locale")
SIDES = {"customer": (TEXTS,), "desk": (TEXTS, DESK)}
"""The catalogues of a side; the last one says which languages it has."""
ALL_FORMS = 200
"""As in texts.js: the content policy lets no script work out a rule, so the form of so many numbers is listed."""


def best(side: str, wanted: str) -> str:
    """Return the tag of the side's language nearest to the wanted one."""
    return SIDES[side][-1].best(wanted)


def address(side: str, tag: str) -> str:
    """Return where the texts of a side are; nothing for English, which has none."""
    return "" if tag == ENGLISH else f"/web/texts/{side}/{tag}.json?v={version(side, tag)}"


def version(side: str, tag: str) -> str:
    return hashlib.sha256(texts_of(side, tag)).hexdigest()[:20]


def texts_of(side: str, tag: str) -> bytes:
    """Return the file of texts of that language."""
    return _made(side, tag, *(room.file(room.best(tag)) for room in SIDES[side]))


@lru_cache(maxsize=64)
def _made(side: str, tag: str, *_files: Path | None) -> bytes:
    texts: dict[str, str | tuple[str, ...]] = {}
    for room in SIDES[side]:
        if (known := room.best(tag)) != ENGLISH:
            texts |= room.translations(known, without=TOLD)
    with speaking(tag):
        made = {"texts": texts, "terms": promised(), "plural": SIDES[side][-1].forms(tag, ALL_FORMS)}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
