"""Users' plugins by entry point: names, arguments, and what cannot be made."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from apimachinery.errors import FatalError
from kubeclient.client import Client
from scheduler.framework.interface import Handle
from scheduler.out_of_tree import GROUP, out_of_tree_registry

HANDLE = Handle(Client("http://127.0.0.1:1"))


class Good:
    name = "Good"

    def __init__(self, args: Any, handle: Handle) -> None:
        self.args = args
        self.handle = handle


class Picky:
    name = "Picky"

    def __init__(self, args: Any, handle: Handle) -> None:
        raise ValueError("limit must be a whole number")


def entry(name: str, attribute: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{attribute}", GROUP)


def test_the_object_gets_arguments_and_handle() -> None:
    plugin = out_of_tree_registry([entry("Good", "Good")])["Good"]({"limit": 3}, HANDLE)
    assert isinstance(plugin, Good)
    assert (plugin.args, plugin.handle) == ({"limit": 3}, HANDLE)


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        pytest.param([entry("NodeName", "Good")], "a built-in scheduler plugin has the name", id="a built-in name"),
        pytest.param(
            [entry("Good", "Good"), entry("Good", "Picky")], "another scheduler plugin has the name", id="a name twice"
        ),
    ],
)
def test_a_name_can_be_had_once(entries: list[EntryPoint], problem: str) -> None:
    with pytest.raises(FatalError, match=problem):
        out_of_tree_registry(entries)


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        pytest.param(entry("Picky", "Picky"), "cannot be made: limit must be a whole number", id="bad arguments"),
        pytest.param(entry("Gone", "Gone"), "cannot be made: ", id="nothing there"),
        pytest.param(entry("Other", "Good"), "must have that as its attribute", id="another name"),
    ],
)
def test_a_plugin_that_cannot_be_made_is_told_when_it_is_wanted(found: EntryPoint, problem: str) -> None:
    registry = out_of_tree_registry([found])
    with pytest.raises(FatalError, match=problem):
        registry[found.name](None, HANDLE)
