"""Write docs/settings.md: all that can be set and is no option of a command, as the code says it.

python -m tools.settings_page
"""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kubelet.images import plugins as image_plugins
from kubelet.images.declared.spec import API_VERSION, KIND, FakeImageSpec
from kubelet.node_shapes import NodeShapes
from kubemu import environment, pytest_plugin
from kubemu.objects import manifests
from kubemu.testing import Cluster
from scheduler import out_of_tree
from scheduler.config.args import ARGS
from scheduler.config.types import KubeSchedulerConfiguration
from tools.markdown import prose, table
from tools.model_tables import model_sections

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "settings.md"
ACTION = ROOT / "action.yml"
_MODULES = re.compile(r"\b[a-z_.]+\.(?=[A-Z])")
"""What types' names begin with."""

_INTRODUCTION = """\
# Settings

What can be set beside the options of [`kubemu`](cli.md) and of [the components](components.md), and beside what
[annotations](images.md#wishes-in-annotations) say of a pod's containers. This page is made of the code
(`python -m tools.settings_page`).
"""


class Declared:
    """Stands for pytest when the plugin says what it has: options of the configuration file, and markers."""

    def __init__(self) -> None:
        self.options: list[tuple[str, str, str, str]] = []
        """Name, type, default and meaning of each."""
        self.markers: list[tuple[str, str]] = []
        """How each is written, and what it means."""
        pytest_plugin.pytest_addoption(self)  # type: ignore[arg-type]
        pytest_plugin.pytest_configure(self)  # type: ignore[arg-type]

    def addini(self, name: str, help: str, type: str = "string", default: Any = "") -> None:
        self.options.append((name, type, default, help))

    def addinivalue_line(self, name: str, line: str) -> None:
        assert name == "markers"
        written, _, meaning = line.partition(": ")
        self.markers.append((written, meaning))


def environment_section() -> str:
    read = [(f"`{name}`", meaning) for name, meaning in environment.READ.items()]
    hooks = [(f"`{name}`", meaning) for name, meaning in environment.FOR_HOOKS.items()]
    return f"""\
## Environment variables

{table(["variable", "what it does"], read)}

The commands of `kubemu up --init-hook` find, beside the variables of `kubemu up` itself:

{table(["variable", "what it is"], hooks)}
"""


def pytest_section() -> str:
    declared = Declared()
    options = [
        (f"`{name}`", kind, f"`{default}`" if default else "", said) for name, kind, default, said in declared.options
    ]
    markers = [(f"`@pytest.mark.{written}`", meaning) for written, meaning in declared.markers]
    return f"""\
## pytest

Options of `pytest.ini`, or of `[tool.pytest.ini_options]` in `pyproject.toml`:

{table(["option", "type", "default", "what it does"], options)}

Markers of tests:

{table(["marker", "what it means"], markers)}

Fixtures:

{table(["fixture", "scope", "gives", "what it is"], fixtures())}
"""


def fixtures() -> Iterator[tuple[str, str, str, str]]:
    """Return name, scope, type and meaning of the plugin's fixtures, as its source has them."""
    for node in ast.parse(inspect.getsource(pytest_plugin)).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
            if ast.unparse(call.func) == "pytest.fixture":
                scopes = [ast.literal_eval(word.value) for word in call.keywords if word.arg == "scope"]
                assert node.returns is not None
                given = ast.unparse(node.returns).strip("'").removeprefix("Iterator[").removesuffix("]")
                given += "]" * (given.count("[") - given.count("]"))
                yield (
                    f"`{node.name}`",
                    scopes[0] if scopes else "function",
                    f"`{given}`",
                    prose(ast.get_docstring(node)),
                )


def cluster_section() -> str:
    return f"""\
## Cluster

`kubemu.testing.Cluster`, for scripts and other test suites; the fixture `kubemu_options` has the same arguments.

```python
{_signature("Cluster", Cluster.__init__)}
```

{prose(Cluster.__doc__)}

{table(["member", "what it is"], _members(Cluster))}
"""


def _signature(name: str, function: Any) -> str:
    """Return how a method is called: in one line if it fits, with a line for each argument otherwise."""
    parameters = inspect.signature(function).parameters.values()
    arguments = [_MODULES.sub("", str(each)) for each in parameters if each.name != "self"]
    named = any(each.kind is each.KEYWORD_ONLY for each in parameters)
    given = ["*", *arguments] if named else arguments
    line = f"{name}({', '.join(given)})"
    return line if len(line) <= 88 else "\n".join([f"{name}(", *(f"    {each}," for each in given), ")"])


def _members(cls: type) -> Iterator[tuple[str, str]]:
    """Return the properties and methods that are for users, with what they are."""
    for name, member in vars(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield f"`{name}`", prose(member.__doc__)
        else:
            yield f"`{_signature(name, member)}`", prose(member.__doc__)


def manifests_section() -> str:
    suffixes = ", ".join(f"`{suffix}`" for suffix in sorted(manifests.SUFFIXES))
    order = ", ".join(f"`{kind}`" for kind in manifests.FIRST)
    return f"""\
## Files of objects

`kubemu up --manifests`, `kubemu apply --filename` and `kubemu_manifests` take YAML and JSON. A file may have several
documents, and lists of objects. Of a folder, and of the folders in it, these files are read, by name: {suffixes}.

Whatever their order in the files, objects are applied in this one: {order}, then all other kinds that are
built in, and at last custom resources. Those that name no namespace go into `default`, or into the one of
`kubemu apply --namespace`.
"""


def files_section() -> str:
    return f"""\
## Files of nodes

`kubemu up --node-shapes` and `python -m kubelet --node-shapes` take a YAML file;
[an example](nodes.md#many-nodes-in-one-process).

{model_sections(NodeShapes)}

## Files of images

`kubemu up --images`, `python -m kubelet --images`, `kubemu_images` and `kubectl apply` take objects of kind `{KIND}` of
`{API_VERSION}`; [examples](images.md#images-without-code). All but the last take
[Python](images.md#images-in-python) too, and folders. Durations are Go's (`1m30s`), quantities Kubernetes'. This is
what `spec` has:

{model_sections(FakeImageSpec)}

## The scheduler's configuration

`kubemu up --scheduler-config` and `python -m scheduler --config` take a file in YAML or JSON;
[an example](scheduling.md#configuration).

{model_sections(KubeSchedulerConfiguration, *ARGS.values())}
"""


def packages_section() -> str:
    rows = [
        (f"`{image_plugins.GROUP}`", "[images](images.md#images-in-python): a module, an image, or a list of images"),
        (
            f"`{out_of_tree.GROUP}`",
            "[plugins of the scheduler](scheduling.md#a-plugin-of-your-own): the class, under the plugin's name",
        ),
    ]
    return f"""\
## Entry points

Packages that are installed beside kubemu add to it by these groups of entry points:

{table(["group", "what it names"], rows)}
"""


def action_section() -> str:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    inputs = [
        (f"`{name}`", f"`{entry['default']}`" if entry["default"] else "", entry["description"])
        for name, entry in action["inputs"].items()
    ]
    outputs = [(f"`{name}`", entry["description"]) for name, entry in action["outputs"].items()]
    return f"""\
## GitHub Action

{action["description"]}.

{table(["input", "default", "what it is"], inputs)}

{table(["output", "what it is"], outputs)}
"""


def page() -> str:
    sections = [
        environment_section(),
        pytest_section(),
        cluster_section(),
        manifests_section(),
        files_section(),
        packages_section(),
        action_section(),
    ]
    return "\n".join([_INTRODUCTION, *sections])


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
