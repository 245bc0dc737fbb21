"""Names of users and groups, by the container's own ``/etc/passwd`` and ``/etc/group``."""

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault


def _names(process: Process, path: str) -> dict[int, str]:
    try:
        text = process.fs.read(path).decode(errors="replace")
    except OSError:
        return {}
    found: dict[int, str] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        number = rest.split(":")[1:2]
        if number and number[0].isdigit():
            found.setdefault(int(number[0]), name)
    return found


def user_name(process: Process, uid: int) -> str | None:
    return _names(process, "/etc/passwd").get(uid)


def group_name(process: Process, gid: int) -> str | None:
    return _names(process, "/etc/group").get(gid)


def primary_group(process: Process, uid: int) -> int:
    """Return the group that a user's entry names; a user without one has a group of the same number."""
    try:
        text = process.fs.read("/etc/passwd").decode(errors="replace")
    except OSError:
        return uid
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) > 3 and fields[2] == str(uid) and fields[3].isdigit():
            return int(fields[3])
    return uid


def user_id(process: Process, text: str) -> int:
    """Return the number of a user given by name or number; raise :class:`CommandFault`."""
    return _number(_names(process, "/etc/passwd"), text, "user")


def group_id(process: Process, text: str) -> int:
    """Return the number of a group given by name or number; raise :class:`CommandFault`."""
    return _number(_names(process, "/etc/group"), text, "group")


def _number(names: dict[int, str], text: str, kind: str) -> int:
    if text.isdigit():
        return int(text)
    for number, name in names.items():
        if name == text:
            return number
    raise CommandFault(f"unknown {kind} {text}")
