"""``sh``: the shell as a program. Reads a script from ``-c``, a file, or standard input; talks with a terminal."""

from kubelet.fake.process import Process
from kubelet.fake.shell import formatting
from kubelet.fake.shell.builtins import SPECIAL, builtins
from kubelet.fake.shell.builtins_state import apply_option
from kubelet.fake.shell.faults import ShellFault
from kubelet.fake.shell.interactive import BASH_PROMPT, PROMPT, Conversation
from kubelet.fake.shell.interpreter import Shell
from kubelet.fake.terminal import Terminal


async def sh(process: Process) -> int:
    """``sh [-aCefnuvx] [-o NAME] [-c SCRIPT [NAME [ARG...]] | FILE [ARG...]]``."""
    shell = Shell(process, builtins(), special=SPECIAL, name=process.argv[0], arguments=[])
    rest = process.argv[1:]
    script_follows = False
    try:
        while rest and rest[0][:1] in {"-", "+"} and len(rest[0]) > 1:
            word = rest.pop(0)
            if word == "--":
                break
            for letter in word[1:] if not word.startswith("--") else "":
                if letter == "c":
                    script_follows = True
                else:
                    apply_option(shell, letter, rest, on=word[0] == "-")
    except ShellFault as fault:
        await shell.complain(str(fault))
        return 2
    if script_follows:
        if not rest:
            await shell.complain("-c requires an argument")
            return 2
        text = rest.pop(0)
        if rest:
            shell.name, shell.arguments = rest[0], rest[1:]
    elif rest:
        shell.name, shell.arguments = rest[0], rest[1:]
        try:
            text = formatting.decode(process.fs.read(process.path(rest[0])))
        except OSError as error:
            await process.complain(f"{process.argv[0]}: can't open '{rest[0]}': {error.strerror}")
            return 127 if isinstance(error, FileNotFoundError) else 126
    elif isinstance(process.stdin, Terminal):
        form = BASH_PROMPT if process.argv[0].endswith("bash") else PROMPT
        return await Conversation(shell, process.stdin, form).run()
    else:
        text = formatting.decode(await process.stdin.read())
    return await shell.main(text)
