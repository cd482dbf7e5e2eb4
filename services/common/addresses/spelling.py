"""Give names, digits and words of an address one spelling, to compare them by.

    tidy("ＳＷ1Ａ  1AA")             # "SW1A 1AA": one form of each character, one kind of blank and of dash
    key("São Paulo")                # "saopaulo": no case, no accents, no marks
    words("Province of Milan")      # "milan": without the words that only say what kind of region it is

Each is idempotent: a text in that spelling stays as it is. (Names and codes of the shop are compared by
`basics.folding`, which knows nothing of places.)
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ə": "a",
        "ŋ": "n", "臺": "台",
    }
)  # fmt: skip
_DASHES = re.compile("[‐-―−⁃﹘﹣－ー_]")
_SPOKEN = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"}
_KINDS = frozenset(
    """a al bundesland canton capital city co community comunidad comunitat county de del departamento departement
    department di distrito district do dos el emirate ennor freistaat fu gobierno governorate huizuzizhiqu il kanton ken
    krai kray la land le metropolis metropolitan municipality oblast of parish prefectura prefecture principado
    principality provincia province regiao region regione republic respublika sheng shi si state estado territory the to
    weiwuerzizhiqu weiwuerzuzizhiqu zhuangzuzizhiqu zizhiqu daerah dki istimewa metropolitana obl resp special
    г город краи обл область респ республика استان محافظة""".split()  # noqa: SIM905 (words read better than a list)
)
_CJK_KINDS = re.compile(
    "(?<=..)(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特別市|特别市|省|市|県|縣|都|府|州"
    "|광역시|특별시|특별자치도|특별자치시|도|시)\\Z"
)


def tidy(text: str) -> str:
    """Normalize a text: NFKC, one blank where there are several, ASCII dashes."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return " ".join("".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf")).split())


def ascii_digits(text: str) -> str:
    """Write the digits of every writing system as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char for char in text)


def key(text: str) -> str:
    """Return what is left of a name without case, accents, blanks and marks; "" for a text without letters."""
    return "".join(char for char in _plain(text) if char.isalnum())


def spoken_key(text: str) -> str:
    """Return the key of a name as those write it who have no umlauts: "Zuerich"."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return key("".join(_SPOKEN.get(char, char) for char in unicodedata.normalize("NFC", folded)))


def words(text: str) -> str:
    """Return the key of a name without the words for kinds of regions, unless nothing else would be left."""
    kept = [word for word in re.split(r"[\W_]+", _plain(text)) if word and word not in _KINDS]
    short = _CJK_KINDS.sub("", key("".join(kept)))
    return short or key(text)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS))
    marks = "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFC", marks).casefold().translate(_LETTERS)
