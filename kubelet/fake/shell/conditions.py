"""``test`` and ``[``: conditions over strings, numbers and files."""

import posixpath
import stat
from collections.abc import Sequence

from kubelet.fake.access import permits
from kubelet.fake.filesystem import FileSystem
from kubelet.fake.tree import Stat

_STRINGS = {"=", "==", "!=", "<", ">"}
_NUMBERS = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"}
_FILES = {"-nt", "-ot", "-ef"}
BINARY = _STRINGS | _NUMBERS | _FILES
UNARY = frozenset("-" + letter for letter in "bcdefghkLnprsStuwxzOGN")


class TestFault(Exception):
    """The condition is malformed; ``test`` answers 2."""

    __test__ = False


class Conditions:
    """Answers questions about files as one user sees them, ``cwd`` being where relative paths begin."""

    def __init__(self, fs: FileSystem, cwd: str, uid: int, groups: Sequence[int]) -> None:
        self._fs = fs
        self._cwd = cwd
        self._uid = uid
        self._groups = groups

    def unary(self, operator: str, operand: str) -> bool:
        if operator == "-n":
            return operand != ""
        if operator == "-z":
            return operand == ""
        if operator == "-t":
            return False
        found = self._stat(operand, follow=operator not in {"-L", "-h"})
        if found is None or not operand:
            return False
        match operator:
            case "-e":
                return True
            case "-f":
                return found.is_file
            case "-d":
                return found.is_dir
            case "-L" | "-h":
                return found.is_link
            case "-s":
                return found.size > 0
            case "-c":
                return stat.S_ISCHR(found.mode)
            case "-b":
                return stat.S_ISBLK(found.mode)
            case "-r" | "-w" | "-x":
                return self._permits(found, {"-r": 4, "-w": 2, "-x": 1}[operator])
            case "-O":
                return found.uid == self._uid
            case "-G":
                return found.gid == self._groups[0]
            case "-u" | "-g" | "-k":
                return bool(found.mode & {"-u": 0o4000, "-g": 0o2000, "-k": 0o1000}[operator])
        return False

    def _permits(self, found: Stat, bit: int) -> bool:
        if self._uid == 0:
            return bit != 1 or found.is_dir or bool(found.mode & 0o111)
        return permits(found.mode, found.uid, found.gid, user=self._uid, groups=self._groups, bits=bit)

    def binary(self, left: str, operator: str, right: str) -> bool:
        match operator:
            case "=" | "==":
                return left == right
            case "!=":
                return left != right
            case "<":
                return left < right
            case ">":
                return left > right
            case "-nt" | "-ot" | "-ef":
                return self._compare_files(left, operator, right)
        a, b = integer(left), integer(right)
        return {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}[operator]

    def _compare_files(self, left: str, operator: str, right: str) -> bool:
        a, b = self._stat(left), self._stat(right)
        if operator == "-ef":
            return a is not None and b is not None and a.ino == b.ino
        newer, older = (a, b) if operator == "-nt" else (b, a)
        return newer is not None and (older is None or newer.mtime > older.mtime)

    def _path(self, name: str) -> str:
        return posixpath.join(self._cwd, name)

    def _stat(self, name: str, *, follow: bool = True) -> Stat | None:
        try:
            return self._fs.stat(self._path(name), follow=follow)
        except OSError:
            return None

    # test's own grammar

    def test(self, arguments: Sequence[str]) -> bool:
        """Evaluate the arguments of ``test``; raise :class:`TestFault`."""
        match list(arguments):
            case []:
                return False
            case [one]:
                return one != ""
            case ["!", one]:
                return one == ""
            case [left, operator, right] if operator in BINARY:
                return self.binary(left, operator, right)
            case ["(", one, ")"]:
                return one != ""
        position, value = self._or(list(arguments), 0)
        if position != len(arguments):
            raise TestFault(f"{arguments[position]}: unexpected operator")
        return value

    def _or(self, words: list[str], position: int) -> tuple[int, bool]:
        position, value = self._and(words, position)
        while words[position : position + 1] == ["-o"]:
            position, right = self._and(words, position + 1)
            value = value or right
        return position, value

    def _and(self, words: list[str], position: int) -> tuple[int, bool]:
        position, value = self._not(words, position)
        while words[position : position + 1] == ["-a"]:
            position, right = self._not(words, position + 1)
            value = value and right
        return position, value

    def _not(self, words: list[str], position: int) -> tuple[int, bool]:
        if words[position : position + 1] == ["!"] and len(words) - position > 1:
            position, value = self._not(words, position + 1)
            return position, not value
        return self._primary(words, position)

    def _primary(self, words: list[str], position: int) -> tuple[int, bool]:
        rest = words[position:]
        if not rest:
            raise TestFault("argument expected")
        if len(rest) >= 3 and rest[1] in BINARY:
            return position + 3, self.binary(rest[0], rest[1], rest[2])
        if rest[0] == "(":
            position, value = self._or(words, position + 1)
            if words[position : position + 1] != [")"]:
                raise TestFault("closing paren expected")
            return position + 1, value
        if rest[0] in UNARY and len(rest) >= 2:
            return position + 2, self.unary(rest[0], rest[1])
        return position + 1, rest[0] != ""


def integer(text: str) -> int:
    """Return a number; raise :class:`TestFault`."""
    try:
        return int(text.strip())
    except ValueError:
        raise TestFault(f"{text}: bad number") from None
