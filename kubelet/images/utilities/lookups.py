"""``getent``: looks names and users up where the system's own calls would."""

from collections.abc import Awaitable, Callable, Sequence

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, say
from kubelet.images.utilities.hosts import UnknownHost, host_entries, look_up, name_of_address

_NOT_FOUND = 2

LookUp = Callable[[Process, str], Awaitable[Sequence[str]]]


async def getent(process: Process) -> int:
    """``getent hosts|ahosts|passwd|group [NAME]...``; without a name the whole table."""
    table, names = (process.argv[1] if len(process.argv) > 1 else ""), process.argv[2:]
    find = _TABLES.get(table)
    if find is None:
        raise CommandFault(f"Unknown database: {table}" if table else "wrong number of arguments")
    status = 0
    for name in names or [""]:
        lines = await find(process, name)
        if lines:
            await say(process, "\n".join(lines))
        elif name:
            status = _NOT_FOUND
    return status


async def _hosts(process: Process, name: str) -> Sequence[str]:
    if not name:
        return [f"{address:<15} {' '.join(names)}" for address, names in host_entries(process)]
    for address, names in host_entries(process):
        if name in names or name == address:
            return [f"{address:<15} {' '.join(names)}"]
    try:
        if owner := await name_of_address(process, name):
            return [f"{name:<15} {owner}"]
        found = await look_up(process, name)
    except UnknownHost:
        return []
    return [f"{address:<15} {found.name}" for address in found.addresses]


async def _addresses(process: Process, name: str) -> Sequence[str]:
    try:
        found = await look_up(process, name)
    except UnknownHost:
        return []
    return [
        f"{address:<15} {kind:<6} {found.name if (place, kind) == (0, 'STREAM') else ''}".rstrip()
        for place, address in enumerate(found.addresses)
        for kind in ("STREAM", "DGRAM", "RAW")
    ]


def _lines_of(path: str) -> LookUp:
    async def found(process: Process, name: str) -> Sequence[str]:
        try:
            lines = process.fs.read(path).decode(errors="replace").splitlines()
        except OSError:
            return []
        # A number is an id, which comes third in both tables.
        return [line for line in lines if not name or name in (line.split(":")[0], ":".join(line.split(":")[2:3]))]

    return found


_TABLES: dict[str, LookUp] = {
    "ahosts": _addresses,
    "ahostsv4": _addresses,
    "group": _lines_of("/etc/group"),
    "hosts": _hosts,
    "passwd": _lines_of("/etc/passwd"),
}
