"""Have a document drawn by a process of its own (`draw`), one at a time, within bounds.

What it prints is for one reader: nothing is kept.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import cast

from flask import Response, current_app, request

from gateway.documents.paper import Paper, to_json
from gateway.http import limits
from gateway.http.turns import Turns
from services.common.runtime.programs import run_alone

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("draw.py")
SECONDS = 30  # that one document may take
OF_ONE = 2  # documents of one client, being drawn and waiting
PDF = "application/pdf"
BUSY = "The document could not be made just now; try again in a moment."


def pdf(name: str, *papers: Paper) -> Response:
    """Answer with the documents as one file of that name. Refuse (503) where many wait, or it is not drawn in time."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if request.method == "HEAD":
        return Response(b"", headers=headers, content_type=PDF)
    turns = cast(Turns, current_app.extensions.setdefault("printing", Turns(BUSY, of_one=OF_ONE)))
    with turns.one(*limits.asker()):
        ended = run_alone(PROGRAM, seconds=SECONDS, given=json.dumps([*map(to_json, papers)]).encode())
    if ended.code != 0 or not ended.said:
        log.warning("a document was not drawn to its end (%s): %s", ended.code, ended.problem)
        raise turns.refusal()
    return Response(ended.said, headers=headers, content_type=PDF)
