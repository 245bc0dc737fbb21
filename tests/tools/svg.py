"""Reads films of terminals back: what their frames show."""

from xml.etree import ElementTree

from tools.film import CHARACTER_WIDTH, LINE_HEIGHT

_SVG = "{http://www.w3.org/2000/svg}"


def frames_of(svg: str) -> list[list[str]]:
    """Return the lines of each frame, as text; ``ParseError`` for what is not well-formed."""
    root = ElementTree.fromstring(svg)
    window = root.find(f"{_SVG}clipPath/{_SVG}rect")
    text = root.find(f".//{_SVG}g[@id='film']")
    assert window is not None
    assert text is not None
    rows = round(float(window.attrib["height"]) / LINE_HEIGHT)
    lines: dict[int, str] = {}
    for element in text.iter(f"{_SVG}text"):
        row = int(float(element.attrib["y"]) // LINE_HEIGHT)
        column = round(float(element.attrib["x"]) / CHARACTER_WIDTH)
        lines[row] = lines.get(row, "").ljust(column) + "".join(element.itertext()).replace("\N{NO-BREAK SPACE}", " ")
    number = max(lines) // rows + 1
    return [[lines.get(row, "") for row in range(first, first + rows)] for first in range(0, number * rows, rows)]
