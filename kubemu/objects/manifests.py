"""Objects in files, in the order in which a cluster can take them."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apimachinery.errors import FatalError

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_BETWEEN_DOCUMENTS = re.compile(rb"^---(?:[ \t].*)?$", re.MULTILINE)

FIRST = (
    "CustomResourceDefinition",
    "Namespace",
    "PriorityClass",
    "StorageClass",
    "RuntimeClass",
    "ResourceQuota",
    "LimitRange",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Secret",
    "ConfigMap",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Service",
)
_BUILT_IN_GROUPS = re.compile(r"[a-z]*|[a-z.]+\.k8s\.io")


@dataclass(frozen=True, slots=True)
class Manifest:
    """An object and the file that it is in."""

    source: str
    obj: dict[str, Any]


def read(paths: Iterable[Path]) -> list[Manifest]:
    """Return the objects in files and folders, in the order in which they are to be applied.

    Of a folder those files are read that end as YAML or JSON do, by name, folders in it too. ``-`` is standard input.
    Raises :class:`~apimachinery.errors.FatalError` for what cannot be read.
    """
    found: list[Manifest] = []
    for path in paths:
        for file in files_of(path):
            try:
                content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
            except OSError as error:
                raise FatalError(f"{file}: {error.strerror or error}") from error
            found += objects_in(content, str(file))
    return ordered(found)


def files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(entry for entry in path.rglob("*") if entry.suffix in SUFFIXES and entry.is_file())


def objects_in(content: bytes, source: str) -> list[Manifest]:
    """Return the objects that a file's documents hold, those of a ``List`` one by one."""
    from apimachinery import yaml_documents

    found: list[Manifest] = []
    for document in _BETWEEN_DOCUMENTS.split(content):
        try:
            value = yaml_documents.parse(document)
        except ValueError as error:
            raise FatalError(f"{source}: {error}") from error
        if value is not None:
            found += [Manifest(source, obj) for obj in _objects(value, source)]
    return found


def _objects(value: Any, source: str) -> list[dict[str, Any]]:
    if not isinstance(value, dict) or not value.get("kind") or not value.get("apiVersion"):
        raise FatalError(f"{source}: an object has no apiVersion or no kind")
    if str(value["kind"]).endswith("List") and isinstance(value.get("items"), list):
        return [obj for item in value["items"] for obj in _objects(item, source)]
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name"):
        raise FatalError(f"{source}: {value['kind']} has no metadata.name")
    return [value]


def ordered(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return objects so that what others need comes before them; those alike stay as they were.

    Definitions and namespaces are first, then what pods refer to, then what makes pods, and at last objects of kinds
    that are not built in.
    """
    places = {kind: place for place, kind in enumerate(FIRST)}

    def place(manifest: Manifest) -> int:
        group = str(manifest.obj["apiVersion"]).rpartition("/")[0]
        if not _BUILT_IN_GROUPS.fullmatch(group):
            return len(FIRST) + 1
        return places.get(str(manifest.obj["kind"]), len(FIRST))

    return sorted(manifests, key=place)
