"""What the words of a scan say where its code is too broad: customs, a return, a place to fetch it.

Carriers write in the languages of the places on the way; what matters is here in those of the usual lanes.
"""

from __future__ import annotations

import re

_CUSTOMS = re.compile(
    r"customs|clearance|duties|import (scan|tax)|aduan|alf[aâ]ndeg|d[eé]douan|douan|dogan|\bzoll|\btollb|\btullb|"
    r"verzoll|celn[ií]|\bcło|\bcła|\bceln|таможн|митн|gümrük|海关|清关|通关|報關|税関|通関|세관|통관",
    re.IGNORECASE,
)
_CLEARED = re.compile(
    r"releas|cleared|clearance (process(ing)? )?(complete|finished)|complet|finaliz|conclu|libera|despachad|"
    r"nacionaliz|freigegeben|abgeschlossen|freigabe|lib[eé]r|termin|svincola|sdogana|ingeklaard|vrijgegeven|zwolnion|"
    r"выпуск|завершен|放行|完成|許可|완료",
    re.IGNORECASE,
)
_NOT_YET = re.compile(r"\b(not|pending|await|delay|unable|no|nicht|sin|non|pas|niet|incomplet)\w*\b", re.IGNORECASE)
_TO_SENDER = re.compile(
    r"(to|with) (the )?(original )?(sender|shipper)|returned|return (to|delivered|complete)|au remitente|al remitente|"
    r"à l.exp[eé]diteur|an (den )?absender|al mittente|ao remetente|退回|返送",
    re.IGNORECASE,
)
_TO_PICK_UP = re.compile(
    r"(access|pick.?up|collection|relay|parcel) ?(point|location|station|shop)|paket ?shop|post ?filiale|point relais|"
    r"punto (de recogida|pack)|(await|available|ready|held|waiting) (for )?(customer )?(pick.?up|collection)|"
    r"awaiting (customer )?(pick.?up|collection)",
    re.IGNORECASE,
)
_FETCHED = re.compile(
    r"picked up|collected|abgeholt|retir[eé]|recogido|by (the )?(customer|recipient|consignee)", re.IGNORECASE
)
_TO_AGENT = re.compile(r"for final delivery|to (the )?(local )?delivery (agent|partner)", re.IGNORECASE)


def is_about_customs(message: str) -> bool:
    """Return whether it is about customs."""
    return _CUSTOMS.search(message) is not None


def is_cleared(message: str) -> bool:
    """Return whether customs are done with it."""
    return _CLEARED.search(message) is not None and _NOT_YET.search(message) is None


def is_to_sender(message: str) -> bool:
    """Return whether what arrived did so at the sender's."""
    return _TO_SENDER.search(message) is not None


def is_to_pick_up(message: str) -> bool:
    """Return whether the customer has to fetch it. Not from a locker: carriers tell nothing after it."""
    return _TO_PICK_UP.search(message) is not None


def is_fetched(message: str) -> bool:
    """Return whether the customer has fetched it."""
    return _FETCHED.search(message) is not None


def is_to_agent(message: str) -> bool:
    """Return whether it was only handed on to who delivers it."""
    return _TO_AGENT.search(message) is not None
