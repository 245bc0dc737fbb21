"""The shell's own commands: all of them by name, and those for flow, output and finding things."""

import posixpath
from collections.abc import Mapping

from kubelet.fake.shell import builtins_jobs as jobs
from kubelet.fake.shell import builtins_state as state
from kubelet.fake.shell import formatting
from kubelet.fake.shell.builtins_state import parse_number
from kubelet.fake.shell.conditions import TestFault
from kubelet.fake.shell.faults import Break, Continue, Exit, Return, ShellFault
from kubelet.fake.shell.interpreter import Builtin, Shell
from kubelet.fake.shell.parser import RESERVED

SPECIAL = frozenset({
    ".",
    ":",
    "break",
    "continue",
    "eval",
    "exec",
    "exit",
    "export",
    "readonly",
    "return",
    "set",
    "shift",
    "times",
    "trap",
    "unset",
})
"""Assignments before these outlive them (POSIX, "special built-in utilities")."""


def builtins() -> Mapping[str, Builtin]:
    """Return the shell's own commands by name."""
    return {
        ":": _true,
        "true": _true,
        "false": _false,
        ".": _source,
        "source": _source,
        "[": _test,
        "test": _test,
        "break": _break,
        "cd": _cd,
        "command": _command,
        "continue": _continue,
        "echo": _echo,
        "eval": _eval,
        "exec": _exec,
        "exit": _exit,
        "export": state.export_,
        "getopts": state.getopts_,
        "jobs": jobs.jobs_,
        "kill": jobs.kill_,
        "let": state.let_,
        "local": state.local_,
        "printf": _printf,
        "pwd": _pwd,
        "read": state.read_,
        "readonly": state.readonly_,
        "return": _return,
        "set": state.set_,
        "shift": state.shift_,
        "trap": jobs.trap_,
        "type": _type,
        "umask": state.umask_,
        "unset": state.unset_,
        "wait": jobs.wait_,
    }


async def _true(shell: Shell, words: list[str]) -> int:
    return 0


async def _false(shell: Shell, words: list[str]) -> int:
    return 1


async def _source(shell: Shell, words: list[str]) -> int:
    if len(words) < 2:
        raise ShellFault(f"{words[0]}: filename argument required", fatal=True)
    name = words[1]
    folders = (shell.variables.get("PATH") or "").split(":") if "/" not in name else [shell.cwd]
    found = next((path for folder in folders if shell.process.fs.is_file(path := posixpath.join(folder, name))), None)
    if found is None:
        raise ShellFault(f"{words[0]}: can't open '{name}': No such file or directory", fatal=True)
    before = shell.arguments
    shell.arguments = words[2:] or before
    try:
        return await shell.run_text(formatting.decode(shell.process.fs.read(found)))
    except Return as leave:
        return leave.status
    finally:
        shell.arguments = before if words[2:] else shell.arguments


async def _test(shell: Shell, words: list[str]) -> int:
    arguments = words[1:]
    if words[0] == "[" and (not arguments or arguments.pop() != "]"):
        raise ShellFault("[: missing ]")
    try:
        return int(not shell.conditions().test(arguments))
    except TestFault as error:
        raise ShellFault(f"{words[0]}: {error}") from error


async def _echo(shell: Shell, words: list[str]) -> int:
    await shell.write(formatting.echo(words[1:]))
    return 0


async def _printf(shell: Shell, words: list[str]) -> int:
    data, errors = formatting.printf(words[1:])
    await shell.write(data)
    for error in errors:
        await shell.complain(error)
    return int(bool(errors))


# Flow


async def _break(shell: Shell, words: list[str]) -> int:
    if shell.loops:
        raise Break(min(_levels(words), shell.loops))
    return 0


async def _continue(shell: Shell, words: list[str]) -> int:
    if shell.loops:
        raise Continue(min(_levels(words), shell.loops))
    return 0


def _levels(words: list[str]) -> int:
    levels = parse_number(words[0], words[1]) if len(words) > 1 else 1
    if levels < 1:
        raise ShellFault(f"{words[0]}: Illegal number: {words[1]}", fatal=True)
    return levels


async def _exit(shell: Shell, words: list[str]) -> int:
    raise Exit(parse_number("exit", words[1]) if len(words) > 1 else shell.status)


async def _return(shell: Shell, words: list[str]) -> int:
    raise Return(parse_number("return", words[1]) if len(words) > 1 else shell.status)


async def _eval(shell: Shell, words: list[str]) -> int:
    return await shell.run_text(" ".join(words[1:]))


async def _exec(shell: Shell, words: list[str]) -> int:
    return await shell.exec_program(words[1:]) if len(words) > 1 else 0


async def _command(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    describe = ""
    while rest and rest[0] in {"-v", "-V", "-p", "--"}:
        option = rest.pop(0)
        if option == "--":
            break
        describe = option if option != "-p" else describe
    if not rest:
        return 0
    if describe:
        return max([await _describe(shell, name, verbose=describe == "-V") for name in rest])
    builtin = shell.builtin(rest[0])
    if builtin is not None:
        return await builtin(shell, rest)
    return await shell.run_program(rest)


async def _type(shell: Shell, words: list[str]) -> int:
    return max([await _describe(shell, name, verbose=True) for name in words[1:]], default=0)


async def _describe(shell: Shell, name: str, *, verbose: bool) -> int:
    if name in RESERVED:
        text = f"{name} is a shell keyword" if verbose else name
    elif name in shell.functions:
        text = f"{name} is a function" if verbose else name
    elif shell.builtin(name) is not None:
        text = f"{name} is a shell builtin" if verbose else name
    else:
        try:
            path, _ = shell.find(name)
        except ShellFault:
            if verbose:
                await shell.write(formatting.encode(f"{name}: not found\n"))
            return 127
        text = f"{name} is {path}" if verbose else path
    await shell.write(formatting.encode(f"{text}\n"))
    return 0


# State


async def _cd(shell: Shell, words: list[str]) -> int:
    rest = [word for word in words[1:] if word not in {"-L", "-P", "--"}]
    target = rest[0] if rest else shell.variables.get("HOME") or "/"
    if target == "-":
        target = shell.variables.get("OLDPWD") or shell.cwd
        await shell.write(formatting.encode(f"{target}\n"))
    path = posixpath.normpath(shell.path(target))
    try:
        is_directory = shell.process.fs.stat(path).is_dir
    except OSError as error:
        raise ShellFault(f"cd: can't cd to {target}: {error.strerror}", 2) from error
    if not is_directory:
        raise ShellFault(f"cd: can't cd to {target}: Not a directory", 2)
    if not shell.process.fs.may_enter(path):
        raise ShellFault(f"cd: can't cd to {target}: Permission denied", 2)
    shell.variables.set("OLDPWD", shell.cwd)
    shell.cwd = "/" + path.lstrip("/")
    shell.variables.set("PWD", shell.cwd)
    return 0


async def _pwd(shell: Shell, words: list[str]) -> int:
    path = shell.process.fs.realpath(shell.cwd) if "-P" in words else shell.cwd
    await shell.write(formatting.encode(f"{path}\n"))
    return 0
