"""Images as values: a tree of files, programs, and what runs by default."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kubelet.fake.program import Program
from kubelet.fake.tree import Directory
from kubelet.runtime import InvalidImageName

DEFAULT_REGISTRY = "docker.io"

_REFERENCE = re.compile(
    r"(?P<name>(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
    r"(?::\d+)?/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{32,}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed image reference. ``repository`` is complete (``docker.io/library/nginx``)."""

    repository: str
    tag: str
    digest: str = ""

    @property
    def short_name(self) -> str:
        """The last part of the repository, by which the catalogue knows images: ``nginx``, ``agnhost``."""
        return self.repository.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"


@lru_cache(maxsize=4096)
def parse_reference(text: str) -> Reference:
    """Complete a reference by Docker's rules; raise :class:`~kubelet.runtime.InvalidImageName`."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise InvalidImageName(
            f'Failed to apply default image tag "{text}": couldn\'t parse image name "{text}": invalid reference format'
        )
    name, tag, digest = found["name"], found["tag"] or "", found["digest"] or ""
    first, slash, _ = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        repository = name
    elif slash:
        repository = f"{DEFAULT_REGISTRY}/{name}"
    else:
        repository = f"{DEFAULT_REGISTRY}/library/{name}"
    return Reference(repository, tag or ("" if digest else "latest"), digest)


@dataclass(frozen=True, slots=True, eq=False)
class FakeImage:
    """What containers are made from.

    ``programs`` maps full paths to programs; ``default_program`` runs for any command that is not among them
    (``None``: such a command cannot start). ``entrypoint`` and ``cmd`` combine with a pod's ``command`` and
    ``args`` by Docker's rules. ``size`` is what the node reports, ``memory`` what a running container uses at least,
    both in bytes. ``user`` is a number or a name of ``/etc/passwd``. ``annotations`` are those of
    :mod:`kubelet.wishes` that hold for all its containers, where their pods say nothing else.
    """

    root: Directory
    programs: Mapping[str, Program] = field(default_factory=dict)
    entrypoint: Sequence[str] = ()
    cmd: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    working_dir: str = "/"
    default_program: Program | None = None
    size: int = 10_000_000
    memory: int = 1024 * 1024
    user: int | str = 0
    stop_signal: str = "SIGTERM"
    annotations: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def image_id(reference: Reference) -> str:
    """Return a digest that is the same for the same reference everywhere."""
    return f"{reference.repository}@sha256:{hashlib.sha256(str(reference).encode()).hexdigest()}"
