"""What staff are writing is kept, each person's for themselves, until it is sent (standard, section 1).

The ticket is locked meanwhile, so that nothing is kept of a conversation that is being erased.
"""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.support.api.drafts import DraftKind, DraftView, SaveDraft
from services.support.api.terms import DRAFTS_KEPT
from services.support.domain.draft import Draft
from services.support.handlers.access import acting, for_staff
from services.support.repository import Work


def save_draft(work: Work, number: str, request: SaveDraft) -> DraftView:
    """Keep what the caller has written so far. Raise DraftMoved, and keep nothing, if they wrote on elsewhere."""
    for_staff(work, number, None)
    draft = _draft(work, number, request.kind)
    draft.require_seen(request.version, request.body, lambda: show(draft))
    if request.body != draft.body:
        draft.write(request.body, work.now)
        work.drafts.keep(draft)
    return show(draft)


def end_draft(work: Work, number: str, kind: DraftKind, seen: int | None) -> None:
    """Let nothing remain of the caller's draft but a further version: it is sent.

    seen: the version that is sent, 0 where nothing was kept; None: other words were sent, and the draft stays. What is
    on its way to be kept then comes too late.
    """
    if seen is not None:
        draft = _draft(work, number, kind)
        draft.write("", work.now)
        work.drafts.keep(draft)


def own_drafts(work: Work, number: str) -> list[DraftView]:
    """Return what the caller has begun on the ticket."""
    return [show(each) for each in work.drafts.of(number, acting(work))]


def forget_drafts(work: Work) -> None:
    """Drop what was not written on for long (`api.terms`)."""
    work.drafts.forget(work.now - DRAFTS_KEPT.span)


def show(draft: Draft) -> DraftView:
    """Show a draft to its writer."""
    saved_at = rfc3339(draft.saved_at)
    return {"kind": draft.kind, "body": draft.body, "saved_at": saved_at, "version": draft.version}


def _draft(work: Work, number: str, kind: DraftKind) -> Draft:
    return work.drafts.find(number, acting(work), kind) or Draft(number, acting(work), kind, "", work.now)
