"""The sentences of a script: what stands within `t("…")`, `tn("…", "…", n)`, `parts("…")` and `tc("…", "…")`.

They are those of web/design/texts.js. Babel's own reader of JavaScript takes a template for one string and does not
look into the arguments of a call; ours looks into both, for our pages are templates within templates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

KEYWORDS = {"t": 1, "tn": 2, "parts": 1, "tc": 2}
"""The names, and how many of their arguments are sentences."""
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<number>\d[\w.]*)
    |(?P<pattern>/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)
    |(?P<sign>\.\.\.|.)""",
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(`|\$\{)", re.DOTALL)
_BEFORE_A_PATTERN = {"return", "typeof", "case", "in", "of"}
_TERM = re.compile(r"\{\{\w+\}\}")


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    line: int


def tokens(source: str) -> list[Token]:
    """Return the code of a script, also that within its templates; their own text is left out."""
    found: list[Token] = []
    open_braces, pos, line = [0], 0, 1  # one number for each template that we are within
    while pos < len(source):
        match = _TOKEN.match(source, pos)
        assert match
        kind, text = str(match.lastgroup), match.group()
        if kind == "pattern" and found and not _may_begin(found[-1]):
            kind, text = "sign", "/"
        pos += len(text)
        if kind == "space":
            line += text.count("\n")
            continue
        closes = text == "}" and len(open_braces) > 1 and not open_braces[-1]
        found.append(Token(kind, ")" if closes else text, line))
        if closes:
            open_braces.pop()
        if closes or text == "`":
            ended = _TEXT.match(source, pos)
            assert ended, "a template without an end"
            pos = ended.end()
            if ended[1] == "${":
                open_braces.append(0)
                found.append(Token("sign", "(", line))
            line += ended.group().count("\n")
        elif kind == "sign":
            open_braces[-1] += {"{": 1, "}": -1}.get(text, 0)
    return found


def _may_begin(last: Token) -> bool:
    """Return whether a slash after it begins a pattern, and does not divide."""
    if last.kind == "name":
        return last.text in _BEFORE_A_PATTERN
    return last.kind == "sign" and last.text not in ")]}`"


def calls(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str, str | tuple[str, ...], list[str]]]:
    """Yield the sentences of a script, as Babel wants them."""
    for line, name, sentences, _inside in spoken(file.read().decode()):
        yield line, name, sentences[0] if len(sentences) == 1 else tuple(sentences), []


def spoken(source: str) -> Iterator[tuple[int, str, list[str], set[str] | None]]:
    """Yield the calls that say a sentence: line, name, sentences, and names within; None for values from elsewhere."""
    found = tokens(source)
    for at, token in enumerate(found):
        if (
            token.kind != "name"
            or token.text not in KEYWORDS
            or [each.text for each in found[at + 1 : at + 2]] != ["("]
        ):
            continue
        if at and found[at - 1].text in (".", "function"):
            continue
        arguments = _arguments(found, at + 2)
        sentences = [_sentence(each) for each in arguments[: KEYWORDS[token.text]]]
        if all(sentences) and len(sentences) == KEYWORDS[token.text]:
            names = {each.text for argument in arguments for each in argument if each.kind == "name"}
            values = arguments[KEYWORDS[token.text] + (token.text == "tn") :]
            are_outside = bool(values) and len(values[0]) == 1
            yield token.line, token.text, sentences, None if are_outside else names


def _arguments(found: list[Token], at: int) -> list[list[Token]]:
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in found[at:]:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0) if token.kind == "sign" else 0
        if depth < 0:
            break
        if token.text == "," and depth == 0:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return arguments


def _sentence(argument: list[Token]) -> str:
    """Return a string, or several that are put together; nothing for anything else."""
    if any(each.kind != "string" and each.text != "+" for each in argument):
        return ""
    strings = (each.text for each in argument if each.kind == "string")
    return "".join(json.loads(each) if each[0] == '"' else each[1:-1] for each in strings)
