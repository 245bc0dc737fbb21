"""``find``: walk a tree, and do something about what a condition holds for."""

import errno
import posixpath
import stat as modes
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from kubelet.fake.process import Process
from kubelet.fake.program import CommandNotFound, NotExecutable
from kubelet.fake.regex.syntax import BASIC, EXTENDED
from kubelet.fake.shell.formatting import encode
from kubelet.fake.shell.patterns import matches
from kubelet.fake.streams import NullInput
from kubelet.fake.tree import Stat
from kubelet.images.utilities.command import CommandFault, complain
from kubelet.images.utilities.regex import compile_regex

_KINDS = {"f": modes.S_IFREG, "d": modes.S_IFDIR, "l": modes.S_IFLNK, "c": modes.S_IFCHR, "b": modes.S_IFBLK}
_SIZES = {"c": 1, "w": 2, "b": 512, "k": 1024, "M": 1024**2}
_EXTENDED_TYPES = frozenset({"awk", "egrep", "posix-awk", "posix-egrep", "posix-extended"})
_DAY, _MINUTE = 86400, 60
_YIELD_EVERY = 200


@dataclass(frozen=True, slots=True)
class _Found:
    """``name`` is what is printed, ``path`` the same as an absolute path."""

    name: str
    path: str
    depth: int
    stat: Stat


@dataclass(slots=True)
class _Walk:
    """What concerns the whole walk rather than one entry."""

    process: Process
    most: int = 1 << 30
    least: int = 0
    depth_first: bool = False
    acts: bool = False
    status: int = 0
    pruned: bool = False
    batches: list[tuple[list[str], list[str]]] = field(default_factory=list)
    """Commands of ``-exec ... +``, and the names they get in the end."""

    async def say(self, text: str) -> None:
        await self.process.stdout.write(encode(text))

    async def fail(self, name: str, error: OSError) -> None:
        await complain(self.process, f"{name}: {error.strerror}")
        self.status = 1


Condition = Callable[[_Found], Awaitable[bool]]


async def find(process: Process) -> int:
    """``find [PATH]... [CONDITION]...``; conditions are listed in :class:`_Parser`."""
    words = process.argv[1:]
    count = next((at for at, word in enumerate(words) if word[:1] == "-" or word in {"(", "!"}), len(words))
    walk = _Walk(process)
    parser = _Parser(walk, words[count:])
    condition = parser.whole()
    for name in words[:count] or ["."]:
        async for found in _entries(walk, name, process.path(name), 0):
            walk.pruned = False
            holds = found.depth >= walk.least and await condition(found)
            if holds and not walk.acts:
                await walk.say(f"{found.name}\n")
    for command, names in walk.batches:
        if names and await _run(walk, [*command, *names]):
            walk.status = 1
    return walk.status


async def _entries(walk: _Walk, name: str, path: str, depth: int) -> AsyncIterator[_Found]:
    """Yield what is at ``path`` and below; links are not followed."""
    pending = [(name, path, depth, False)]
    count = 0
    while pending:
        name, path, depth, visited = pending.pop()
        count += 1
        if count % _YIELD_EVERY == 0:
            await walk.process.sleep(0)
        try:
            found = walk.process.fs.stat(path, follow=False)
            children = walk.process.fs.listdir(path) if found.is_dir and not visited and depth < walk.most else []
        except OSError as error:
            await walk.fail(name, error)
            continue
        below = [(posixpath.join(name, child), posixpath.join(path, child), depth + 1, False) for child in children]
        if walk.depth_first and below:
            pending += [(name, path, depth, True), *below[::-1]]
            continue
        yield _Found(name, path, depth, found)
        if not walk.pruned:
            pending += below[::-1]


async def _run(walk: _Walk, words: list[str]) -> int:
    try:
        return await walk.process.spawn(words, stdin=NullInput()).wait()
    except (CommandNotFound, NotExecutable) as error:
        missing = isinstance(error, CommandNotFound)
        await complain(walk.process, f"{words[0]}: {'No such file or directory' if missing else 'Permission denied'}")
        return 127 if missing else 126


