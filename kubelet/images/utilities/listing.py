"""Utilities that show the tree: ls, stat."""

import posixpath
import stat as modes
from datetime import UTC, datetime, timedelta

from kubelet.fake.process import Process
from kubelet.fake.tree import Stat
from kubelet.images.utilities.command import CommandFault, complain, parse_options, say
from kubelet.images.utilities.users import group_name, user_name

_RECENT = timedelta(days=182)


async def ls(process: Process) -> int:
    """``ls [-1aAdlnRhrt] [FILE]...``: one name a line, as for any output but a terminal."""
    options = parse_options(process.argv[1:], "1aAdlnRhrtFi", long={"all": "a"})
    files: list[tuple[str, Stat]] = []
    folders: list[tuple[str, str]] = []
    status = 0
    for name in options.operands or ["."]:
        path = process.path(name)
        try:
            found = process.fs.stat(path, follow=not options.flags & {"l", "d"})
        except OSError as error:
            await complain(process, f"{name}: {error.strerror}")
            status = 1
            continue
        if found.is_dir and "d" not in options.flags:
            folders.append((name, path))
        else:
            files.append((name, found))
    text = await _entries(process, options.flags, _ordered(files, options.flags), "")
    titled = len(options.operands) > 1 or "R" in options.flags
    blocks = [text] if files else []
    while folders:
        name, path = folders.pop(0)
        try:
            entries = _ordered(_children(process, options.flags, path), options.flags)
        except OSError as error:
            await complain(process, f"can't open '{name}': {error.strerror}")
            status = 1
            continue
        title = f"{name}:\n" if titled else ""
        total = f"total {sum(-(-entry.size // 1024) for _, entry in entries)}\n" if options.flags & {"l", "n"} else ""
        blocks.append(title + total + await _entries(process, options.flags, entries, path))
        if "R" in options.flags:
            below = [entry for entry, found in entries if found.is_dir and entry not in {".", ".."}]
            folders = [(posixpath.join(name, entry), posixpath.join(path, entry)) for entry in below] + folders
    await process.stdout.write("\n".join(blocks).encode(errors="surrogateescape"))
    return status


def _children(process: Process, flags: set[str], path: str) -> list[tuple[str, Stat]]:
    names = process.fs.listdir(path)
    if not flags & {"a", "A"}:
        names = [name for name in names if not name.startswith(".")]
    if "a" in flags:
        names = [".", "..", *names]
    return [(name, process.fs.stat(posixpath.join(path, name), follow=False)) for name in names]


def _ordered(entries: list[tuple[str, Stat]], flags: set[str]) -> list[tuple[str, Stat]]:
    ordered = sorted(entries, key=lambda entry: (-entry[1].mtime, entry[0]) if "t" in flags else (0, entry[0]))
    return ordered[::-1] if "r" in flags else ordered


async def _entries(process: Process, flags: set[str], entries: list[tuple[str, Stat]], folder: str) -> str:
    marks = [f"{found.ino:>7} " if "i" in flags else "" for _, found in entries]
    if not flags & {"l", "n"}:
        return "".join(f"{mark}{name}\n" for mark, (name, _) in zip(marks, entries, strict=True))
    lines = (_long(process, flags, name, found, folder) for name, found in entries)
    return "".join(mark + line for mark, line in zip(marks, lines, strict=True))


def _long(process: Process, flags: set[str], name: str, found: Stat, folder: str) -> str:
    numeric = "n" in flags
    user = str(found.uid) if numeric else user_name(process, found.uid) or str(found.uid)
    group = str(found.gid) if numeric else group_name(process, found.gid) or str(found.gid)
    when = datetime.fromtimestamp(found.mtime, UTC)
    recent = timedelta(0) <= process.clock.now() - when < _RECENT
    shown = when.strftime("%b %e %H:%M" if recent else "%b %e  %Y")
    arrow = ""
    if found.is_link:
        arrow = f" -> {process.fs.readlink(process.path(posixpath.join(folder, name)))}"
    size = _human(found.size) if "h" in flags else str(found.size)
    return f"{modes.filemode(found.mode)} {found.nlink:4d} {user:<8.8} {group:<8.8} {size:>9} {shown} {name}{arrow}\n"


def _human(size: int) -> str:
    amount = float(size)
    for unit in ("", "K", "M"):
        if amount < 1024:
            return f"{amount:.1f}{unit}" if unit else str(size)
        amount /= 1024
    return f"{amount:.1f}G"


async def stat(process: Process) -> int:
    """``stat [-L] [-c FORMAT] FILE...``."""
    options = parse_options(process.argv[1:], "Lt", "c")
    if not options.operands:
        raise CommandFault("missing operand")
    status = 0
    for name in options.operands:
        path = process.path(name)
        try:
            found = process.fs.stat(path, follow="L" in options.flags)
        except OSError as error:
            await complain(process, f"can't stat '{name}': {error.strerror}")
            status = 1
            continue
        await say(process, _formatted(process, options.values.get("c") or _DEFAULT, name, found))
    return status


_DEFAULT = (
    "  File: %N\n  Size: %s\t\tBlocks: %b\t   IO Block: 4096   %F\n"
    "Device: 2ah/42d\tInode: %i   Links: %h\n"
    "Access: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nModify: %y"
)


def _formatted(process: Process, template: str, name: str, found: Stat) -> str:
    kinds = {
        modes.S_IFDIR: "directory",
        modes.S_IFLNK: "symbolic link",
        modes.S_IFREG: "regular file",
        modes.S_IFBLK: "block special file",
    }
    kind = kinds.get(modes.S_IFMT(found.mode), "character special file")
    when = datetime.fromtimestamp(found.mtime, UTC)
    arrow = f" -> '{process.fs.readlink(process.path(name))}'" if found.is_link else ""
    values = {
        "%N": f"'{name}'{arrow}" if found.is_link else name,
        "%n": name,
        "%s": str(found.size),
        "%b": str(-(-found.size // 512)),
        "%F": "regular empty file" if kind == "regular file" and not found.size else kind,
        "%04a": f"{modes.S_IMODE(found.mode):04o}",
        "%a": f"{modes.S_IMODE(found.mode):o}",
        "%A": modes.filemode(found.mode),
        "%f": f"{found.mode:x}",
        "%5u": f"{found.uid:5d}",
        "%u": str(found.uid),
        "%8U": f"{user_name(process, found.uid) or 'UNKNOWN':>8}",
        "%U": user_name(process, found.uid) or "UNKNOWN",
        "%5g": f"{found.gid:5d}",
        "%g": str(found.gid),
        "%8G": f"{group_name(process, found.gid) or 'UNKNOWN':>8}",
        "%G": group_name(process, found.gid) or "UNKNOWN",
        "%h": str(found.nlink),
        "%i": str(found.ino),
        "%Y": str(int(found.mtime)),
        "%y": when.strftime("%Y-%m-%d %H:%M:%S.%f000 +0000"),
    }
    output, position = "", 0
    while position < len(template):
        match = next((key for key in values if template.startswith(key, position)), None)
        output += values[match] if match else template[position]
        position += len(match) if match else 1
    return output
