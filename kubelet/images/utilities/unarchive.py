"""What ``tar`` does with an archive that there is: list it, or unpack it into the tree."""

import posixpath
import stat as modes
from collections.abc import Sequence
from datetime import UTC, datetime
from tarfile import BLKTYPE, BLOCKSIZE, CHRTYPE, DIRTYPE, FIFOTYPE, LNKTYPE, SYMTYPE, TarInfo

from kubelet.fake.files import open_input, open_output
from kubelet.fake.process import Process
from kubelet.fake.shell.patterns import matches
from kubelet.fake.streams import Input
from kubelet.images.utilities.command import CommandFault, Options, complain, say
from kubelet.images.utilities.compression import DecompressingInput, kind_of
from kubelet.images.utilities.tar_members import Blocks, members


def lines_of(process: Process, name: str) -> list[str]:
    text = process.fs.read(process.path(name)).decode(errors="surrogateescape")
    return [line for line in text.splitlines() if line]


def excluded(process: Process, options: Options) -> list[str]:
    patterns: list[str] = []
    for letter, value in options.given:
        patterns += [value] if letter == "E" else lines_of(process, value) if letter == "X" else []
    return [pattern.rstrip("/") for pattern in patterns]


def is_excluded(name: str, patterns: Sequence[str]) -> bool:
    parts = name.rstrip("/").split("/")
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    return any(matches(pattern, end) for pattern in patterns for end in (name.rstrip("/"), *ends))


