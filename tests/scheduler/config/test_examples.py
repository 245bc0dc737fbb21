"""The configurations that people are shown can be used."""

import re
from pathlib import Path

import pytest

from kubeclient.client import Client
from scheduler.config.load import load, parse
from scheduler.framework.interface import Handle
from scheduler.framework.runtime import Framework
from scheduler.plugins.registry import in_tree_registry

ROOT = Path(__file__).parents[3]
HEAD = "apiVersion: kubescheduler.config.k8s.io"


def shown() -> list[str]:
    """The configurations in the documentation."""
    text = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
    return [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith(HEAD)]


def test_there_are_some() -> None:
    assert shown()


@pytest.mark.parametrize("text", shown())
def test_the_documentations_profiles_can_be_run(text: str) -> None:
    handle = Handle(Client("http://127.0.0.1:1"))
    for profile in parse(text).profiles:
        Framework(profile, in_tree_registry(), handle)


def test_the_example_has_the_plugins_profile() -> None:
    found = load(ROOT / "examples" / "scheduler-plugin" / "scheduler-config.yaml")
    thrifty = found.profiles[1]
    assert thrifty.args["Price"] == {"limit": 100}
    assert "Price" in [entry.name for entry in thrifty.plugins]
