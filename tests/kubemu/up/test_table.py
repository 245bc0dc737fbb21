"""How the live view looks."""

import pytest
from rich.console import Console

from kubemu.up.picture import Picture, PodLine
from kubemu.up.table import COLUMNS, rendered, status_style


def pod(name: str = "web", *, ready: str = "1/1", status: str = "Running") -> PodLine:
    return PodLine(f"default/{name}", ready, status, 0, "node-0", "127.2.0.2")


def text_of(picture: Picture, *, width: int = 80, height: int = 40) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(rendered(picture, height=height))
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.mark.parametrize(
    ("ready", "status", "style"),
    [
        pytest.param("2/2", "Running", "green", id="well"),
        pytest.param("1/2", "Running", "yellow", id="not ready"),
        pytest.param("0/1", "Pending", "yellow", id="not placed"),
        pytest.param("0/1", "ContainerCreating", "yellow", id="being made"),
        pytest.param("1/1", "Terminating", "yellow", id="on its way out"),
        pytest.param("0/1", "Succeeded", "dim", id="done"),
        pytest.param("0/1", "CrashLoopBackOff", "red", id="crashes"),
        pytest.param("0/1", "Evicted", "red", id="thrown out"),
    ],
)
def test_a_statuss_colour(ready: str, status: str, style: str) -> None:
    assert status_style(pod(ready=ready, status=status)) == style


def test_columns_stay_where_they_are_while_pods_come_up() -> None:
    pictures = [Picture(pods={"a": pod(status=status)}) for status in ("Pending", "ContainerCreating", "Running")]
    headings = {text_of(picture)[1] for picture in [Picture(), *pictures]}
    (line,) = headings
    assert line.split() == list(COLUMNS)
    assert text_of(pictures[0])[2].index("node-0") == line.index("NODE")


def test_a_short_terminal_says_what_it_leaves_out() -> None:
    picture = Picture(pods={name: pod(name) for name in "abcde"})
    picture.told.extend(f"line {number}" for number in range(7))
    shown = [" ".join(line.split()) for line in text_of(picture, height=15)]
    assert shown[2:] == [
        *(f"default/{name} 1/1 Running 0 node-0 127.2.0.2" for name in "abc"),
        "… and 2 more",
        "",
        *(f"line {number}" for number in range(2, 7)),
    ]


def test_a_narrow_terminal_gets_no_longer_lines() -> None:
    picture = Picture(pods={"a": pod()})
    picture.told.append("x" * 70)
    assert max(map(len, text_of(picture, width=60))) <= 60
