"""Screens of a terminal as an SVG."""

import re

from tests.tools.svg import frames_of
from tools.film import Frame, film

FRAMES = [
    Frame(["\x1b[32m$\x1b[0m \x1b[1mls\x1b[0m"], 1.0),
    Frame(["\x1b[32m$\x1b[0m \x1b[1mls\x1b[0m", "<a> & b   ", "", "  ──"], 3.0),
]


def test_frames_are_read_as_they_were_written() -> None:
    svg = film(FRAMES, columns=20, title="a & b", description="<c>")
    assert frames_of(svg) == [["$ ls", "", "", ""], ["$ ls", "<a> & b", "", "  ──"]]
    assert '<title id="title">a &amp; b</title>' in svg


def test_frames_are_shown_for_as_long_as_they_should_and_the_last_where_nothing_moves() -> None:
    svg = film(FRAMES, columns=20, title="", description="")
    steps = re.findall(r"([\d.]+)% { transform: translateY\((-?[\d.]+)px\) }", svg)
    assert steps == [("0.00", "0"), ("25.00", "-97.6"), ("100", "-97.6")]
    assert "animation: film 4.0s" in svg
    assert '<g id="film" transform="translate(0 -97.6)">' in svg


def test_what_is_too_long_is_cut() -> None:
    assert frames_of(film([Frame(["0123456789"], 1.0)], columns=4, title="", description="")) == [["0123"]]
