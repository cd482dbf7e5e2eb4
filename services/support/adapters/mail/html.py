"""A letter as a page: one frame for every mail, made from its text. Pure.

    html(subject, letter)          # in the language that is spoken, in which the letter was written

Nothing is said here that the text does not say. A paragraph stays one; lines set in by two spaces are a list, lines
that begin with > a quotation, "What happens next" a box, and the line of the link a button. All is escaped: a text
is never markup.

Styles stand at the elements, since mail programs drop the rest; what only dark screens need stands in a style sheet
that the others may drop. Nothing comes from the network, so that no sender learns that a mail was opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from services.common.language import language
from services.support.adapters.mail.letter import ANSWERABLE, FOOT, LINK_LABELS, NEXT, RATING_HEAD
from services.support.adapters.mail.words import TEXTS, _, capital
from services.support.domain import Link

_SCORE = re.compile(r"[1-5] [^:]+: https?://\S+")
_INK, _SOFT, _PAPER, _SURFACE, _RULE, _BRAND = "#1a2026", "#56616b", "#f3f1ed", "#ffffff", "#e2dfd9", "#0a5c48"
"""The light tokens of gateway/web/design/tokens.css."""
_DARK = """
@media (prefers-color-scheme: dark) {
  .page, .frame { background: #101316 !important; } .sheet { background: #1b1f23 !important; }
  .sheet, .sheet p { color: #eceff1 !important; } .sheet .soft { color: #a3adb6 !important; }
  .sheet .brand { color: #5fd0ad !important; }
  .next { background: #12362c !important; } .line { border-color: #2d333a !important; }
  .score { color: #5fd0ad !important; border-color: #2d333a !important; }
  .go { background: #5fd0ad !important; color: #06231b !important; }
}"""
_STYLE = " ".join(_DARK.split())
_P = f"margin:0 0 16px;color:{_INK}"


def html(subject: str, letter: str) -> str:
    """Return the whole page of a letter, which is text as `letter.letter` writes it."""
    link = [None, *_links(letter)][-1]  # the letter's own; what a message quotes stands before it
    body = "\n".join(_part(part, link) for part in letter.strip().split("\n\n") if part.strip())
    return (
        f'<!doctype html>\n<html lang="{TEXTS.best(language())}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(subject)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f'<body class="page" style="margin:0;background:{_PAPER}">\n'
        '<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0">\n'
        f'<tr><td class="frame" align="center" style="padding:24px 12px;background:{_PAPER}">\n'
        '<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0" style="max-width:560px">\n'
        f'<tr><td class="sheet" style="padding:28px 24px 12px;background:{_SURFACE};border-radius:10px;'
        f"font:16px/1.5 -apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif;color:{_INK}\">\n"
        f'<p class="brand" style="margin:0 0 20px;font-weight:700;color:{_BRAND}">Pledge</p>\n'
        f"{body}\n</td></tr>\n</table>\n</td></tr>\n</table>\n</body>\n</html>\n"
    )


def _links(letter: str) -> Iterable[re.Match[str]]:
    labels = "|".join(re.escape(_(label)) for label in LINK_LABELS.values())
    return re.finditer(rf"^({labels}): (\S+)$", letter, re.MULTILINE)


def _part(part: str, link: re.Match[str] | None) -> str:
    lines = part.split("\n")
    if link and lines[-1] == link[0]:
        return (_part("\n".join(lines[:-1]), link) + "\n" if lines[1:] else "") + _button(link[1], link[2])
    if lines[0] == _(RATING_HEAD) and all(_SCORE.fullmatch(line) for line in lines[1:]):
        return f'<p style="{_P}">{escape(lines[0])}</p>\n<p style="margin:0 0 24px">{_scores(lines[1:])}</p>'
    if all(line.startswith(">") for line in lines):
        style = f"margin:0 0 16px;padding:0 0 0 12px;border-left:3px solid {_RULE};color:{_SOFT}"
        return (
            f'<blockquote class="line soft" style="{style}">{_lines(line[1:].strip() for line in lines)}</blockquote>'
        )
    if all(line.startswith("  ") for line in lines):
        style = f"{_P};padding:0 0 0 12px;border-left:3px solid {_RULE}"
        return f'<p class="line" style="{style}">{_lines(line.strip() for line in lines)}</p>'
    if part.startswith(f"{_(NEXT)} "):
        style = f"{_P};padding:12px 14px;background:#e3f1ec;border-radius:6px"
        said = _lines([part.removeprefix(_(NEXT)).strip()])
        return f'<p class="next" style="{style}"><strong>{escape(_(NEXT))}</strong><br>{capital(said)}</p>'
    if part.startswith((_(FOOT), _(ANSWERABLE))):
        style = f"margin:0 0 12px;padding:12px 0 0;border-top:1px solid {_RULE};font-size:13px;color:{_SOFT}"
        return f'<p class="line soft" style="{style}">{_lines(lines)}</p>'
    return f'<p style="{_P}">{_lines(lines)}</p>'


def _lines(lines: Iterable[str]) -> str:
    return "<br>\n".join(escape(line) for line in lines)


def _scores(lines: Iterable[str]) -> str:
    """Write the scores as buttons, each on a line of its own where the screen is small."""
    style = (
        f"display:inline-block;margin:0 6px 8px 0;padding:10px 14px;border:1px solid {_RULE};border-radius:6px;"
        f"color:{_BRAND};font-weight:600;text-decoration:none"
    )
    parts = (line.partition(": ") for line in lines)
    return "\n".join(
        f'<a class="score" href="{escape(to)}" style="{style}">{escape(name)}</a>' for name, _, to in parts
    )


def _button(label: str, target: str) -> str:
    if label == _(LINK_LABELS[Link.CODE]):
        style = f"{_P};font:600 28px/1.2 ui-monospace,Consolas,monospace;letter-spacing:4px"
        return f'<p style="{style}">{escape(target)}</p>'
    button = (
        f"display:inline-block;padding:12px 20px;background:{_BRAND};color:#ffffff;border-radius:6px;"
        "font-weight:600;text-decoration:none"
    )
    return f'<p style="margin:0 0 24px"><a class="go" href="{escape(target)}" style="{button}">{escape(label)}</a></p>'
