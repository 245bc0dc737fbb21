"""Utilities that change the tree: touch, rm, mkdir, rmdir, cp, mv, ln, chmod, chown; and names of paths."""

import errno
import posixpath
import re
import stat as modes
from collections.abc import Sequence

from kubelet.fake.process import Process
from kubelet.images.utilities.command import CommandFault, complain, create, name_of, parse_options, say
from kubelet.images.utilities.users import group_id, user_id


async def basename(process: Process) -> int:
    """``basename NAME [SUFFIX]``."""
    if len(process.argv) < 2:
        raise CommandFault("missing operand")
    name = posixpath.basename(process.argv[1].rstrip("/")) or process.argv[1][:1]
    if len(process.argv) > 2 and name != process.argv[2]:
        name = name.removesuffix(process.argv[2])
    await say(process, name)
    return 0


async def dirname(process: Process) -> int:
    if len(process.argv) < 2:
        raise CommandFault("missing operand")
    name = process.argv[1]
    await say(process, posixpath.dirname(name.rstrip("/")) or ("/" if name.startswith("/") else "."))
    return 0


async def readlink(process: Process) -> int:
    """``readlink [-f] FILE``."""
    options = parse_options(process.argv[1:], "fn")
    for name in options.operands:
        try:
            path = process.path(name)
            text = process.fs.realpath(path) if "f" in options.flags else process.fs.readlink(path)
        except OSError:
            return 1
        await (process.stdout.write(text.encode()) if "n" in options.flags else say(process, text))
    return 0


async def touch(process: Process) -> int:
    """``touch [-c] FILE...``."""
    options = parse_options(process.argv[1:], "cam", "dtr", long={"no-create": "c"})
    status = 0
    for name in _some(options.operands):
        path = process.path(name)
        try:
            if process.fs.exists(path):
                process.fs.touch(path)
            elif "c" not in options.flags:
                create(process, name)
        except OSError as error:
            await complain(process, f"{name}: {error.strerror}")
            status = 1
    return status


def _some(operands: Sequence[str]) -> Sequence[str]:
    if not operands:
        raise CommandFault("missing operand")
    return operands


async def mkdir(process: Process) -> int:
    """``mkdir [-p] [-m MODE] FOLDER...``."""
    options = parse_options(process.argv[1:], "pv", "m", long={"parents": "p", "mode": "m"})
    mode = 0o777 & ~process.umask
    if "m" in options.values:
        mode = changed_mode(options.values["m"], 0o777, directory=True)
    parents = "p" in options.flags
    status = 0
    for name in _some(options.operands):
        try:
            process.fs.mkdir(
                process.path(name), mode=mode, parents=parents, exist_ok=parents, uid=process.uid, gid=process.gid
            )
        except OSError as error:
            await complain(process, f"can't create directory '{name}': {error.strerror}")
            status = 1
    return status


async def rmdir(process: Process) -> int:
    """``rmdir [-p] FOLDER...``."""
    options = parse_options(process.argv[1:], "p", long={"parents": "p"})
    status = 0
    for name in _some(options.operands):
        try:
            process.fs.rmdir(process.path(name))
            while "p" in options.flags and "/" in name.strip("/"):
                name = posixpath.dirname(name.rstrip("/"))
                process.fs.rmdir(process.path(name))
        except OSError as error:
            await complain(process, f"'{name}': {error.strerror}")
            status = 1
    return status


async def rm(process: Process) -> int:
    """``rm [-irf] FILE...``."""
    options = parse_options(process.argv[1:], "irRfv", long={"recursive": "r", "force": "f"})
    force, recursive = "f" in options.flags, bool(options.flags & {"r", "R"})
    if not options.operands and not force:
        raise CommandFault("missing operand")
    status = 0
    for name in options.operands:
        if posixpath.basename(name.rstrip("/")) in {".", ".."}:
            await complain(process, "can't remove '.' or '..'")
            status = 1
            continue
        path = process.path(name)
        try:
            if not recursive and process.fs.stat(path, follow=False).is_dir:
                await complain(process, f"'{name}' is a directory")
                status = 1
            elif recursive:
                process.fs.rmtree(path)
            else:
                process.fs.unlink(path)
        except OSError as error:
            if not force or error.errno != errno.ENOENT:
                await complain(process, f"can't remove '{name}': {error.strerror}")
                status = 1
    return status


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
    """``cp [-arRpfPLv] SOURCE... TARGET``."""
    options = parse_options(process.argv[1:], "arRpfPLdv", long={"recursive": "r", "archive": "a"})
    recursive = bool(options.flags & set("arR"))
    status = 0
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
        if found.is_dir and f"{posixpath.normpath(target)}/".startswith(f"{posixpath.normpath(source)}/"):
            await complain(process, f"recursion detected, omitting directory '{name}'")
            status = 1
            continue
        try:
            copy_tree(process, source, target, preserve=bool(options.flags & set("ap")), follow=follow)
        except OSError as error:
            await complain(process, f"can't create '{goal}': {error.strerror}")
            status = 1
    return status


