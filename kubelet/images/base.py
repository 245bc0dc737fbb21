"""What images are built from: the tree of a small Linux system, and the programs that belong to it."""

from collections.abc import Mapping

from kubelet.fake.devices import add_devices
from kubelet.fake.proc import proc_tree
from kubelet.fake.process import Process
from kubelet.fake.program import PROGRAM_MARK, Program
from kubelet.fake.tree import Directory, build_tree
from kubelet.images.utilities import utilities

_FOLDERS = (
    "/bin",
    "/etc",
    "/home",
    "/mnt",
    "/opt",
    "/root",
    "/run",
    "/srv",
    "/sys/fs/cgroup",
    "/usr/local/bin",
)
_PASSWD = (
    "root:x:0:0:root:/root:/bin/sh",
    "daemon:x:1:1:daemon:/usr/sbin:/bin/false",
    "bin:x:2:2:bin:/bin:/bin/false",
    "www-data:x:33:33:www-data:/var/www:/bin/false",
    "nobody:x:65534:65534:nobody:/home:/bin/false",
)
_GROUP = ("root:x:0:", "daemon:x:1:", "bin:x:2:", "adm:x:4:", "disk:x:6:", "www-data:x:33:", "nogroup:x:65534:")


def shell_programs(*, bash: bool = False) -> dict[str, Program]:
    """Return a shell and the utilities by path; ``bash`` adds a second name for the shell."""
    programs = dict(utilities())
    programs["/bin/sh"] = _sh
    programs["/usr/bin/env"] = programs["/bin/env"]
    if bash:
        programs["/bin/bash"] = _sh
    return programs


async def _sh(process: Process) -> int:
    # It takes longer to import than all else that an image is made of, and most containers run none.
    from kubelet.fake.shell.program import sh

    return await sh(process)


def program_file(path: str) -> bytes:
    """Return the content of the file of a program that an image has at this path."""
    return f"{PROGRAM_MARK}{path}\n".encode()


def system_tree(
    programs: Mapping[str, Program],
    *,
    os_release: str = "",
    files: Mapping[str, bytes | str | None] | None = None,
    modes: Mapping[str, int] | None = None,
) -> Directory:
    """Return the tree of a system that has these programs; ``files`` and ``modes`` add to it as in ``build_tree``."""
    content: dict[str, bytes | str | None] = dict.fromkeys(_FOLDERS)
    content |= dict.fromkeys(("/tmp", "/var/log", "/var/tmp", "/usr/bin", "/usr/sbin"))
    content |= {
        "/etc/passwd": _lines(*_PASSWD),
        "/etc/group": _lines(*_GROUP),
        # Every pod puts its own in these places.
        "/etc/hostname": b"",
        "/etc/hosts": b"127.0.0.1\tlocalhost\n",
        "/etc/resolv.conf": b"",
        "/var/run": "/run",
    }
    if os_release:
        content["/etc/os-release"] = os_release.encode()
    bits = {"/tmp": 0o1777, "/var/tmp": 0o1777, "/root": 0o700}
    for path in programs:
        content[path] = program_file(path)
        bits[path] = 0o755
    root = build_tree({**content, **(files or {})}, modes={**bits, **(modes or {})})
    root.entries["proc"] = proc_tree()
    dev = root.entries["dev"]
    assert isinstance(dev, Directory)
    add_devices(dev)
    return root


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
