"""The manifest files of a node: reading them, and noticing that they have changed."""

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from apimachinery.clock import Clock
from kubelet.static_pods.manifest import BadManifest, StaticPod, read_manifest

logger = logging.getLogger(__name__)

CHECK_SECONDS = 20.0
"""After how long all files are read again even when nobody has noticed a change (``--file-check-frequency``)."""

_MISSING_SECONDS = 1.0
_DEBOUNCE_MILLISECONDS = 200
_STEP_MILLISECONDS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the files, by their paths: the pods, and why there is none."""

    pods: Mapping[str, StaticPod]
    faults: Mapping[str, str]


class ManifestFolder:
    """Reads the manifests below ``path``: a folder's files, or a single file.

    Files whose name begins with a dot do not count, nor do folders in the folder.
    """

    def __init__(self, path: str, node_name: str, clock: Clock) -> None:
        self._path = Path(path)
        self._node_name = node_name
        self._clock = clock
        self._known: dict[str, tuple[bytes, StaticPod]] = {}

    def read(self) -> Found:
        """Return what the files say now."""
        pods: dict[str, StaticPod] = {}
        faults: dict[str, str] = {}
        for file in self._files():
            try:
                pods[str(file)] = self._pod(file)
            except BadManifest as error:
                faults[str(file)] = str(error)
            except FileNotFoundError:
                # Removed between the listing and the reading.
                continue
            except OSError as error:
                faults[str(file)] = error.strerror or str(error)
        self._known = {file: known for file, known in self._known.items() if file in pods}
        return Found(pods, faults)

    def _files(self) -> list[Path]:
        if not self._path.is_dir():
            return [self._path] if self._path.exists() else []
        return sorted(entry for entry in self._path.iterdir() if not entry.name.startswith(".") and entry.is_file())

    def _pod(self, file: Path) -> StaticPod:
        content = file.read_bytes()
        known = self._known.get(str(file))
        if known is not None and known[0] == content:
            return known[1]
        pod = read_manifest(content, file=str(file), node_name=self._node_name, seen=self._clock.now())
        self._known[str(file)] = (content, pod)
        return pod

    async def changes(self) -> AsyncIterator[bool]:
        """Yield when the files should be read again: true when it is time for that, false when some have changed."""
        # Most nodes have no such files.
        from watchfiles import awatch

        while True:
            # The folder above a single file: editors replace files rather than write into them.
            watched = self._path if self._path.is_dir() else self._path.parent
            if not watched.is_dir():
                await self._clock.sleep(_MISSING_SECONDS)
                yield True
                continue
            try:
                async for changed in awatch(
                    watched,
                    watch_filter=None,
                    recursive=False,
                    debounce=_DEBOUNCE_MILLISECONDS,
                    step=_STEP_MILLISECONDS,
                    rust_timeout=int(CHECK_SECONDS * 1000),
                    yield_on_timeout=True,
                ):
                    yield not changed
                    if not watched.is_dir() or (watched == self._path.parent and self._path.is_dir()):
                        break
            except OSError as error:
                logger.warning("manifests in %s cannot be watched: %s", watched, error)
                await self._clock.sleep(_MISSING_SECONDS)
                yield True
