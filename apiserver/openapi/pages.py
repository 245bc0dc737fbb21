"""What is served beside resources: discovery and the version, as operations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apiserver.openapi.paths import group_name, tag_name
from apiserver.registry.resource import ResourceInfo

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that can be read and nothing else; ``type`` is the name of what it shows."""

    path: str
    id: str
    tag: str
    type: str


VERSION = Page("/version/", "getCodeVersion", "version", "io.k8s.apimachinery.pkg.version.Info")
CORE = Page("/api/", "getCoreAPIVersions", "core", f"{_META}.APIVersions")
GROUPS = Page("/apis/", "getAPIVersions", "apis", f"{_META}.APIGroupList")


def group_page(group: str) -> Page:
    """Return the page of a named group: ``/apis/apps/``."""
    name = group_name(group)
    return Page(f"/apis/{group}/", f"get{name}APIGroup", tag_name(name), f"{_META}.APIGroup")


def resources_page(info: ResourceInfo) -> Page:
    """Return the page that lists a resource beside the others of its group and version: ``/apis/apps/v1/``."""
    name, version = group_name(info.group), info.version
    root = f"/apis/{info.group}/{version}/" if info.group else f"/api/{version}/"
    title = f"get{name}{version[:1].upper()}{version[1:]}APIResources"
    return Page(root, title, f"{tag_name(name)}_{version}", f"{_META}.APIResourceList")


def pages(infos: Iterable[ResourceInfo]) -> Iterator[Page]:
    """Yield every page; those of groups and versions are described where resources are built in."""
    yield from (VERSION, CORE, GROUPS)
    seen: set[tuple[str, str]] = set()
    for info in infos:
        if info.struct is None or (info.group, info.version) in seen:
            continue
        if info.group and (info.group, "") not in seen:
            yield group_page(info.group)
        seen |= {(info.group, ""), (info.group, info.version)}
        yield resources_page(info)
