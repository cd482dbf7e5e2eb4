"""The chart of a run, as SVG: the ratios and figures beside their aims, and where the CPU of each operation goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from deploy.lab.bench.report import Comparison
from deploy.lab.bench.rounds import LOAD
from services.common.basics.untyped import Fields

WIDTH, LEFT, ROW, BAR = 1100, 480, 24, 15
COLOURS = (
    "#2f6f8f", "#e0a030", "#6a9f4b", "#b5523b", "#7a5c99", "#c77fa0", "#4fa3a5", "#8a7f6d", "#a0b04a", "#5470c6",
)  # fmt: skip


def chart(rows: Sequence[Fields], comparisons: Sequence[Comparison]) -> str:
    """Draw one picture of two panels."""
    aimed = [each for each in comparisons if each.met is not None]
    tiers = sorted({name for row in rows for name in row["cpu_s_per_1000"]} - {LOAD})
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(tiers)}
    upper, below = _aims(aimed, 40)
    lower, height = _costs(rows, colours, below + 50)
    style = (
        "text{font:13px system-ui,sans-serif;fill:#222}.h{font-weight:600;font-size:15px}.s{fill:#666;font-size:11px}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            "<title>What the platform costs, beside its aims</title>",
            f'<style>{style}</style><rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            *upper,
            *lower,
            "</svg>\n",
        ]
    )


def _aims(aimed: Sequence[Comparison], top: int) -> tuple[list[str], int]:
    """Draw each figure as a share of its aim.

    The line is the aim; beyond it (or below, where less is better) is met.
    """
    shown = [_text(20, top - 12, "Beside the aims (the line is the aim; green: met)", "h")]
    unit = (WIDTH - LEFT - 160) / 3.0  # three times the aim fit
    for place, each in enumerate(aimed):
        y = top + 8 + place * ROW
        share = each.value / (each.at_least or each.at_most or 1.0)
        shown += [
            _text(LEFT - 8, y + BAR - 3, f"{each.name[:68]} {each.aim}", "e"),
            _bar(LEFT, y, min(share, 3.0) * unit, "#6a9f4b" if each.met else "#c9694f"),
            _text(LEFT + min(share, 3.0) * unit + 6, y + BAR - 3, f"{each.value:.2f}", "s"),
        ]
    bottom = top + 8 + len(aimed) * ROW
    line = f'<line x1="{LEFT + unit:.0f}" x2="{LEFT + unit:.0f}" y1="{top}" y2="{bottom}" stroke="#222"/>'
    return [*shown, line], bottom


def _costs(rows: Sequence[Fields], colours: Mapping[str, str], top: int) -> tuple[list[str], int]:
    """Draw CPU milliseconds per operation, stacked by process."""
    shown = [_text(20, top - 12, "CPU milliseconds per operation, by process (without the load generator)", "h")]
    for place, (name, colour) in enumerate(colours.items()):
        x, y = 20 + place % 7 * 150, top + 4 + place // 7 * 20
        shown += [f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>', _text(x + 17, y + 11, name, "")]
    top += 20 * (1 + (len(colours) - 1) // 7) + 12
    most = max((row["cpu_s_per_1000_all_tiers"] for row in rows), default=1.0) or 1.0
    unit = (WIDTH - LEFT - 60) / most
    for place, row in enumerate(rows):
        end, y = float(LEFT), top + place * ROW
        label = f"{row['side']}: {row['operation']}, {row['clients']} clients"
        shown.append(_text(LEFT - 8, y + BAR - 3, label, "e"))
        for name, colour in colours.items():
            width = row["cpu_s_per_1000"].get(name, 0.0) * unit
            shown.append(_bar(end, y, width, colour))
            end += width
        shown.append(_text(end + 6, y + BAR - 3, f"{row['cpu_s_per_1000_all_tiers']:.1f}", "s"))
    return shown, top + len(rows) * ROW + 20


def _bar(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y}" width="{max(width, 0):.1f}" height="{BAR}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, kind: str) -> str:
    anchor = ' text-anchor="end"' if kind == "e" else ""
    return f'<text x="{x:.0f}" y="{y}" class="{kind}"{anchor}>{escape(text)}</text>'
