"""What the handlers need to know of a resource, and the table of all of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apimachinery.schema.bundle import Struct
from apimachinery.schema.decoder import Decoder
from apiserver.printing.columns import Printer
from apiserver.registry.strategy import Strategy

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Subresource:
    """``kind`` and the group and version are those of the body, where they differ from the parent's."""

    name: str
    verbs: tuple[str, ...]
    kind: str
    group: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ResourceInfo:
    """One served resource. ``group`` is empty for the core group."""

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    strategy: Strategy
    printer: Printer
    struct: Struct
    decoder: Decoder
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """``replicasets.apps``; the bare plural in the core group. How errors name the resource."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def subresource(self, name: str) -> Subresource | None:
        return next((entry for entry in self.subresources if entry.name == name), None)

    def prefix(self, namespace: str = "") -> str:
        """Return the store's prefix of all objects, or of those in one namespace."""
        root = f"/registry/{self.group or 'core'}/{self.plural}/"
        return f"{root}{namespace}/" if namespace else root

    def key(self, namespace: str, name: str) -> str:
        return self.prefix(namespace if self.namespaced else "") + name


class Registry:
    """The served resources, by group, version and plural."""

    def __init__(self, resources: Iterable[ResourceInfo]) -> None:
        self._resources = {(info.group, info.version, info.plural): info for info in resources}

    def __iter__(self) -> Iterator[ResourceInfo]:
        return iter(self._resources.values())

    def find(self, group: str, version: str, plural: str) -> ResourceInfo | None:
        return self._resources.get((group, version, plural))

    def groups(self) -> dict[str, list[str]]:
        """Return each named group's versions, in order of registration; the core group is ``""``."""
        found: dict[str, list[str]] = {}
        for info in self:
            versions = found.setdefault(info.group, [])
            if info.version not in versions:
                versions.append(info.version)
        return found

    def of_version(self, group: str, version: str) -> list[ResourceInfo]:
        return [info for info in self if (info.group, info.version) == (group, version)]