class Reading:
    def __init__(self, process: Process, options: Options) -> None:
        self._process = process
        self._flags = options.flags
        self._folder = process.path(options.values.get("C", "."))
        self._file = options.values.get("f", "-")
        self._excluded = excluded(process, options)
        self._wanted = [name.rstrip("/") for name in options.operands]
        self._found: set[str] = set()
        strip = options.values.get("S", "0")
        if not strip.isdecimal():
            raise CommandFault(f"invalid number '{strip}'")
        self._strip = int(strip)
        self._stripped = False
        self._status = 0
        self._folders: list[tuple[str, TarInfo]] = []

    async def run(self) -> int:
        process = self._process
        try:
            source = process.stdin if self._file == "-" else open_input(process.fs, process.path(self._file))
        except OSError as error:
            raise CommandFault(f"can't open '{self._file}': {error.strerror}") from error
        if "x" in self._flags and not process.fs.is_dir(self._folder):
            raise CommandFault(f"can't change directory to '{self._folder}': No such file or directory")
        async for info, blocks in members(await self._plain(source)):
            await self._member(info, blocks)
        for path, info in reversed(self._folders):
            # Only now: a folder may not let anything be written into it.
            self._set(path, info)
        for name in self._wanted:
            if name not in self._found:
                await complain(process, f"{name}: not found in archive")
                self._status = 1
        return self._status

    async def _plain(self, source: Input) -> Blocks:
        raw = Blocks(source)
        head = await raw.exactly(BLOCKSIZE)
        raw.unread(head)
        letter = next((letter for letter in "zjJ" if letter in self._flags), "") or kind_of(head)
        if not letter:
            return raw

        class Rest:
            async def read(self, limit: int = -1) -> bytes:
                return await raw.some(limit)

            readline = read

        return Blocks(DecompressingInput(Rest(), letter))

    def _is_wanted(self, name: str) -> bool:
        if is_excluded(name, self._excluded):
            return False
        if not self._wanted:
            return True
        plain = name.rstrip("/")
        for wanted in self._wanted:
            if plain == wanted or plain.startswith(f"{wanted}/"):
                self._found.add(wanted)
                return True
        return False

    async def _member(self, info: TarInfo, blocks: Blocks) -> None:
        process = self._process
        wanted = self._is_wanted(info.name)
        name = await self._safe_name(info.name)
        if wanted and name and "t" in self._flags:
            await say(process, self._listed(info))
        elif wanted and name and "O" in self._flags:
            async for chunk in blocks.content(info.size):
                await process.stdout.write(chunk)
            return
        elif wanted and name:
            if "v" in self._flags:
                await say(process, _shown_name(info))
            try:
                await self._extract(info, blocks, posixpath.join(self._folder, name))
            except OSError as error:
                await complain(process, f"can't open '{name}': {error.strerror}")
                self._status = 1
            else:
                return
        async for _ in blocks.content(info.size):
            pass

    async def _safe_name(self, name: str) -> str:
        """Return a member's name without what would lead out of the folder, and without what is to be stripped."""
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if ".." in parts:
            await complain(self._process, f"name with '..' skipped: '{name}'")
            self._status = 1
            return ""
        if name.startswith("/") and not self._stripped and "P" not in self._flags:
            self._stripped = True
            await complain(self._process, "removing leading '/' from member names")
        kept = "/".join(parts[self._strip :])
        if not kept:
            return "." if not self._strip else ""
        return f"/{kept}" if "P" in self._flags and name.startswith("/") else kept

    def _listed(self, info: TarInfo) -> str:
        if "v" not in self._flags:
            return _shown_name(info)
        kinds = {DIRTYPE: modes.S_IFDIR, SYMTYPE: modes.S_IFLNK, CHRTYPE: modes.S_IFCHR, BLKTYPE: modes.S_IFBLK}
        mode = modes.filemode(kinds.get(info.type, modes.S_IFREG) | info.mode)
        owner = f"{info.uname or info.uid}/{info.gname or info.gid}"
        when = datetime.fromtimestamp(info.mtime, UTC).strftime("%Y-%m-%d %H:%M:%S")
        arrow = f" -> {info.linkname}" if info.type in {SYMTYPE, LNKTYPE} else ""
        return f"{mode} {owner} {info.size:>9} {when} {_shown_name(info)}{arrow}"

    async def _extract(self, info: TarInfo, blocks: Blocks, path: str) -> None:
        process, fs = self._process, self._process.fs
        fs.mkdir(posixpath.dirname(path), parents=True, exist_ok=True, uid=process.uid, gid=process.gid)
        if info.isdir():
            fs.mkdir(path, mode=0o700 | info.mode, exist_ok=True, uid=process.uid, gid=process.gid)
            self._folders.append((path, info))
            return
        if fs.exists(path) or _is_link(process, path):
            if "k" in self._flags:
                raise FileExistsError(17, "File exists", path)
            if not fs.is_dir(path) or _is_link(process, path):
                fs.unlink(path)
        if info.issym():
            fs.symlink(info.linkname, path, uid=process.uid, gid=process.gid)
        elif info.type == LNKTYPE:
            fs.link(posixpath.join(self._folder, info.linkname.lstrip("/")), path)
        elif info.type not in {CHRTYPE, BLKTYPE, FIFOTYPE}:
            output = open_output(fs, path, mode=0o600, uid=process.uid, gid=process.gid)
            async for chunk in blocks.content(info.size):
                await output.write(chunk)
            self._set(path, info)

    def _set(self, path: str, info: TarInfo) -> None:
        """Give what was extracted its owner, mode and time, as far as the process may and wants to."""
        process = self._process
        root = process.uid == 0
        if root and "o" not in self._flags:
            process.fs.chown(path, info.uid, info.gid)
        keep = (root or "p" in self._flags) and "n" not in self._flags
        process.fs.chmod(path, info.mode if keep else info.mode & 0o777 & ~process.umask)
        if "m" not in self._flags:
            process.fs.utime(path, info.mtime)


def _is_link(process: Process, path: str) -> bool:
    try:
        return process.fs.stat(path, follow=False).is_link
    except OSError:
        return False


def _shown_name(info: TarInfo) -> str:
    return f"{info.name.rstrip('/')}/" if info.isdir() else info.name