def copy_tree(process: Process, source: str, target: str, *, preserve: bool, follow: bool = False) -> None:
    """Copy a file, link or folder with all in it; raise ``OSError``."""
    fs = process.fs
    for path in list(fs.walk(source)) if not follow else [source, *list(fs.walk(source))[1:]]:
        goal = target + path[len(source) :]
        found = fs.stat(path, follow=follow)
        uid, gid = (found.uid, found.gid) if preserve else (process.uid, process.gid)
        mode = modes.S_IMODE(found.mode)
        if found.is_link:
            fs.symlink(fs.readlink(path), goal, uid=uid, gid=gid)
        elif found.is_dir:
            fs.mkdir(goal, mode=mode, exist_ok=True, uid=uid, gid=gid)
        else:
            fs.write(goal, fs.read(path), mode=mode if preserve else mode & ~process.umask, uid=uid, gid=gid)


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
            copy_tree(process, source, target, preserve=True)
            process.fs.rmtree(source)
        if "v" in options.flags:
            await say(process, f"'{name}' -> '{goal}'")
    return status


async def ln(process: Process) -> int:
    """``ln -s [-fn] TARGET... LINK``: symbolic links; the fake file system has no others."""
    options = parse_options(process.argv[1:], "sfnv")
    operands = options.operands
    if len(operands) == 1:
        operands = [*operands, posixpath.basename(operands[0])]
    keep_link = "n" in options.flags and len(operands) == 2 and _is_link(process, operands[1])
    pairs = [(operands[0], operands[1])] if keep_link else _target(process, operands)
    for target, link in pairs:
        if "s" not in options.flags:
            raise CommandFault(f"{link}: Operation not permitted")
        path = process.path(link)
        if "f" in options.flags and (process.fs.exists(path) or _is_link(process, link)):
            process.fs.unlink(path)
        try:
            process.fs.symlink(target, path, uid=process.uid, gid=process.gid)
        except OSError as error:
            await complain(process, f"{link}: {error.strerror}")
            return 1
    return 0


def _is_link(process: Process, name: str) -> bool:
    try:
        return process.fs.stat(process.path(name), follow=False).is_link
    except OSError:
        return False


async def chmod(process: Process) -> int:
    """``chmod [-R] MODE FILE...``, with octal and symbolic modes."""
    arguments = process.argv[1:]
    recursive = [word for word in arguments if word in {"-R", "-v", "-c", "-f"}]
    operands = [word for word in arguments if word not in recursive]
    if len(operands) < 2:
        raise CommandFault("missing operand")
    status = 0
    for name in operands[1:]:
        try:
            for path in process.fs.walk(process.path(name)) if "-R" in recursive else [process.path(name)]:
                found = process.fs.stat(path)
                process.fs.chmod(path, changed_mode(operands[0], modes.S_IMODE(found.mode), directory=found.is_dir))
        except OSError as error:
            await complain(process, f"{name}: {error.strerror}")
            status = 1
    return status


def changed_mode(text: str, mode: int, *, directory: bool) -> int:
    """Return what an octal or symbolic mode makes of another; raise :class:`CommandFault`."""
    if re.fullmatch("[0-7]{1,4}", text):
        return int(text, 8)
    for clause in text.split(","):
        found = re.fullmatch(r"([ugoa]*)((?:[-+=][rwxXst]*)+)", clause)
        if found is None:
            raise CommandFault(f"invalid mode '{text}'")
        who = found[1].replace("a", "ugo") or "ugo"
        for operator, letters in re.findall(r"([-+=])([rwxXst]*)", found[2]):
            bits = 0
            for letter in letters:
                if letter == "X":
                    letter = "x" if directory or mode & 0o111 else ""
                bits |= {"r": 4, "w": 2, "x": 1}.get(letter, 0)
            spread = sum(bits << {"u": 6, "g": 3, "o": 0}[name] for name in set(who))
            spread |= 0o4000 * ("s" in letters and "u" in who) | 0o2000 * ("s" in letters and "g" in who)
            spread |= 0o1000 * ("t" in letters)
            if operator == "+":
                mode |= spread
            elif operator == "-":
                mode &= ~spread
            else:
                cleared = sum(7 << {"u": 6, "g": 3, "o": 0}[name] for name in set(who))
                mode = (mode & ~cleared) | spread
    return mode


async def chown(process: Process) -> int:
    """``chown [-Rh] USER[:GROUP] FILE...``, and ``chgrp [-Rh] GROUP FILE...``."""
    options = parse_options(process.argv[1:], "Rhvcf")
    if len(options.operands) < 2:
        raise CommandFault("missing operand")
    user, _, group = options.operands[0].partition(":")
    if name_of(process) == "chgrp":
        user, group = "", user
    status = 0
    for name in options.operands[1:]:
        try:
            for path in process.fs.walk(process.path(name)) if "R" in options.flags else [process.path(name)]:
                found = process.fs.stat(path, follow=False)
                uid = user_id(process, user) if user else found.uid
                gid = group_id(process, group) if group else found.gid
                process.fs.chown(path, uid, gid)
        except OSError as error:
            await complain(process, f"{name}: {error.strerror}")
            status = 1
    return status
