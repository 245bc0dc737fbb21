"""Where a cluster's entry is while the cluster runs: put into a kubeconfig at the start, taken out at the end."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from apimachinery.clock import Clock
from kubemu.up import kubeconfig
from kubemu.up.kubeconfig import BadKubeconfig, Entry


@dataclass(frozen=True, slots=True)
class Place:
    """Which file an entry goes into, and how.

    Without ``merge`` the file is the cluster's own, and one that has others' entries is refused.
    """

    path: Path
    merge: bool = False
    use_context: bool = False


@contextlib.asynccontextmanager
async def installed(entry: Entry, place: Place, clock: Clock) -> AsyncIterator[None]:
    """Have the entry in its place for as long as the block runs; raise :class:`BadKubeconfig`."""
    await _put(entry, place, clock)
    try:
        yield
    finally:
        async with kubeconfig.locked(place.path, clock):
            now = kubeconfig.read(place.path)
            with contextlib.suppress(ValueError):
                # What has become no kubeconfig meanwhile is left as it is.
                kubeconfig.write(place.path, kubeconfig.without(now, entry.name))


async def _put(entry: Entry, place: Place, clock: Clock) -> None:
    async with kubeconfig.locked(place.path, clock):
        text = kubeconfig.read(place.path)
        try:
            if not place.merge and text and kubeconfig.others(text, entry.name):
                raise BadKubeconfig(f"kubeconfig {place.path} has other clusters in it: add to it with --merge")
            new = kubeconfig.merged(text, entry, use_context=place.use_context or not place.merge)
        except ValueError as error:
            raise BadKubeconfig(f"kubeconfig {place.path}: {error}") from error
        kubeconfig.write(place.path, new)
