"""``/proc``: the processes that the one who looks sees, and a little about the machine.

One tree serves all containers of all images: nothing in it is kept, all is worked out when somebody looks, from who
that is (:func:`~kubelet.fake.current.current_process`). A container pays nothing for it.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, NoReturn

from kubelet.fake.current import current_process
from kubelet.fake.devices import StreamDevice
from kubelet.fake.machine import CORES, cpuinfo, loadavg, meminfo, mount_table, uptime, version
from kubelet.fake.sysctls import sysctls
from kubelet.fake.tree import Directory, File, Layer, Node, Symlink

if TYPE_CHECKING:
    from kubelet.fake.process import Process

_LAYER = Layer()


class ProcFile(File):
    """A file whose content is worked out at each look; its size is shown as 0, as the kernel does."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], str], mode: int = 0o444) -> None:
        # The slot of the base class stays unset: the property below stands in for it.
        Node.__init__(self, _LAYER, mode)
        self.links = 1
        self._make = make

    @property
    def content(self) -> bytes:  # type: ignore[override]
        return self._make().encode(errors="surrogateescape")

    @property
    def size(self) -> int:
        return 0


class _Entries(MutableMapping[str, Node]):
    """Entries that are made when they are asked for."""

    __slots__ = ("_make", "_names")

    def __init__(self, names: Callable[[], Iterable[str]], make: Callable[[str], Node | None]) -> None:
        self._names = names
        self._make = make

    def __getitem__(self, name: str) -> Node:
        node = self._make(name)
        if node is None:
            raise KeyError(name)
        return node

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(list(self._names()))

    def __setitem__(self, name: str, node: Node) -> NoReturn:
        raise _read_only()

    def __delitem__(self, name: str) -> NoReturn:
        raise _read_only()


def _read_only() -> OSError:
    return OSError(errno.EROFS, os.strerror(errno.EROFS))


class ProcDirectory(Directory):
    """A folder that nobody can write into."""

    __slots__ = ()

    def __init__(self, names: Callable[[], Iterable[str]], make: Callable[[str], Node | None]) -> None:
        super().__init__(_LAYER, 0o555, _Entries(names, make))

    def copy(self, layer: Layer) -> NoReturn:
        raise _read_only()


def _fixed(entries: Mapping[str, Callable[[], Node]]) -> ProcDirectory:
    return ProcDirectory(lambda: entries, lambda name: entries[name]() if name in entries else None)


def _text(make: Callable[[], str]) -> Callable[[], Node]:
    return lambda: ProcFile(make)


def proc_tree() -> Directory:
    """Return the folder that stands at ``/proc``."""
    entries: dict[str, Callable[[], Node]] = {
        "cmdline": _text(lambda: "BOOT_IMAGE=/boot/vmlinuz\n"),
        "cpuinfo": _text(cpuinfo),
        "filesystems": _text(lambda: "nodev\tproc\nnodev\ttmpfs\nnodev\tcgroup2\nnodev\toverlay\n\text4\n"),
        "loadavg": _text(lambda: loadavg(len(_visible()))),
        "meminfo": _text(meminfo),
        "mounts": lambda: Symlink(_LAYER, "self/mounts"),
        "self": lambda: Symlink(_LAYER, _own_pid()),
        "stat": _text(lambda: "cpu  0 0 0 0 0 0 0 0 0 0\n"),
        "swaps": _text(lambda: "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
        "sys": lambda: _sys_folder(""),
        "uptime": _text(uptime),
        "version": _text(version),
    }

    def make(name: str) -> Node | None:
        if name in entries:
            return entries[name]()
        process = _visible().get(int(name)) if name.isdecimal() else None
        return _process_folder(process) if process is not None else None

    return ProcDirectory(lambda: [*entries, *map(str, _visible())], make)


def _visible() -> Mapping[int, "Process"]:
    process = current_process()
    return process.world.pids.processes if process is not None else {}


def _own_pid() -> str:
    process = current_process()
    return str(process.pid) if process is not None else ""


def _process_folder(process: "Process") -> Directory:
    def joined(words: Iterable[str]) -> str:
        return "".join(f"{word}\0" for word in words)

    return _fixed({
        "cgroup": _text(lambda: "0::/\n"),
        "cmdline": _text(lambda: joined(process.argv)),
        "comm": _text(lambda: f"{command_name(process)}\n"),
        "cwd": lambda: Symlink(_LAYER, process.cwd),
        "environ": _text(lambda: joined(f"{name}={value}" for name, value in process.env.items())),
        "exe": lambda: Symlink(_LAYER, _executable(process)),
        "fd": lambda: _descriptors(process),
        "mounts": _text(lambda: mount_table(process.fs.mounts())),
        "root": lambda: Symlink(_LAYER, "/"),
        "stat": _text(lambda: f"{process.pid} ({command_name(process)}) S {process.parent} 0 0 0 -1{' 0' * 44}\n"),
        "status": _text(lambda: status(process)),
    })


def command_name(process: "Process") -> str:
    """Return what the kernel calls a process: its program's name, cut off."""
    return os.path.basename(process.argv[0])[:15]


def _executable(process: "Process") -> str:
    try:
        return process.world.find_program(process.argv[0], process.env.get("PATH", ""), process.cwd)[0]
    except Exception:
        # It may have been removed, or never have been a file.
        return process.argv[0]


def _descriptors(process: "Process") -> Directory:
    return _fixed({
        "0": lambda: StreamDevice(_LAYER, source=process.stdin),
        "1": lambda: StreamDevice(_LAYER, output=process.stdout),
        "2": lambda: StreamDevice(_LAYER, output=process.stderr),
    })


def status(process: "Process") -> str:
    """Return the text of ``/proc/PID/status``, as far as fake processes have what it tells."""
    usage = process.world.usage
    resident = usage.memory_of(process.pid) if usage is not None else 0
    cores = f"0-{CORES - 1}"
    fields = {
        "Name": command_name(process),
        "Umask": f"{process.umask:04o}",
        "State": "R (running)" if process is current_process() else "S (sleeping)",
        "Tgid": process.pid,
        "Pid": process.pid,
        "PPid": process.parent,
        "TracerPid": 0,
        "Uid": "\t".join([str(process.uid)] * 4),
        "Gid": "\t".join([str(process.gid)] * 4),
        "FDSize": 64,
        "Groups": " ".join(map(str, process.groups)),
        "VmRSS": f"{resident // 1024:8d} kB",
        "Threads": 1,
        "CapEff": f"{_ROOT_CAPABILITIES if process.uid == 0 else 0:016x}",
        "NoNewPrivs": 0,
        "Seccomp": 0,
        "Cpus_allowed": f"{(1 << CORES) - 1:x}",
        "Cpus_allowed_list": cores,
        "Mems_allowed_list": "0",
    }
    return "".join(f"{name}:\t{value}\n" for name, value in fields.items())


_ROOT_CAPABILITIES = 0xA80425FB
"""What containerd leaves to root."""


def _sys_folder(prefix: str) -> Directory:
    """Return what of ``/proc/sys`` is below names that begin with ``prefix``."""

    def below() -> dict[str, str]:
        return {name: value for name, value in sysctls(current_process()).items() if name.startswith(prefix)}

    def names() -> Iterable[str]:
        return dict.fromkeys(name[len(prefix) :].split(".")[0] for name in below())

    def make(name: str) -> Node | None:
        found = below()
        if (value := found.get(prefix + name)) is not None:
            return ProcFile(lambda: f"{value}\n", 0o644)
        return _sys_folder(f"{prefix}{name}.") if name in names() else None

    return ProcDirectory(names, make)
