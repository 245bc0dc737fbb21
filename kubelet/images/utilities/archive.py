"""``tar``: archives from and into the tree, as streams; what ``kubectl cp`` is made of."""

import posixpath
import re
import stat as modes
from collections.abc import Sequence
from tarfile import (
    BLKTYPE,
    BLOCKSIZE,
    CHRTYPE,
    DIRTYPE,
    GNU_FORMAT,
    LNKTYPE,
    RECORDSIZE,
    SYMTYPE,
    TarInfo,
)

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import encode
from kubelet.fake.streams import Input, Output
from kubelet.images.utilities.command import CHUNK, CommandFault, Options, complain, create, parse_options
from kubelet.images.utilities.compression import CompressingOutput
from kubelet.images.utilities.unarchive import Reading, excluded, is_excluded, lines_of
from kubelet.images.utilities.users import group_name, user_name

_FLAGS = "ctxzjJvOmpokhnPN"
_VALUED = "fCXTES"
_LONG = {
    "create": "c",
    "list": "t",
    "extract": "x",
    "get": "x",
    "gzip": "z",
    "bzip2": "j",
    "xz": "J",
    "verbose": "v",
    "to-stdout": "O",
    "touch": "m",
    "preserve-permissions": "p",
    "same-permissions": "p",
    "no-same-permissions": "n",
    "no-same-owner": "o",
    "numeric-owner": "N",
    "keep-old-files": "k",
    "dereference": "h",
    "absolute-names": "P",
    "file": "f",
    "directory": "C",
    "exclude": "E",
    "exclude-from": "X",
    "files-from": "T",
    "strip-components": "S",
    "overwrite": "n",
    "warning": "n",
}


async def tar(process: Process) -> int:
    """``tar -c|-t|-x [-zjJvOmpokh] [-f FILE] [-C FOLDER] [--exclude PATTERN] [--strip-components N] [NAME]...``."""
    words = process.argv[1:]
    if words and not words[0].startswith("-"):
        # The old style: letters without a dash, whose arguments follow in order.
        words = _dashed(words)
    words = [re.sub(r"^--warning=.*", "-n", word) for word in words]
    options = parse_options(words, _FLAGS, _VALUED, long=_LONG)
    chosen = options.flags & {"c", "t", "x"}
    if len(chosen) != 1:
        raise CommandFault("must specify one of -c, -t, -x")
    if "c" in chosen:
        return await _Creation(process, options).run()
    return await Reading(process, options).run()


def _dashed(words: Sequence[str]) -> list[str]:
    letters, rest = words[0], list(words[1:])
    dashed = [f"-{letter}" for letter in letters if letter not in _VALUED]
    for letter in letters:
        if letter in _VALUED:
            dashed += [f"-{letter}", *rest[:1]]
            del rest[:1]
    return [*dashed, *rest]


class _Creation:
    def __init__(self, process: Process, options: Options) -> None:
        self._process = process
        self._flags = options.flags
        self._folder = process.path(options.values.get("C", "."))
        self._file = options.values.get("f", "-")
        self._excluded = excluded(process, options)
        self._names = [*options.operands]
        if "T" in options.values:
            self._names += lines_of(process, options.values["T"])
        self._written = 0
        self._status = 0
        self._stripped = False
        # Where files with several names are in the archive, by inode.
        self._linked: dict[int, str] = {}

    async def run(self) -> int:
        process = self._process
        if not self._names:
            raise CommandFault("empty archive")
        raw = process.stdout if self._file == "-" else create(process, self._file)
        letter = next((letter for letter in "zjJ" if letter in self._flags), "")
        packed = CompressingOutput(raw, letter) if letter else None
        output: Output = packed or raw
        for name in self._names:
            await self._tree(output, name)
        end = bytes(2 * BLOCKSIZE)
        await output.write(end + bytes(-(self._written + len(end)) % RECORDSIZE))
        if packed is not None:
            await packed.finish()
        return self._status

    async def _tree(self, output: Output, name: str) -> None:
        pending = [name]
        while pending:
            name = pending.pop()
            if is_excluded(name, self._excluded):
                continue
            path = posixpath.join(self._folder, name)
            try:
                info = await self._member(output, name, path)
                if info.isdir():
                    below = self._process.fs.listdir(path)
                    pending += [posixpath.join(name, child) for child in reversed(below)]
            except BrokenPipeError:
                raise
            except OSError as error:
                await complain(self._process, f"{name}: {error.strerror}")
                self._status = 1
            await self._process.sleep(0)

    async def _member(self, output: Output, name: str, path: str) -> TarInfo:
        fs = self._process.fs
        found = fs.stat(path, follow="h" in self._flags)
        info = TarInfo(await self._stored_name(name))
        info.mode, info.mtime = modes.S_IMODE(found.mode), int(found.mtime)
        info.uid, info.gid = found.uid, found.gid
        info.uname = user_name(self._process, found.uid) or ""
        info.gname = group_name(self._process, found.gid) or ""
        source: Input | None = None
        if found.is_dir:
            info.type = DIRTYPE
        elif found.is_link:
            info.type, info.linkname = SYMTYPE, fs.readlink(path)
        elif found.is_file and found.ino in self._linked:
            info.type, info.linkname = LNKTYPE, self._linked[found.ino]
        elif found.is_file:
            if found.nlink > 1:
                self._linked[found.ino] = info.name
            info.size, source = found.size, open_input(fs, path)
        else:
            kind = (BLKTYPE, 259, 0) if modes.S_ISBLK(found.mode) else (CHRTYPE, 1, 3)
            info.type, info.devmajor, info.devminor = kind
        head = info.tobuf(GNU_FORMAT, "utf-8", "surrogateescape")
        await output.write(head)
        self._written += len(head)
        if source is not None:
            await _copy(source, output, info.size)
            self._written += info.size + -info.size % BLOCKSIZE
        if "v" in self._flags:
            line = encode(f"{info.name}{'/' if info.isdir() else ''}\n")
            await (self._process.stderr if self._file == "-" else self._process.stdout).write(line)
        return info

    async def _stored_name(self, name: str) -> str:
        if "P" in self._flags or not name.startswith(("/", "../")):
            return name
        stripped = re.sub(r"^(?:/|\.\./)+", "", name)
        if not self._stripped:
            self._stripped = True
            await complain(self._process, f"removing leading '{name[: len(name) - len(stripped)]}' from member names")
        return stripped or "./"


async def _copy(source: Input, output: Output, size: int) -> None:
    """Copy exactly that many bytes, padded to whole blocks; a file that has become shorter ends in zeros."""
    left = size
    while left and (chunk := await source.read(min(left, CHUNK))):
        await output.write(chunk)
        left -= len(chunk)
    if padding := left + -size % BLOCKSIZE:
        await output.write(bytes(padding))
