"""A shell that somebody types into: a prompt, a command, its result, and again."""

import asyncio
import re
import signal
from collections.abc import Iterator

from kubelet.fake.shell import formatting
from kubelet.fake.shell.faults import Exit, Flow, ShellFault
from kubelet.fake.shell.interpreter import Shell
from kubelet.fake.streams import Input

PROMPT = r"\w \$ "
"""As busybox has it. ``PS1`` replaces it."""
BASH_PROMPT = r"\u@\h:\w\$ "
CONTINUATION = "> "
LONGEST_COMMAND = 256 * 1024
INTERRUPTED = 128 + signal.SIGINT

_TOKEN = re.compile(r"\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|#[^\n]*|&&|\|\||;;|[;&|(){}\n]|[^\s;&|(){}'\"\\#]+", re.DOTALL)
_HERE_DOCUMENT = re.compile(r"<<(-?)\s*(\\?['\"]?)(\w+)['\"]?")
_OPENS = {"if": "fi", "case": "esac", "do": "done", "{": "}", "(": ")"}
_CLOSES = frozenset(_OPENS.values())
_LOOPS = frozenset({"while", "until", "for"})
_SEPARATORS = frozenset({";", ";;", "&", "|", "&&", "||", "\n", "(", ")", "{"})
_BEFORE_COMMAND = _SEPARATORS | {"then", "do", "else", "elif", "if", "while", "until", "!"}
_GOES_ON = frozenset({"&&", "||", "|"})


def needs_more(text: str) -> bool:
    """Whether what has been typed is only the beginning of a command: something is still open at its end."""
    if text.endswith("\\\n"):
        return True
    if _unfinished_document(text):
        return True
    rest = _TOKEN.sub("", text)
    if "'" in rest or '"' in rest:
        return True
    open_words: list[str] = []
    before, last = "\n", ""
    for token in _tokens(text):
        if before in _BEFORE_COMMAND:
            _follow(token, open_words)
        elif token == "do" and open_words[-1:] == ["do"]:
            open_words[-1] = "done"
        elif token in {")", "}"} and open_words[-1:] == [token]:
            open_words.pop()
        before = token
        if token != "\n":
            last = token
    return bool(open_words) or last in _GOES_ON


def _follow(token: str, open_words: list[str]) -> None:
    """Note what a word that begins a command opens or closes."""
    if token in _LOOPS:
        open_words.append("do")
    elif token == "do" and open_words[-1:] == ["do"]:
        open_words[-1] = "done"
    elif token in _OPENS:
        open_words.append(_OPENS[token])
    elif token in _CLOSES and open_words[-1:] == [token]:
        open_words.pop()


def _tokens(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(text):
        if not found[0].startswith("#"):
            yield found[0]


def _unfinished_document(text: str) -> bool:
    for found in _HERE_DOCUMENT.finditer(text):
        lines = text[found.end() :].split("\n")[1:]
        ended = [line.lstrip("\t") if found[1] else line for line in lines]
        if found[3] not in ended:
            return True
    return False


def prompt(form: str, *, user: str, host: str, cwd: str, home: str) -> str:
    r"""Return a prompt made by a form: ``\u`` is the user, ``\h`` the host, ``\w`` the folder, ``\$`` tells root."""
    shown = "~" + cwd[len(home) :] if home and (cwd == home or cwd.startswith(f"{home}/")) else cwd
    values = {
        "u": user,
        "h": host.partition(".")[0],
        "H": host,
        "w": shown,
        "W": shown.rpartition("/")[2] or shown,
        "$": "#" if user == "root" else "$",
        "n": "\n",
        "\\": "\\",
        "[": "",
        "]": "",
        "e": "\x1b",
    }
    return re.sub(r"\\(.)", lambda found: values.get(found[1], found[0]), form)


class Conversation:
    """Reads commands from ``source`` and has a shell run them, until its end or ``exit``."""

    def __init__(self, shell: Shell, source: Input, form: str) -> None:
        self._shell = shell
        self._source = source
        self._form = form
        self._running: asyncio.Task[int] | None = None

    async def run(self) -> int:
        """Return the exit code."""
        shell = self._shell
        shell.on_interrupt = self._interrupt
        shell.install_traps()
        return await shell.finish(self._talk())

    def _interrupt(self) -> None:
        if self._running is not None:
            self._running.cancel()

    async def _talk(self) -> int:
        shell = self._shell
        while (text := await self._command()) is not None:
            if text.strip():
                shell.status = await self._carry_out(text)
        return shell.status

    async def _command(self) -> str | None:
        """Ask for a command; ``None`` at the end of input."""
        text, ask = "", self._prompt()
        while True:
            await self._shell.descriptors.stderr.write(formatting.encode(ask))
            line = await self._source.readline()
            if not line:
                return text or None
            text += formatting.decode(line)
            if len(text) > LONGEST_COMMAND or not needs_more(text):
                return text
            ask = CONTINUATION

    def _prompt(self) -> str:
        shell = self._shell
        values = shell.variables
        user = values.get("USER") or ("root" if shell.process.uid == 0 else str(shell.process.uid))
        form = values.get("PS1") or self._form
        return prompt(form, user=user, host=shell.process.hostname, cwd=shell.cwd, home=values.get("HOME") or "")

    async def _carry_out(self, text: str) -> int:
        """Run a command, which ``^C`` may end."""
        leave: Exit | None = None
        status = INTERRUPTED

        async def run() -> int:
            nonlocal leave
            try:
                return await self._shell.run_text(text)
            except Exit as asked:
                leave = asked
                return asked.status
            except Flow:
                return 0
            except ShellFault as fault:
                await self._shell.complain(str(fault))
                return fault.status

        async with asyncio.TaskGroup() as group:
            self._running = group.create_task(run(), name="typed command")
            await asyncio.wait({self._running})
        if not self._running.cancelled():
            status = self._running.result()
        self._running = None
        if leave is not None:
            raise leave
        return status
