"""``getent``: looks names and users up where the system's own calls would."""

from collections.abc import Callable, Sequence

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, say
from kubelet.images.utilities.hosts import UnknownHost, host_entries, resolve

_NOT_FOUND = 2


async def getent(process: Process) -> int:
    """``getent hosts|ahosts|passwd|group [NAME]...``; without a name the whole table."""
    table, names = (process.argv[1] if len(process.argv) > 1 else ""), process.argv[2:]
    look_up = _TABLES.get(table)
    if look_up is None:
        raise CommandFault(f"Unknown database: {table}" if table else "wrong number of arguments")
    status = 0
    for name in names or [""]:
        lines = look_up(process, name)
        if lines:
            await say(process, "\n".join(lines))
        elif name:
            status = _NOT_FOUND
    return status


def _hosts(process: Process, name: str) -> Sequence[str]:
    if not name:
        return [f"{address:<15} {' '.join(names)}" for address, names in host_entries(process)]
    for address, names in host_entries(process):
        if name in names or name == address:
            return [f"{address:<15} {' '.join(names)}"]
    try:
        return [f"{resolve(process, name):<15} {name}"]
    except UnknownHost:
        return []


def _addresses(process: Process, name: str) -> Sequence[str]:
    try:
        address = resolve(process, name)
    except UnknownHost:
        return []
    return [
        f"{address:<15} {kind:<6} {name if kind == 'STREAM' else ''}".rstrip() for kind in ("STREAM", "DGRAM", "RAW")
    ]


def _lines_of(path: str) -> Callable[[Process, str], Sequence[str]]:
    def look_up(process: Process, name: str) -> Sequence[str]:
        try:
            lines = process.fs.read(path).decode(errors="replace").splitlines()
        except OSError:
            return []
        # A number is an id, which comes third in both tables.
        return [line for line in lines if not name or name in (line.split(":")[0], ":".join(line.split(":")[2:3]))]

    return look_up


_TABLES: dict[str, Callable[[Process, str], Sequence[str]]] = {
    "ahosts": _addresses,
    "ahostsv4": _addresses,
    "group": _lines_of("/etc/group"),
    "hosts": _hosts,
    "passwd": _lines_of("/etc/passwd"),
}
