"""The recording of ``kubemu up`` shows what ``kubemu up`` shows today."""

import itertools
import os
import re
from pathlib import Path

import pytest
from rich.console import Console

from kubemu.commands.up import ready_text
from kubemu.up.picture import Picture, PodLine
from kubemu.up.table import rendered
from tests.tools.svg import frames_of
from tools import up_picture as tool

ROOT = Path(__file__).parents[2]
STALE = "docs/images/kubemu-up.svg is stale: run `make picture`"


def view_of(shown: list[str]) -> list[str]:
    """Return how today's view shows what is there in a recorded one."""
    counts = re.match(r"(\d+) of (\d+) nodes", shown[0])
    assert counts, STALE
    nodes = {f"node-{number}": number < int(counts[1]) for number in range(int(counts[2]))}
    rows = itertools.takewhile(bool, shown[2:])
    lines = [
        PodLine(name, ready, status, int(again), node, ip)
        for name, ready, status, again, node, ip in map(str.split, rows)
    ]
    picture = Picture(nodes, {line.name: line for line in lines})
    picture.told.extend(shown[2 + len(lines) + 1 :])
    console = Console(width=tool.COLUMNS, color_system=None)
    with console.capture() as capture:
        console.print(rendered(picture, height=tool.ROWS))
    return trimmed(capture.get().splitlines())


def trimmed(lines: list[str]) -> list[str]:
    """Return lines without blanks at their ends and at the end."""
    return "\n".join(line.rstrip() for line in lines).rstrip().splitlines()


def start_of(shown: list[str]) -> list[str]:
    """Return what today's ``kubemu up`` says when a cluster is ready, of the one that is recorded."""
    text = "\n".join(shown)
    seconds, server, path = (re.search(pattern, text) for pattern in (r"[\d.]+(?= s\b)", r"http://\S+", r"(?<==)/\S+"))
    assert seconds, STALE
    assert server, STALE
    assert path, STALE
    facts = {"name": "default", "pid": os.getpid(), "server": server[0], "kubeconfig": path[0]}
    return trimmed(ready_text({**facts, "readySeconds": float(seconds[0])}).splitlines())


def assert_current(svg: str) -> None:
    """Check that each frame is what would be shown today, and that all of the story is in them."""
    frames = frames_of(svg)
    for frame in frames:
        other = next(number for number, line in enumerate(frame) if line.startswith(tool.OTHER_TERMINAL))
        shown = trimmed(frame[1:other])
        assert frame[0] == f"$ {tool.COMMAND}", STALE
        if shown:
            start = start_of(shown[:5])
            assert shown[: len(start)] == start, STALE
            # A line between.
            assert shown[len(start) + 1 :] == view_of(shown[len(start) + 1 :]), STALE
    commands = [scene.command for scene in tool.STORY if scene.command]
    assert [line.removeprefix("$ ") for line in frames[-1][-len(commands) :]] == commands, STALE
    for scene in tool.STORY:
        assert any(re.search(scene.until, "\n".join(frame)) for frame in frames), STALE


def test_the_picture_is_current() -> None:
    assert_current(tool.PICTURE.read_text(encoding="utf-8"))


def test_the_picture_needs_nothing_and_tells_nothing_of_where_it_was_made() -> None:
    svg = tool.PICTURE.read_text(encoding="utf-8")
    assert len(svg.encode()) < 150_000
    urls = re.findall(r"\w+://[^/\"<:]+", svg)
    assert set(urls) == {"http://www.w3.org", "http://127.0.0.1"}
    assert not re.search(r"@import|@font-face|href|/tmp|/home|/root", svg)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_picture_is_what_pages_show(page: str) -> None:
    path = ROOT / page
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    assert tool.PICTURE in [(path.parent / link).resolve() for link in shown]


@pytest.mark.slow
def test_a_new_picture_can_be_made() -> None:
    """S1: a cluster at a terminal, which shows pods that come up, and one that comes back."""
    assert_current(tool.picture())
