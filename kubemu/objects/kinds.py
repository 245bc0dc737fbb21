"""Which resources a server has, and what people call them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from apimachinery.errors import FatalError, NotFound
from kubemu.objects.server import Server


@dataclass(frozen=True, slots=True)
class Kind:
    """A served resource; ``names`` are all that it is called by, in lower case."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    names: frozenset[str]

    @property
    def qualified(self) -> str:
        """How results name it: ``pod``, ``deployment.apps``."""
        return f"{self.kind.lower()}.{self.group}" if self.group else self.kind.lower()

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of its objects everywhere, in a namespace, or of one."""
        parts = [root(self.group, self.version)]
        if namespace and self.namespaced:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=""))
        return "/".join(parts)


def root(group: str, version: str) -> str:
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def kinds_in(listed: dict[str, Any]) -> list[Kind]:
    """Return the kinds of an ``APIResourceList``, without their subresources."""
    group, _, version = listed["groupVersion"].rpartition("/")
    found = []
    for entry in listed["resources"]:
        if "/" not in entry["name"]:
            names = {
                entry["name"],
                entry.get("singularName") or "",
                entry["kind"].lower(),
                *entry.get("shortNames", ()),
            }
            # With its group as well: deployments.apps.
            names |= {f"{name}.{group}" for name in names if group}
            found.append(
                Kind(group, version, entry["name"], entry["kind"], entry["namespaced"], frozenset(names - {""}))
            )
    return found


class Kinds:
    """Finds kinds; what a server has told once is not asked for again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[str, list[Kind]] = {}

    def of_object(self, obj: dict[str, Any]) -> Kind:
        """Return the kind that an object says it is of; raise :class:`FatalError` when there is none."""
        api_version, kind = str(obj.get("apiVersion") or ""), str(obj.get("kind") or "")
        group, _, version = api_version.rpartition("/")
        try:
            found = self._of_version(group, version)
        except NotFound:
            found = []
        for entry in found:
            if entry.kind == kind:
                return entry
        # What is not there now may be in a moment: a definition of it has just been applied.
        self._known.pop(root(group, version), None)
        raise FatalError(f"the server has no kind {kind!r} in version {api_version!r}")

    def called(self, name: str) -> Kind:
        """Return the kind that people call ``name``: ``po``, ``Deployment``, ``jobs.batch``."""
        wanted = name.lower()
        for group, version in self._versions():
            for entry in self._of_version(group, version):
                if wanted in entry.names:
                    return entry
        raise FatalError(f'the server doesn\'t have a resource type "{name}"')

    def _versions(self) -> list[tuple[str, str]]:
        groups = self._server.ask("GET", "/apis").json()["groups"]
        return [("", "v1"), *((group["name"], group["preferredVersion"]["version"]) for group in groups)]

    def _of_version(self, group: str, version: str) -> list[Kind]:
        path = root(group, version)
        if path not in self._known:
            self._known[path] = kinds_in(self._server.ask("GET", path).json())
        return self._known[path]
