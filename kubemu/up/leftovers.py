"""What clusters have left that had no time to: those that were killed. Their records tell what that is."""

import contextlib
from pathlib import Path

from apimachinery.clock import Clock
from kubemu.up import kubeconfig
from kubemu.up.kubeconfig import BadKubeconfig, Entry
from kubemu.up.records import Record, Records


async def clear(records: Records, clock: Clock, *, own: str = "") -> None:
    """Remove what clusters have left that do not run any more: records, files, and entries in kubeconfigs.

    ``own`` is the name that the caller has taken.
    """
    for record in records.ended():
        if record.name == own:
            await _clear_one(record, records, clock)
            continue
        name = records.take_name(record.name)
        if name is None:
            # Another one has started under the name, and writes a record of its own.
            continue
        with name:
            if record in records.ended():
                await _clear_one(record, records, clock)


async def _clear_one(record: Record, records: Records, clock: Clock) -> None:
    """Remove what one cluster has left, of which nobody else has the name."""
    with contextlib.suppress(BadKubeconfig):
        # A file that cannot be written any more is its owner's business.
        await _take_out(Entry(record.context, record.server), Path(record.kubeconfig), clock)
    records.remove(record.name)


async def _take_out(entry: Entry, path: Path, clock: Clock) -> None:
    # Another cluster may have the same name: of another user's, or by another folder of records.
    if not _holds(path, entry):
        return
    async with kubeconfig.locked(path, clock):
        if _holds(path, entry):
            kubeconfig.write(path, kubeconfig.without(kubeconfig.read(path), entry.name))


def _holds(path: Path, entry: Entry) -> bool:
    try:
        return kubeconfig.holds(kubeconfig.read(path), entry)
    except ValueError:
        # It has become no kubeconfig meanwhile.
        return False
