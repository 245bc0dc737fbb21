"""``agnhost mounttest``: says what files are, makes some, watches one (``test/images/agnhost/mounttest``, v1.36)."""

import stat
from collections.abc import Callable

from kubelet.fake.process import Process
from kubelet.fake.tree import Stat
from kubelet.images.agnhost.flags import FlagFault, go_error, parse_flags, port_flag

_NEW_CONTENT = b"mount-tester new file\n"
_RETRY_SECONDS = 2.0
_MAGIC = {"tmpfs": "tmpfs", "ext4": "61267", "overlay": "2035054128", "cgroup2": "1667723888", "proc": "40864"}
"""How the type of a file system is told: the name of one in memory, the number of any other."""

_NEW_FILES = {"new_file_0644": 0o644, "new_file_0666": 0o666, "new_file_0660": 0o660, "new_file_0777": 0o777}
_DEFAULTS = {
    "fs_type": "",
    "file_mode": "",
    "file_perm": "",
    "file_owner": "",
    **dict.fromkeys(_NEW_FILES, ""),
    "file_content": "",
    "file_content_in_loop": "",
    "retry_time": "180",
    "break_on_expected_content": "true",
}


async def mounttest(process: Process, arguments: list[str]) -> int:
    """Do what is asked for, in upstream's order; fail when any of it does."""
    try:
        values = parse_flags(arguments, _DEFAULTS)
        seconds = port_flag(values, "retry_time")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    process.umask = 0
    steps: list[tuple[str, Callable[[Process, str], str]]] = [
        ("fs_type", _type),
        *((flag, _writing(mode)) for flag, mode in _NEW_FILES.items()),
        ("file_mode", _mode),
        ("file_perm", _permissions),
        ("file_owner", _owner),
        ("file_content", _content),
    ]
    failed = False
    for flag, step in steps:
        if path := values[flag]:
            try:
                await process.print(step(process, path))
            except _Failed as failure:
                failed = True
                await process.print(str(failure))
    if path := values["file_content_in_loop"]:
        stop_early = values["break_on_expected_content"] == "true"
        failed = not await _watch(process, path, seconds, stop_early=stop_early) or failed
    return 1 if failed else 0


class _Failed(Exception):
    """A step did not come to anything."""


def _type(process: Process, path: str) -> str:
    fs = process.fs
    try:
        real = fs.realpath(path)
        fs.stat(path)
    except OSError as error:
        raise _Failed(f"error from statfs({quoted(path)}): {error.strerror}".lower()) from error
    around = [mount for mount in fs.mounts() if real == mount.path or real.startswith(mount.path.rstrip("/") + "/")]
    kind = max(around, key=lambda mount: len(mount.path)).kind if around else "overlay"
    return f"mount type of {quoted(path)}: {_MAGIC.get(kind, kind)}"


def _writing(mode: int) -> Callable[[Process, str], str]:
    def write(process: Process, path: str) -> str:
        try:
            process.fs.write(path, _NEW_CONTENT, mode=mode, uid=process.uid, gid=process.gid)
        except OSError as error:
            raise _Failed(f"error writing new file {quoted(path)}: {go_error('open', path, error)}") from error
        return _content(process, path)

    return write


def _mode(process: Process, path: str) -> str:
    return f"mode of file {quoted(path)}: {go_mode(_looked_at(process, path, 'lstat').mode)}"


def _permissions(process: Process, path: str) -> str:
    bits = _looked_at(process, path, "lstat").mode & 0o777
    return f"perms of file {quoted(path)}: {go_mode(stat.S_IFREG | bits)}"


def _owner(process: Process, path: str) -> str:
    found = _looked_at(process, path, "stat")
    return f"owner UID of {quoted(path)}: {found.uid}\nowner GID of {quoted(path)}: {found.gid}"


def _looked_at(process: Process, path: str, call: str) -> Stat:
    """Return what a file is; ``call`` is what upstream's messages say was tried."""
    try:
        return process.fs.stat(path)
    except OSError as error:
        raise _Failed(f"error from {call}({quoted(path)}): {go_error(call, path, error)}") from error


def _content(process: Process, path: str) -> str:
    try:
        content = process.fs.read(path)
    except OSError as error:
        raise _Failed(f"error reading file content for {quoted(path)}: {go_error('open', path, error)}") from error
    return f"content of file {quoted(path)}: {content.decode(errors='surrogateescape')}"


async def _watch(process: Process, path: str, seconds: float, *, stop_early: bool) -> bool:
    """Read a file again and again; return whether the last time went well."""
    end = process.clock.monotonic() + seconds
    well = True
    while process.clock.monotonic() < end:
        try:
            content = process.fs.read(path)
        except OSError as error:
            well = False
            await process.print(f"Error reading file {path}: {go_error('open', path, error)}, retrying")
        else:
            well = True
            await process.stdout.write(f"content of file {quoted(path)}: ".encode() + content + b"\n")
            if stop_early and content == _NEW_CONTENT:
                break
            if stop_early:
                expected = _NEW_CONTENT.decode()
                await process.stdout.write(f"Unexpected content. Expected: {expected}. Retrying".encode())
        await process.sleep(_RETRY_SECONDS)
    return well


def quoted(text: str) -> str:
    """Return a text in double quotes, as Go's ``%q``."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def go_mode(mode: int) -> str:
    """Return a mode as Go's ``FileMode`` prints it: ``-rw-r--r--``, ``drwxrwxrwx``, ``dtrwxrwxrwx``."""
    flags = "".join(
        letter
        for letter, is_set in (
            ("d", stat.S_ISDIR(mode)),
            ("L", stat.S_ISLNK(mode)),
            ("S", stat.S_ISSOCK(mode)),
            ("u", mode & stat.S_ISUID),
            ("g", mode & stat.S_ISGID),
            ("t", mode & stat.S_ISVTX),
        )
        if is_set
    )
    bits = "".join(letter if mode & (0o400 >> place) else "-" for place, letter in enumerate("rwxrwxrwx"))
    return (flags or "-") + bits
