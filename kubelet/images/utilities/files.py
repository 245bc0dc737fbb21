"""Utilities that change the tree: touch, rm, mkdir, rmdir, chmod, chown; and names of paths."""

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
