"""Nodes from a file that describes kinds of machines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from apimachinery import names
from apimachinery.errors import FatalError
from apimachinery.labels import REGION, ZONE
from apimachinery.quantity import parse_quantity
from apimachinery.types.pod import Taint
from kubelet.settings import Settings

INDEX = "{index}"

_NATIVE = frozenset({"cpu", "memory", "ephemeral-storage", "pods"})
_INDEX_FORM = re.compile(r"\{index(?::0(\d))?\}")


def _positive(text: str) -> str:
    if parse_quantity(text) <= 0:
        raise ValueError("must be more than nothing")
    return text


def _extended(name: str) -> str:
    if "/" not in name or name.startswith("kubernetes.io/") or name in _NATIVE:
        raise ValueError(f"{name!r} is not the name of an extended resource, such as nvidia.com/gpu")
    return name


Quantity = Annotated[str, BeforeValidator(lambda given: str(given)), AfterValidator(_positive)]


class _Strict(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid")


class ShapeTaint(_Strict):
    """A taint that the machines have from the start."""

    key: str
    """What pods' tolerations name."""
    value: str = ""
    """What they may compare with."""
    effect: Annotated[str, Field(pattern="^(NoSchedule|PreferNoSchedule|NoExecute)$")]
    """What it does to pods that do not tolerate it: ``NoSchedule``, ``PreferNoSchedule`` or ``NoExecute``."""


class NodeShape(_Strict):
    """One kind of machine. What is not given is as the kubelet's options say."""

    name: str
    """The name of each, with ``{index}`` (or ``{index:03}``, padded with zeros) for its number, from 0."""
    count: int = Field(1, ge=1, le=10_000)
    """How many there are. If more than one, their name needs ``{index}``."""
    cpu: Quantity | None = None
    """Cores of each."""
    memory: Quantity | None = None
    """Memory of each."""
    ephemeral_storage: Quantity | None = None
    """Disk of each."""
    pods: int | None = Field(None, ge=1)
    """How many pods each takes at most."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels of each, beside those of the options."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of each, beside those of the options."""
    region: str = ""
    """The region that they are all in, which becomes a label."""
    zones: list[str] = Field(default_factory=list)
    """Zones that are dealt to them in turn, and become labels."""
    taints: list[ShapeTaint] = Field(default_factory=list)
    """Taints of each, beside those of the options."""
    extended_resources: dict[Annotated[str, AfterValidator(_extended)], Quantity] = Field(default_factory=dict)
    """How much of other resources each has, by names such as ``nvidia.com/gpu``."""
    images: list[str] = Field(default_factory=list)
    """Images that are on each from the start."""

    def settings(self, index: int, base: Settings) -> Settings:
        """Return the settings of the machine of that number."""
        labels = {**base.node_labels}
        if self.region:
            labels[REGION] = self.region
        if self.zones:
            labels[ZONE] = self.zones[index % len(self.zones)]
        taints = tuple(Taint(key=taint.key, value=taint.value, effect=taint.effect) for taint in self.taints)
        return replace(
            base,
            node_name=numbered(self.name, index),
            node_labels={**labels, **self.labels},
            node_annotations={**base.node_annotations, **self.annotations},
            register_with_taints=(*base.register_with_taints, *taints),
            cpu=self.cpu or base.cpu,
            memory=self.memory or base.memory,
            ephemeral_storage=self.ephemeral_storage or base.ephemeral_storage,
            max_pods=self.pods or base.max_pods,
            extended_resources={**base.extended_resources, **self.extended_resources},
            images=(*base.images, *self.images),
        )


class NodeShapes(_Strict):
    """The file: ``nodes:`` and a list of shapes."""

    nodes: list[NodeShape] = Field(min_length=1)
    """The kinds of machines; nodes are numbered within their kind."""


class BadShapes(FatalError):
    """The file of node shapes cannot be used; the text says where and why."""


def numbered(pattern: str, index: int) -> str:
    """Return a name for a number: ``gpu-{index:03}`` and 7 give ``gpu-007``."""
    return _INDEX_FORM.sub(lambda found: str(index).rjust(int(found[1] or 1), "0"), pattern)


def read_shapes(path: str, base: Settings) -> list[Settings]:
    """Return the settings of all nodes that a file describes, in its order; raises :class:`BadShapes`."""
    try:
        content = yaml.safe_load(Path(path).read_bytes())
    except OSError as error:
        raise BadShapes(f"node shapes {path}: {error.strerror or error}") from error
    except yaml.YAMLError as error:
        raise BadShapes(f"node shapes {path}: not YAML: {error}") from error
    return shaped_nodes(content, base, source=path)


def shaped_nodes(content: Any, base: Settings, *, source: str) -> list[Settings]:
    """Return the settings that the content of a shapes file stands for; raises :class:`BadShapes`."""
    try:
        shapes = NodeShapes.model_validate(content)
    except ValidationError as error:
        raise BadShapes(f"node shapes {source}: {_first_problem(error)}") from error
    found: dict[str, Settings] = {}
    for shape in shapes.nodes:
        if shape.count > 1 and not _INDEX_FORM.search(shape.name):
            raise BadShapes(f"node shapes {source}: {shape.name!r} stands for {shape.count} nodes and has no {INDEX}")
        for index in range(shape.count):
            settings = shape.settings(index, base)
            name = settings.node_name
            if problems := names.dns_subdomain(name):
                raise BadShapes(f"node shapes {source}: {name!r} is no name for a node: {problems[0]}")
            if name in found:
                raise BadShapes(f"node shapes {source}: two nodes are called {name!r}")
            found[name] = settings
    return list(found.values())


def _first_problem(error: ValidationError) -> str:
    problem: Mapping[str, Any] = error.errors(include_url=False)[0]
    where: Sequence[str | int] = problem["loc"]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{path}: {message}" if path else message
