"""Variables of the environment are read where ``kubemu.environment`` names them, and nowhere else."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from kubemu import environment

ROOT = Path(__file__).parents[2]
PACKAGES = (
    *("apimachinery", "apiserver", "componentbase", "controller_manager", "kubeclient"),
    *("kubelet", "kubemu", "kubeproxy", "scheduler", "store"),
)
READERS = {"kubemu/commands/target.py", "kubemu/commands/up.py", "kubemu/up/provision.py"}
"""Modules that take the environment; what they do with it is a matter of names in ``kubemu.environment``."""

INSIDE_CONTAINERS = "kubelet/images/"
"""What programs of fake containers read is the containers' environment."""


def modules_with(words: Iterable[str]) -> Iterator[tuple[str, ast.Module]]:
    """Return the modules in whose text one of the words is; to parse them all would take seconds."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if any(word in text for word in words):
                yield str(path.relative_to(ROOT)), ast.parse(text)


def test_few_modules_read_the_environment_and_none_has_names_of_its_own() -> None:
    named = environment.READ.keys() | environment.FOR_HOOKS.keys()
    readers, spelled = set(), set()
    for name, module in modules_with({"environ", "getenv", "KUBEMU_", *named}):
        for node in ast.walk(module):
            match node:
                case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" | "getenvb"):
                    readers.add(name)
                case ast.ImportFrom(module="os", names=names) if {"environ", "getenv"} & {each.name for each in names}:
                    readers.add(name)
                case ast.Constant(value=str(text)) if text in named or text.lstrip("_").startswith("KUBEMU_"):
                    if not name.startswith(INSIDE_CONTAINERS):
                        spelled.add(name)
    assert readers == READERS
    assert spelled == {"kubemu/environment.py"}
