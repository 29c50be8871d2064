"""Bars as SVG, drawn by hand: readable on light and on dark, and without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from xml.sax.saxutils import escape

_LABEL, _BARS, _FIGURE = 230, 420, 90  # widths
_BAR, _GAP, _GROUP_GAP, _TOP = 12, 2, 12, 46  # heights
_COLOURS = ("#7aa6d8", "#3f7cbf", "#c77f3d", "#8a63b8")
_STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.faint { fill: #6e7781 }
.axis { stroke: #d0d7de }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .faint { fill: #8b949e } .axis { stroke: #30363d } }
</style>"""


def bars(title: str, series: Sequence[str], values: Mapping[str, Sequence[float]], unit: str) -> str:
    """Groups of bars, one group a line and one bar a series, on a logarithmic scale from the least to the most."""
    found = [value for group in values.values() for value in group if value > 0]
    low, high = 10 ** int(log10(min(found)) - 1), max(found)
    group_height = len(series) * (_BAR + _GAP) + _GROUP_GAP
    height = _TOP + len(values) * group_height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LABEL + _BARS + _FIGURE}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
        _STYLE,
        f'<text class="title" x="0" y="14">{escape(title)}</text>',
        *_legend(series),
        f'<line class="axis" x1="{_LABEL}" y1="{_TOP - 6}" x2="{_LABEL}" y2="{height}"/>',
    ]
    for place, (name, group) in enumerate(values.items()):
        parts += _group(_TOP + place * group_height, name, group, (low, high), unit)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(series: Sequence[str]) -> list[str]:
    parts = []
    for place, name in enumerate(series):
        x = _LABEL + place * 140
        parts.append(f'<rect x="{x}" y="22" width="10" height="10" fill="{_COLOURS[place % len(_COLOURS)]}"/>')
        parts.append(f'<text class="faint" x="{x + 15}" y="31">{escape(name)}</text>')
    return parts


def _group(top: int, name: str, group: Sequence[float], scale: tuple[float, float], unit: str) -> list[str]:
    middle = top + len(group) * (_BAR + _GAP) / 2 + 4
    parts = [f'<text x="{_LABEL - 8}" y="{middle:.0f}" text-anchor="end">{escape(name)}</text>']
    for place, value in enumerate(group):
        y, width = top + place * (_BAR + _GAP), _width(value, *scale)
        colour = _COLOURS[place % len(_COLOURS)]
        parts.append(f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{colour}"/>')
        parts.append(f'<text class="faint" x="{_LABEL + width + 5:.1f}" y="{y + 10}">{value:.3g} {unit}</text>')
    return parts


def _width(value: float, low: float, high: float) -> float:
    return 0 if value <= low else _BARS * (log10(value) - log10(low)) / (log10(high) - log10(low))
