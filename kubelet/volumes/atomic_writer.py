"""Writing a set of files so that nobody ever sees half of it (``pkg/volume/util/atomic_writer.go``, v1.36).

The files are in a folder named after the time; ``..data`` is a link to that folder, and what a reader sees are links
through ``..data``. An update makes a new folder and turns the one link.
"""

import posixpath
import random
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from kubelet.node_files import NodeFiles
from kubelet.volumes.faults import VolumeFault

DATA = "..data"
_NEW_DATA = "..data_tmp"
_LONGEST_NAME = 255
_LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class ProjectedFile:
    """``owner`` is a user id, ``None`` for root."""

    content: bytes
    mode: int
    owner: int | None = None


Payload = Mapping[str, ProjectedFile]
"""Files by their path in the volume."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``links`` are the names that readers are to see in the volume, ``stale`` those that they no longer are."""

    links: Set[str]
    stale: Set[str]


def clean(payload: Payload) -> dict[str, ProjectedFile]:
    """Return the payload with its paths in their shortest form; raise :class:`VolumeFault` for one that is no good."""
    return {_clean_path(path): file for path, file in payload.items()}


# The volumes of thousands of pods have files at the same paths.
@lru_cache(maxsize=1024)
def _clean_path(path: str) -> str:
    if not path:
        raise VolumeFault('invalid path: must not be empty: ""')
    if path.startswith("/"):
        raise VolumeFault(f"invalid path: must be relative path: {path}")
    if len(path) > _LONGEST_PATH:
        raise VolumeFault(f"invalid path: must be less than or equal to {_LONGEST_PATH} characters")
    names = path.split("/")
    for name in names:
        if name == "..":
            raise VolumeFault(f"invalid path: must not contain '..': {path}")
        if len(name) > _LONGEST_NAME:
            raise VolumeFault(f"invalid path: filenames must be less than or equal to {_LONGEST_NAME} characters")
    if names[0].startswith(".."):
        raise VolumeFault(f"invalid path: must not start with '..': {path}")
    return posixpath.normpath(path)


def plan(payload: Payload, present: Mapping[str, bytes | None] | None) -> Plan | None:
    """Say what has to be done for a cleaned payload to be what readers see; ``None`` when it is already.

    ``present`` holds what the volume has now, by path: the content of files, ``None`` for folders; it is ``None``
    itself for a new volume.
    """
    links = {path.partition("/")[0] for path in payload}
    if present is None:
        return Plan(links, set())
    wanted = _with_folders(payload)
    gone = present.keys() - wanted
    changed = any(present.get(path) != file.content for path, file in payload.items())
    if not gone and not changed:
        return None
    return Plan(links, {path for path in gone if "/" not in path})


def _with_folders(payload: Payload) -> set[str]:
    paths = set()
    for path in payload:
        while path:
            paths.add(path)
            path = path.rpartition("/")[0]
    return paths


class FirstVersion:
    """All that is in a new volume whose payload is files and no folders: as what is written later is."""

    __slots__ = ("_files", "_names", "_stamp")

    def __init__(self, stamp: str, payload: Payload) -> None:
        self._stamp = stamp
        self._names = _names(*payload)
        self._files = tuple(payload.values())

    def __call__(self) -> dict[str, ProjectedFile | str]:
        files = {f"{self._stamp}/{name}": file for name, file in zip(self._names, self._files, strict=True)}
        return {**files, **{name: f"{DATA}/{name}" for name in self._names}, DATA: self._stamp}


@lru_cache(maxsize=1024)
def _names(*names: str) -> tuple[str, ...]:
    """Return one and the same tuple for equal ones: the volumes of thousands of pods have the same files."""
    return names


class AtomicWriter:
    """Writes payloads into one volume's folder, which exists.

    ``settle`` is called with the volume's folder before readers see what is new in it, to set its owners.
    """

    def __init__(self, files: NodeFiles, directory: str, *, settle: Callable[[str], None] | None = None) -> None:
        self._files = files
        self._directory = directory
        self._settle = settle

    def write(self, payload: Payload, now: datetime, rng: random.Random, *, new: bool = False) -> bool:
        """Make the payload what the volume holds; return whether anything had to be done.

        There is nothing yet in the folder of a ``new`` volume, which need not be looked into. Raises
        :class:`VolumeFault` for paths that cannot be.
        """
        payload = clean(payload)
        previous = "" if new else self._previous()
        planned = plan(payload, self._present(previous) if previous else None)
        if planned is None:
            return False
        stamp = f"..{now:%Y_%m_%d_%H_%M_%S}.{rng.getrandbits(32)}"
        if payload and not previous and not any("/" in path for path in payload):
            self._files.fill(self._directory, FirstVersion(stamp, payload))
            if self._settle is not None:
                self._settle(self._directory)
            return True
        self._files.plant(f"{self._directory}/{stamp}", payload)
        there = set(self._files.listdir(self._directory)) if previous else set()
        links = {name: f"{DATA}/{name}" for name in planned.links - there}
        self._files.symlinks(self._directory, {**links, _NEW_DATA if previous else DATA: stamp})
        if self._settle is not None:
            self._settle(self._directory)
        if previous:
            self._files.rename(f"{self._directory}/{_NEW_DATA}", f"{self._directory}/{DATA}")
            for name in planned.stale:
                self._files.unlink(f"{self._directory}/{name}")
            self._files.rmtree(f"{self._directory}/{previous}")
        return True

    def _previous(self) -> str:
        try:
            return self._files.readlink(f"{self._directory}/{DATA}")
        except FileNotFoundError:
            return ""

    def _present(self, folder: str) -> dict[str, bytes | None]:
        root = f"{self._directory}/{folder}"
        found: dict[str, bytes | None] = {}
        todo = [""]
        while todo:
            below = todo.pop()
            for name in self._files.listdir(f"{root}/{below}"):
                path = f"{below}/{name}" if below else name
                if self._files.stat(f"{root}/{path}").is_dir:
                    found[path] = None
                    todo.append(path)
                else:
                    found[path] = self._files.read(f"{root}/{path}")
        return found
