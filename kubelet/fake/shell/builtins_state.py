"""The shell's own commands for variables, options and arguments."""

import re

from kubelet.fake.shell import formatting
from kubelet.fake.shell.faults import ShellFault
from kubelet.fake.shell.interpreter import Shell
from kubelet.fake.shell.variables import NAME

_OPTIONS = {
    "allexport": "a",
    "errexit": "e",
    "noclobber": "C",
    "noglob": "f",
    "noexec": "n",
    "nounset": "u",
    "verbose": "v",
    "xtrace": "x",
    "pipefail": "pipefail",
}


def parse_number(command: str, text: str) -> int:
    """Return a builtin's numeric argument; raise :class:`ShellFault`."""
    if not re.fullmatch(r"\+?\d+", text, re.ASCII):
        raise ShellFault(f"{command}: Illegal number: {text}", fatal=True)
    return int(text)


async def export_(shell: Shell, words: list[str]) -> int:
    return await _declare(shell, words, shell.variables.exported)


async def readonly_(shell: Shell, words: list[str]) -> int:
    return await _declare(shell, words, shell.variables.readonly)


async def _declare(shell: Shell, words: list[str], attribute: set[str]) -> int:
    rest = [word for word in words[1:] if word not in {"-p", "--"}]
    if rest[:1] == ["-n"]:
        attribute.difference_update(rest[1:])
        return 0
    if not rest:
        lines = [f"{words[0]} {line}\n" for line in shell.variables.listing(attribute)]
        await shell.write(formatting.encode("".join(lines)))
        return 0
    for word in rest:
        name = _assign(shell, words[0], word)
        attribute.add(name)
    return 0


def _assign(shell: Shell, command: str, word: str) -> str:
    name, equals, value = word.partition("=")
    if not NAME.fullmatch(name):
        raise ShellFault(f"{command}: {name}: bad variable name", fatal=True)
    if equals:
        shell.variables.set(name, value)
    return name


async def local_(shell: Shell, words: list[str]) -> int:
    for word in words[1:]:
        shell.variables.make_local(word.partition("=")[0])
        _assign(shell, "local", word)
    return 0


