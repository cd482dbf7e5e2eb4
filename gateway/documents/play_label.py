"""A label of the sandbox carrier: one page of A6 with its number in letters and as a bar code (Code 39). Pure.

It is written by hand, at once: a carrier that draws for seconds would not be waited for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 298, 420
BARS_AT, BARS_HIGH, THIN, WIDE = 24, 90, 0.9, 2.25
PATTERNS = {
    "0": "000110100", "1": "100100001", "2": "001100001", "3": "101100000", "4": "000110001", "5": "100110000",
    "6": "001110000", "7": "000100101", "8": "100100100", "9": "001100100", "I": "001001100", "M": "101000010",
    "S": "001010010", "*": "010010100",
}  # fmt: skip
"""For each sign, which of its nine bars and gaps are wide, bar first."""


def play_label(number: str, lines: Sequence[str]) -> bytes:
    """Return the label as PDF. number: of the signs of `PATTERNS`; lines: in ASCII."""
    drawn = [*_bars(number), *_written(number, lines)]
    content = "\n".join(drawn).encode("ascii")
    return _file(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>" % (WIDTH, HEIGHT),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )


def _bars(number: str) -> Iterator[str]:
    x = float(BARS_AT)
    for sign in f"*{number}*":
        for place, wide in enumerate(PATTERNS[sign]):
            width = WIDE if wide == "1" else THIN
            if place % 2 == 0:
                yield f"{x:.2f} 120 {width} {BARS_HIGH} re f"
            x += width
        x += THIN


def _written(number: str, lines: Sequence[str]) -> Iterator[str]:
    yield _text(14, BARS_AT, 98, number)
    for place, line in enumerate(lines):
        yield _text(20 if place == 0 else 12, BARS_AT, HEIGHT - 50 - 24 * place, line)


def _text(size: int, x: int, y: int, text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf {x} {y} Td ({escaped}) Tj ET"


def _file(*objects: bytes) -> bytes:
    """Return the file: its objects, where each begins, and which is the first."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for place, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (place, each)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return bytes(out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end)
