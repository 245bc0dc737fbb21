"""Screens of a terminal, one after the other, as one SVG that needs nothing from elsewhere.

All screens are one tall text, of which a window shows a part; CSS moves the text on. Where nothing moves, because the
viewer cannot or its user would rather not, the last screen is seen.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from rich.console import Console
from rich.segment import Segment, Segments
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

CHARACTER_WIDTH, LINE_HEIGHT = 12.2, 24.4
"""Of rich's SVGs, in the picture's units."""

_ID = "film"
_MARGIN, _TITLE_HEIGHT = 12, 40
_NEEDLESS = re.compile(r"<text [^>]*>\n</text>| clip-path=\"[^\"]*\"")
"""The ends of lines, which rich makes elements of, and windows for single lines, which the one for all makes do."""
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"


@dataclass(frozen=True, slots=True)
class Frame:
    """A screen: its lines, coloured by the control sequences of terminals, and for how many seconds it is shown."""

    lines: Sequence[str]
    seconds: float


def film(frames: Sequence[Frame], *, columns: int, title: str, description: str) -> str:
    """Return an SVG that shows the frames for ever; the longest of them says how high it is."""
    rows = max(len(frame.lines) for frame in frames)
    styles, text = _text(frames, rows, columns)
    window = columns * CHARACTER_WIDTH, rows * LINE_HEIGHT
    width, height = window[0] + 2 * _MARGIN, window[1] + _TITLE_HEIGHT + _MARGIN
    background, foreground = SVG_EXPORT_THEME.background_color.hex, SVG_EXPORT_THEME.foreground_color.hex
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="title about">
<title id="title">{escape(title)}</title>
<desc id="about">{escape(description)}</desc>
<style>
text {{ font-family: {_FONTS}; font-size: 20px; white-space: pre }}
{styles}
{_motion(frames, rows)}
</style>
<clipPath id="window"><rect width="{window[0]:g}" height="{window[1]:g}"/></clipPath>
<rect width="{width:g}" height="{height:g}" rx="8" fill="{background}"/>
<g transform="translate(22 20)">
<circle r="6" fill="#ff5f57"/><circle cx="20" r="6" fill="#febc2e"/><circle cx="40" r="6" fill="#28c840"/>
</g>
<text x="{width / 2:g}" y="26" text-anchor="middle" fill="{foreground}">{escape(title)}</text>
<g transform="translate({_MARGIN} {_TITLE_HEIGHT})" clip-path="url(#window)">
<g id="{_ID}" transform="translate(0 {-(len(frames) - 1) * rows * LINE_HEIGHT:g})">
{text}
</g>
</g>
</svg>
"""


def _text(frames: Sequence[Frame], rows: int, columns: int) -> tuple[str, str]:
    """Return the CSS and the elements of all frames below one another."""
    console = Console(record=True, file=io.StringIO(), width=columns, color_system="truecolor", force_terminal=True)
    for frame in frames:
        for line in [*frame.lines, *[""] * (rows - len(frame.lines))]:
            text = Text.from_ansi(line, no_wrap=True, overflow="crop", end="")
            text.rstrip()
            console.print(Segments([*Segment.simplify(console.render(text)), Segment.line()]), end="")
    styles = console.export_svg(code_format="{styles}", unique_id=_ID, clear=False)
    elements = console.export_svg(code_format="{backgrounds}{matrix}", unique_id=_ID)
    elements = _NEEDLESS.sub("", elements)
    return styles, elements.replace("</text>", "</text>\n").rstrip()


def _motion(frames: Sequence[Frame], rows: int) -> str:
    """Return the CSS that shows one frame after the other."""
    whole = sum(frame.seconds for frame in frames)
    offsets = [f"translateY({-number * rows * LINE_HEIGHT:g}px)" for number in range(len(frames))]
    steps, passed = [], 0.0
    for frame, offset in zip(frames, offsets, strict=True):
        steps.append(f"{100 * passed / whole:.2f}% {{ transform: {offset} }}")
        passed += frame.seconds
    return "\n".join([
        f"@keyframes {_ID} {{ {' '.join(steps)} 100% {{ transform: {offsets[-1]} }} }}",
        f"#{_ID} {{ animation: {_ID} {whole:.1f}s step-end infinite }}",
        f"@media (prefers-reduced-motion: reduce) {{ #{_ID} {{ animation: none }} }}",
    ])