async def unset_(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    functions = rest[:1] == ["-f"]
    for name in rest[1:] if rest[:1] in (["-f"], ["-v"]) else rest:
        if functions or (shell.variables.get(name) is None and name in shell.functions):
            shell.functions.pop(name, None)
        else:
            shell.variables.unset(name)
    return 0


async def set_(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    if not rest:
        lines = [f"{line}\n" for line in shell.variables.listing()]
        await shell.write(formatting.encode("".join(lines)))
        return 0
    while rest and rest[0][:1] in {"-", "+"} and rest[0] not in {"-", "+"}:
        word = rest.pop(0)
        if word == "--":
            shell.arguments = rest
            return 0
        for letter in word[1:]:
            apply_option(shell, letter, rest, on=word[0] == "-")
    if rest:
        shell.arguments = rest[1:] if rest[0] == "-" else rest
    return 0


def apply_option(shell: Shell, letter: str, rest: list[str], *, on: bool) -> None:
    """Switch a shell option; ``o`` takes its name from ``rest``. Raises :class:`ShellFault`."""
    option = letter
    if letter == "o":
        if not rest:
            return
        name = rest.pop(0)
        if name not in _OPTIONS:
            raise ShellFault(f"set: illegal option -o {name}", fatal=True)
        option = _OPTIONS[name]
    elif letter not in _OPTIONS.values() and letter not in "bhilms":
        raise ShellFault(f"set: illegal option -{letter}", fatal=True)
    (shell.options.add if on else shell.options.discard)(option)


async def shift_(shell: Shell, words: list[str]) -> int:
    count = parse_number("shift", words[1]) if len(words) > 1 else 1
    if count > len(shell.arguments):
        raise ShellFault("shift: can't shift that many", 1)
    shell.arguments = shell.arguments[count:]
    return 0


async def umask_(shell: Shell, words: list[str]) -> int:
    if len(words) < 2:
        await shell.write(f"{shell.process.umask:04o}\n".encode())
        return 0
    if not re.fullmatch(r"[0-7]+", words[1]):
        raise ShellFault(f"umask: illegal mode: {words[1]}", 1)
    shell.process.umask = int(words[1], 8) & 0o777
    return 0


async def let_(shell: Shell, words: list[str]) -> int:
    value = 0
    for word in words[1:]:
        value = shell.expander.evaluate(word)
    return int(value == 0)


async def read_(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    raw = False
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        option = rest.pop(0)
        raw = raw or "r" in option
        if option in {"-p", "-t", "-n", "-d"}:
            if option == "-p":
                await shell.descriptors.stderr.write(formatting.encode(rest[0] if rest else ""))
            rest = rest[1:]
    line, complete = await _logical_line(shell, raw=raw)
    ifs = shell.variables.get("IFS")
    values = _split(line, " \t\n" if ifs is None else ifs, max(1, len(rest)))
    for name, value in zip(rest or ["REPLY"], [*values, *[""] * len(rest)], strict=False):
        shell.variables.set(name, re.sub(r"\\(.)", r"\1", value) if not raw else value)
    return 0 if complete else 1


async def _logical_line(shell: Shell, *, raw: bool) -> tuple[str, bool]:
    """Read a line, and those that a backslash at its end joins to it; say whether it ended with a newline."""
    source = shell.descriptors.stdin
    text = ""
    while True:
        data = await source.readline()
        text += formatting.decode(data)
        if not text.endswith("\n"):
            return text, False
        text = text[:-1]
        if raw or not re.search(r"(?<!\\)(?:\\\\)*\\$", text):
            return text, True
        text = text[:-1]


def _split(line: str, ifs: str, count: int) -> list[str]:
    """Cut a line into ``count`` values at ``ifs``; the last one takes what is left."""
    white = "".join(char for char in ifs if char in " \t\n")
    rest = line.strip(white) if white else line
    values: list[str] = []
    while len(values) < count - 1 and rest:
        end = next((index for index, char in enumerate(rest) if char in ifs), len(rest))
        values.append(rest[:end])
        rest = rest[end:]
        stripped = rest.lstrip(white) if white else rest
        rest = stripped[1:].lstrip(white) if stripped[:1] and stripped[0] in ifs else stripped
    return [*values, rest]


async def getopts_(shell: Shell, words: list[str]) -> int:
    if len(words) < 3:
        raise ShellFault("getopts: usage: getopts optstring var [arg]", fatal=True)
    options, name, arguments = words[1], words[2], words[3:] or shell.arguments
    index, _, inner = (shell.variables.get("OPTIND") or "1").partition(".")
    position, offset = int(index or 1), int(shell.variables.get("_OPTOFF") or 1) if not inner else 1
    word = arguments[position - 1] if 0 < position <= len(arguments) else ""
    if len(word) < 2 or word[0] != "-" or word == "--":
        if word == "--":
            shell.variables.set("OPTIND", str(position + 1))
        shell.variables.set(name, "?")
        return 1
    letter, following = word[offset], word[offset + 1 :]
    place = options.find(letter)
    argument: str | None = None
    if place >= 0 and options[place + 1 : place + 2] == ":":
        position += 1
        if following:
            argument = following
        elif position <= len(arguments):
            argument, position = arguments[position - 1], position + 1
        offset = 1
        if argument is None:
            await shell.complain(f"No arg for -{letter} option")
            letter = "?"
    else:
        if place < 0 or letter == ":":
            await shell.complain(f"Illegal option -{letter}")
            letter = "?"
        position, offset = (position, offset + 1) if following else (position + 1, 1)
    shell.variables.set(name, letter)
    shell.variables.set("OPTIND", str(position))
    shell.variables.set("_OPTOFF", str(offset))
    shell.variables.set("OPTARG", argument or "")
    return 0
