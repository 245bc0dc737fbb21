"""``cp``, ``mv``, ``ln``: files that come to be somewhere else, or there too."""

import errno
import posixpath
import stat as modes
from collections.abc import Sequence
from dataclasses import dataclass

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, complain, parse_options, say


def _target(process: Process, operands: Sequence[str]) -> list[tuple[str, str]]:
    """Pair sources with where they go: into the last operand when that is a folder."""
    if len(operands) < 2:
        raise CommandFault("missing operand")
    *sources, last = operands
    into = process.fs.is_dir(process.path(last))
    if len(sources) > 1 and not into:
        raise CommandFault(f"target '{last}' is not a directory")
    return [(name, posixpath.join(last, posixpath.basename(name.rstrip("/"))) if into else last) for name in sources]


async def cp(process: Process) -> int:
    """``cp [-arRpfPLdlv] SOURCE... TARGET``."""
    options = parse_options(process.argv[1:], "arRpfPLdlv", long={"recursive": "r", "archive": "a", "link": "l"})
    recursive = bool(options.flags & set("arR"))
    status = 0
    linked: dict[int, str] = {}
    for name, goal in _target(process, options.operands):
        try:
            follow = not recursive or "L" in options.flags
            found = process.fs.stat(process.path(name), follow=follow)
        except OSError as error:
            await complain(process, f"can't stat '{name}': {error.strerror}")
            status = 1
            continue
        if found.is_dir and not recursive:
            await complain(process, f"omitting directory '{name}'")
            status = 1
            continue
        source, target = process.path(name), process.path(goal)
        if process.fs.exists(target) and process.fs.stat(target).ino == process.fs.stat(source).ino:
            await complain(process, f"'{name}' and '{goal}' are the same file")
            status = 1
            continue
        if found.is_dir and f"{posixpath.normpath(target)}/".startswith(f"{posixpath.normpath(source)}/"):
            await complain(process, f"recursion detected, omitting directory '{name}'")
            status = 1
            continue
        try:
            copying = Copying(
                process,
                preserve=bool(options.flags & set("ap")),
                follow=follow,
                link="l" in options.flags,
                linked=linked if options.flags & set("ad") else None,
            )
            copying.copy(source, target)
        except OSError as error:
            await complain(process, f"can't create '{goal}': {error.strerror}")
            status = 1
    return status


@dataclass(frozen=True, slots=True)
class Copying:
    """How trees are copied: with owners and modes as they are, links followed, files linked instead.

    ``linked`` keeps by inode where files with several names went, so that they have as many there; ``None`` makes a
    file of each name.
    """

    process: Process
    preserve: bool = False
    follow: bool = False
    link: bool = False
    linked: dict[int, str] | None = None

    def copy(self, source: str, target: str) -> None:
        """Copy a file, link or folder with all in it; raise ``OSError``."""
        below = list(self.process.fs.walk(source))
        for path in below if not self.follow else [source, *below[1:]]:
            self._one(path, target + path[len(source) :])

    def _one(self, path: str, goal: str) -> None:
        process, fs = self.process, self.process.fs
        found = fs.stat(path, follow=self.follow)
        uid, gid = (found.uid, found.gid) if self.preserve else (process.uid, process.gid)
        mode = modes.S_IMODE(found.mode)
        again = (self.linked or {}).get(found.ino) if found.nlink > 1 else None
        if found.is_link:
            fs.symlink(fs.readlink(path), goal, uid=uid, gid=gid)
        elif found.is_dir:
            fs.mkdir(goal, mode=mode, exist_ok=True, uid=uid, gid=gid)
        elif self.link or again is not None:
            if fs.exists(goal):
                fs.unlink(goal)
            fs.link(path if again is None else again, goal)
        else:
            fs.write(goal, fs.read(path), mode=mode if self.preserve else mode & ~process.umask, uid=uid, gid=gid)
            if self.linked is not None and found.nlink > 1:
                self.linked[found.ino] = goal


async def mv(process: Process) -> int:
    """``mv [-fivn] SOURCE... TARGET``."""
    options = parse_options(process.argv[1:], "fivn", long={"verbose": "v", "force": "f"})
    status = 0
    for name, goal in _target(process, options.operands):
        source, target = process.path(name), process.path(goal)
        if "n" in options.flags and process.fs.exists(target):
            continue
        try:
            process.fs.rename(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                await complain(process, f"can't rename '{name}': {error.strerror}")
                status = 1
                continue
            Copying(process, preserve=True, linked={}).copy(source, target)
            process.fs.rmtree(source)
        if "v" in options.flags:
            await say(process, f"'{name}' -> '{goal}'")
    return status


async def ln(process: Process) -> int:
    """``ln [-sfnv] TARGET... LINK``."""
    options = parse_options(process.argv[1:], "sfnvT", long={"symbolic": "s", "force": "f", "no-dereference": "n"})
    operands = options.operands
    if len(operands) == 1:
        operands = [*operands, posixpath.basename(operands[0])]
    keep_link = "n" in options.flags and len(operands) == 2 and _is_link(process, operands[1])
    pairs = [(operands[0], operands[1])] if keep_link else _target(process, operands)
    for target, link in pairs:
        path = process.path(link)
        if "f" in options.flags and (process.fs.exists(path) or _is_link(process, link)):
            process.fs.unlink(path)
        try:
            if "s" in options.flags:
                process.fs.symlink(target, path, uid=process.uid, gid=process.gid)
            else:
                process.fs.link(process.path(target), path)
        except OSError as error:
            await complain(process, f"{link}: {error.strerror}")
            return 1
        if "v" in options.flags:
            await say(process, f"'{link}' -> '{target}'" if "s" in options.flags else f"'{link}' => '{target}'")
    return 0


def _is_link(process: Process, name: str) -> bool:
    try:
        return process.fs.stat(process.path(name), follow=False).is_link
    except OSError:
        return False


async def link(process: Process) -> int:
    """``link FILE NAME``."""
    if len(process.argv) != 3:
        raise CommandFault("missing operand")
    process.fs.link(process.path(process.argv[1]), process.path(process.argv[2]))
    return 0


async def unlink(process: Process) -> int:
    """``unlink FILE``."""
    if len(process.argv) != 2:
        raise CommandFault("missing operand")
    process.fs.unlink(process.path(process.argv[1]))
    return 0