def _constant(value: bool) -> Condition:
    async def holds(found: _Found) -> bool:
        return value

    return holds


def _check(test: Callable[[_Found], bool]) -> Condition:
    async def holds(found: _Found) -> bool:
        return test(found)

    return holds


def _within(text: str, parse: Callable[[str], int]) -> Callable[[int], bool]:
    """Return what ``+N``, ``-N`` or ``N`` says of a number."""
    try:
        bound = parse(text.lstrip("+-"))
    except ValueError:
        raise CommandFault(f"invalid number '{text}'") from None
    if text.startswith("+"):
        return lambda value: value > bound
    if text.startswith("-"):
        return lambda value: value < bound
    return lambda value: value == bound


class _Parser:
    """Reads ``! -a -o ( )`` over these conditions, and tells the walk what it needs to know beforehand.

    -name -iname -path -type -size -empty -mtime -mmin -newer -perm -true -false, the options -maxdepth -mindepth
    -depth -xdev, and the actions -print -print0 -delete -prune -exec.
    """

    def __init__(self, walk: _Walk, words: list[str]) -> None:
        self._walk = walk
        self._words = words
        self._at = 0
        self._dialect = BASIC

    def whole(self) -> Condition:
        if not self._words:
            return _constant(True)
        condition = self._or()
        if self._at < len(self._words):
            raise CommandFault(f"unrecognized: {self._words[self._at]}")
        return condition

    def _peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _next(self, owner: str) -> str:
        if self._at >= len(self._words):
            raise CommandFault(f"{owner} requires an argument")
        self._at += 1
        return self._words[self._at - 1]

    def _or(self) -> Condition:
        left = self._and()
        while self._peek() in {"-o", "-or"}:
            self._at += 1
            left = _either(left, self._and())
        return left

    def _and(self) -> Condition:
        left = self._not()
        while self._peek() not in {"", ")", "-o", "-or"}:
            if self._peek() in {"-a", "-and"}:
                self._at += 1
            left = _both(left, self._not())
        return left

    def _not(self) -> Condition:
        word = self._next("find")
        if word in {"!", "-not"}:
            return _opposite(self._not())
        if word == "(":
            inside = self._or()
            if self._next("(") != ")":
                raise CommandFault("unpaired '('")
            return inside
        return self._option(word) or self._action(word) or self._test(word)

    def _option(self, word: str) -> Condition | None:
        match word:
            case "-maxdepth" | "-mindepth":
                text = self._next(word)
                if not text.isdecimal():
                    raise CommandFault(f"invalid number '{text}'")
                if word == "-maxdepth":
                    self._walk.most = int(text)
                else:
                    self._walk.least = int(text)
            case "-depth":
                self._walk.depth_first = True
            case "-xdev" | "-mount" | "-true":
                pass
            case "-false":
                return _constant(False)
            case _:
                return None
        return _constant(True)

    def _test(self, word: str) -> Condition:
        operand = "" if word == "-empty" else self._next(word)
        fs = self._walk.process.fs
        match word:
            case "-empty":
                return _check(lambda found: not (fs.listdir(found.path) if found.stat.is_dir else found.stat.size))
            case "-name":
                return _check(lambda found: matches(operand, posixpath.basename(found.name.rstrip("/")) or "/"))
            case "-iname":
                lower = operand.lower()
                return _check(lambda found: matches(lower, posixpath.basename(found.name.rstrip("/")).lower()))
            case "-path":
                return _check(lambda found: matches(operand, found.name))
            case "-regex" | "-iregex":
                expression = compile_regex(operand, self._dialect, ignore_case=word == "-iregex", whole=True)
                return _check(lambda found: expression.search(found.name) is not None)
            case "-regextype":
                self._dialect = EXTENDED if operand in _EXTENDED_TYPES else BASIC
                return _constant(True)
            case "-type":
                if operand not in _KINDS:
                    raise CommandFault(f"invalid argument '{operand}' to '-type'")
                return _check(lambda found: modes.S_IFMT(found.stat.mode) == _KINDS[operand])
            case "-size":
                unit = _SIZES.get(operand[-1:], 512)
                holds = _within(operand.rstrip("cwbkM"), int)
                return _check(lambda found: holds(-(-found.stat.size // unit)))
            case "-mtime" | "-mmin":
                unit, aged = (_DAY if word == "-mtime" else _MINUTE), _within(operand, int)
                now = self._walk.process.clock.now().timestamp()
                return _check(lambda found: aged(int((now - found.stat.mtime) // unit)))
            case "-links" | "-inum":
                wanted = _within(operand, int)
                return _check(lambda found: wanted(found.stat.nlink if word == "-links" else found.stat.ino))
            case "-samefile":
                node = fs.stat(self._walk.process.path(operand)).ino
                return _check(lambda found: found.stat.ino == node)
            case "-newer":
                reference = fs.stat(self._walk.process.path(operand)).mtime
                return _check(lambda found: found.stat.mtime > reference)
            case "-perm":
                return self._permissions(operand)
        raise CommandFault(f"unrecognized: {word}")

    def _permissions(self, text: str) -> Condition:
        try:
            bits = int(text.lstrip("-/+"), 8)
        except ValueError:
            raise CommandFault(f"invalid mode '{text}'") from None
        if text.startswith("-"):
            return _check(lambda found: found.stat.mode & bits == bits)
        if text.startswith(("/", "+")):
            return _check(lambda found: not bits or bool(found.stat.mode & bits))
        return _check(lambda found: modes.S_IMODE(found.stat.mode) == bits)

    def _action(self, word: str) -> Condition | None:
        match word:
            case "-print" | "-print0":
                action = self._print("\n" if word == "-print" else "\0")
            case "-delete":
                self._walk.depth_first = True
                action = self._delete
            case "-exec":
                action = self._exec()
            case "-prune":
                return self._prune
            case _:
                return None
        self._walk.acts = True
        return action

    def _print(self, end: str) -> Condition:
        async def act(found: _Found) -> bool:
            await self._walk.say(found.name + end)
            return True

        return act

    async def _prune(self, found: _Found) -> bool:
        self._walk.pruned = True
        return True

    async def _delete(self, found: _Found) -> bool:
        if found.name == ".":
            return True
        fs = self._walk.process.fs
        try:
            if found.stat.is_dir:
                fs.rmdir(found.path)
            else:
                fs.unlink(found.path)
        except OSError as error:
            if error.errno != errno.ENOENT:
                await self._walk.fail(found.name, error)
            return False
        return True

    def _exec(self) -> Condition:
        command: list[str] = []
        while (word := self._next("-exec")) != ";":
            if word == "+" and command[-1:] == ["{}"]:
                return self._batch(command[:-1])
            command.append(word)
        if not command:
            raise CommandFault("-exec requires an argument")

        async def act(found: _Found) -> bool:
            return not await _run(self._walk, [part.replace("{}", found.name) for part in command])

        return act

    def _batch(self, command: list[str]) -> Condition:
        names: list[str] = []
        self._walk.batches.append((command, names))

        async def act(found: _Found) -> bool:
            names.append(found.name)
            return True

        return act


def _either(left: Condition, right: Condition) -> Condition:
    async def holds(found: _Found) -> bool:
        return await left(found) or await right(found)

    return holds


def _both(left: Condition, right: Condition) -> Condition:
    async def holds(found: _Found) -> bool:
        return await left(found) and await right(found)

    return holds


def _opposite(condition: Condition) -> Condition:
    async def holds(found: _Found) -> bool:
        return not await condition(found)

    return holds
