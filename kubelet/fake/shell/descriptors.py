"""File descriptors of a shell, and redirections, which make new ones for the length of a command."""

import errno
import os
import posixpath
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kubelet.fake.files import open_input, open_output
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.shell.faults import ShellFault
from kubelet.fake.shell.formatting import encode
from kubelet.fake.shell.syntax import Redirect, Word
from kubelet.fake.streams import BytesInput, Input, Output

T = TypeVar("T")

_OWN = re.compile(r"/dev/(?:(stdin|stdout|stderr)|fd/(\d+))|/proc/self/fd/(\d+)")
_OPENING = frozenset({"<", "<>", ">", ">|", ">>", "&>", "&>>"})


class _Closed:
    """A descriptor that was closed: every use of it fails."""

    async def read(self, limit: int = -1) -> bytes:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    readline = read

    async def write(self, data: bytes) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class Descriptors:
    """What is open to read and to write, by number; a value: redirecting makes another one."""

    __slots__ = ("inputs", "outputs")

    def __init__(self, inputs: dict[int, Input], outputs: dict[int, Output]) -> None:
        self.inputs = inputs
        self.outputs = outputs

    def copy(self) -> "Descriptors":
        return Descriptors(dict(self.inputs), dict(self.outputs))

    def with_output(self, number: int, output: Output) -> "Descriptors":
        return Descriptors(self.inputs, {**self.outputs, number: output})

    def with_input(self, number: int, source: Input) -> "Descriptors":
        return Descriptors({**self.inputs, number: source}, self.outputs)

    @property
    def stdin(self) -> Input:
        return self.inputs.get(0) or _Closed()

    @property
    def stdout(self) -> Output:
        return self.outputs.get(1) or _Closed()

    @property
    def stderr(self) -> Output:
        return self.outputs.get(2) or _Closed()


class Redirector:
    """Opens what redirections name, with one process's rights."""

    def __init__(self, fs: FileSystem, cwd: str, uid: int, gid: int, umask: int, *, noclobber: bool) -> None:
        self._fs = fs
        self._cwd = cwd
        self._uid = uid
        self._gid = gid
        self._umask = umask
        self._noclobber = noclobber

    async def apply(
        self, before: Descriptors, redirects: tuple[Redirect, ...], text: Callable[[Word], Awaitable[str]]
    ) -> Descriptors:
        """Return the descriptors after these redirections, done from left to right; raise :class:`ShellFault`."""
        after = before.copy()
        for redirect in redirects:
            self._one(after, redirect, await text(redirect.target))
        return after

    def _target(self, table: Descriptors, redirect: Redirect, target: str) -> bool:
        """Open ``/dev/stderr`` and its like, which are descriptors of the shell; false when it is none of these."""
        found = _OWN.fullmatch(posixpath.normpath(posixpath.join(self._cwd, target)))
        if found is None or redirect.operator not in _OPENING:
            return False
        number = found[2] or found[3] or str(("stdin", "stdout", "stderr").index(found[1]))
        if redirect.operator in {"<", "<>"}:
            _duplicate(table.inputs, redirect.descriptor or 0, number)
        elif redirect.operator in {"&>", "&>>"}:
            _duplicate(table.outputs, 1, number)
            _duplicate(table.outputs, 2, number)
        else:
            _duplicate(table.outputs, 1 if redirect.descriptor is None else redirect.descriptor, number)
        return True

    def _one(self, table: Descriptors, redirect: Redirect, target: str) -> None:
        if self._target(table, redirect, target):
            return
        number = redirect.descriptor
        match redirect.operator:
            case "<<":
                table.inputs[number or 0] = BytesInput(encode(target))
            case "<":
                table.inputs[number or 0] = self._read(target)
            case "<>":
                table.inputs[number or 0] = self._read_and_write(target)
            case ">" | ">|":
                output = self._write(target, clobber=redirect.operator == ">|" or not self._noclobber)
                table.outputs[1 if number is None else number] = output
            case ">>":
                table.outputs[1 if number is None else number] = self._write(target, append=True)
            case "&>" | "&>>":
                table.outputs[1] = table.outputs[2] = self._write(target, append=redirect.operator == "&>>")
            case ">&" if number is None and not (target.isdigit() or target == "-"):
                table.outputs[1] = table.outputs[2] = self._write(target)
            case ">&":
                _duplicate(table.outputs, 1 if number is None else number, target)
                if target == "-" and number is not None:
                    table.inputs.pop(number, None)
            case "<&":
                _duplicate(table.inputs, number or 0, target)

    def _read(self, target: str) -> Input:
        try:
            return open_input(self._fs, posixpath.join(self._cwd, target))
        except OSError as error:
            raise ShellFault(f"can't open {target}: {_reason(error, 'no such file')}", 1) from error

    def _read_and_write(self, target: str) -> Input:
        self._write(target, append=True)
        return self._read(target)

    def _write(self, target: str, *, append: bool = False, clobber: bool = True) -> Output:
        path = posixpath.join(self._cwd, target)
        if not clobber and self._fs.is_file(path):
            raise ShellFault(f"can't create {target}: File exists", 1)
        mode = 0o666 & ~self._umask
        try:
            return open_output(self._fs, path, append=append, mode=mode, uid=self._uid, gid=self._gid)
        except OSError as error:
            raise ShellFault(f"can't create {target}: {_reason(error, 'nonexistent directory')}", 1) from error


def _duplicate(table: dict[int, T], number: int, target: str) -> None:
    if target == "-":
        table.pop(number, None)
    elif target.isdigit() and int(target) in table:
        table[number] = table[int(target)]
    else:
        raise ShellFault(f"dup2({target},{number}): Bad file descriptor", 1)


def _reason(error: OSError, missing: str) -> str:
    return missing if error.errno in {errno.ENOENT, errno.ENOTDIR} else error.strerror or "error"
