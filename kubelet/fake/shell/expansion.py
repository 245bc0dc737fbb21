"""Expanding words: parameters, command substitution, arithmetic, then fields."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kubelet.fake.shell import arithmetic, patterns
from kubelet.fake.shell.faults import ShellFault
from kubelet.fake.shell.fields import DEFAULT_IFS, FieldBuilder
from kubelet.fake.shell.syntax import Arithmetic, Literal, Parameter, Part, Substitution, Word

if TYPE_CHECKING:
    from kubelet.fake.shell.interpreter import Shell


@contextmanager
def _in_memory() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ShellFault(str(error.strerror), fatal=True) from error


class Expander:
    """Expands words as one shell sees them."""

    __slots__ = ("_shell",)

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell

    async def fields(self, words: Iterable[Word]) -> list[str]:
        """Return the fields of a command's words; raise :class:`ShellFault`."""
        output: list[str] = []
        for word in words:
            if word.plain is not None:
                output.append(word.plain)
            else:
                builder = FieldBuilder(self._ifs(), None if "f" in self._shell.options else self._glob)
                await self._parts(word.parts, builder, split=False)
                output += builder.finish()
        return output

    async def text(self, word: Word) -> str:
        """Return a word that stays one: an assignment's value, a redirection's target, a here-document."""
        if word.plain is not None:
            return word.plain
        return (await self._whole(word)).text()

    async def pattern(self, word: Word) -> str:
        """Return a word as a pattern."""
        return (await self._whole(word)).pattern()

    async def matches(self, word: Word, text: str) -> bool:
        """Say whether a word, as a pattern, matches a text; raise :class:`ShellFault`."""
        pattern = await self.pattern(word)
        with _in_memory():
            return patterns.matches(pattern, text)

    async def expression(self, word: Word) -> str:
        """Return a word as an extended regular expression, in which what is quoted stands for itself."""
        return (await self._whole(word)).expression()

    async def _whole(self, word: Word) -> FieldBuilder:
        builder = FieldBuilder(None, None)
        await self._parts(word.parts, builder, split=False)
        return builder

    def _ifs(self) -> str:
        found = self._shell.variables.get("IFS")
        return DEFAULT_IFS if found is None else found

    def _glob(self, pattern: str) -> list[str]:
        return patterns.glob(self._shell.process.fs, self._shell.cwd, pattern)

    async def _parts(self, parts: tuple[Part, ...], builder: FieldBuilder, *, split: bool) -> None:
        """Add parts; ``split`` says whether unquoted text is split too, as it is in ``${x:-a b}``."""
        for index, part in enumerate(parts):
            if isinstance(part, Literal):
                text = part.text
                if index == 0 and not part.quoted and text.startswith("~"):
                    text = self._tilde(text, alone=len(parts) == 1)
                if split and not part.quoted:
                    builder.value(text)
                else:
                    builder.literal(text, part.quoted)
            elif isinstance(part, Parameter):
                await self._parameter(part, builder)
            elif isinstance(part, Substitution):
                self._add(builder, await self._shell.substitute(part.script), part.quoted)
            else:
                self._add(builder, await self.arithmetic(part), part.quoted)

    @staticmethod
    def _add(builder: FieldBuilder, value: str, quoted: bool) -> None:
        if quoted:
            builder.literal(value, True)
        else:
            builder.value(value)

    def _tilde(self, text: str, *, alone: bool) -> str:
        name, slash, rest = text.partition("/")
        if name != "~" or not (slash or alone):
            return text
        return (self._shell.variables.get("HOME") or "~") + slash + rest

    async def arithmetic(self, part: Arithmetic) -> str:
        return str(self.evaluate(await self.text(part.expression)))

    def evaluate(self, expression: str) -> int:
        """Return the value of an arithmetic expression; raise :class:`ShellFault`."""
        shell = self._shell

        def get(name: str) -> str:
            value = shell.parameter(name)
            if value is None and "u" in shell.options:
                raise ShellFault(f"{name}: parameter not set", fatal=True)
            return value or ""

        try:
            return arithmetic.evaluate(expression, get, shell.variables.set)
        except arithmetic.ArithmeticFault as error:
            raise ShellFault(str(error), fatal=True) from error

    # Parameters

    async def _parameter(self, part: Parameter, builder: FieldBuilder) -> None:
        shell = self._shell
        if part.name in {"@", "*"} and not part.operator and not part.length:
            self._arguments(part, builder)
            return
        value = shell.parameter(part.name)
        if part.length:
            self._require(part.name, value)
            length = len(shell.arguments) if part.name in {"@", "*"} else len(value or "")
            self._add(builder, str(length), part.quoted)
            return
        operator = part.operator
        if not operator:
            self._require(part.name, value)
            self._add(builder, value or "", part.quoted)
            return
        assert part.word is not None
        if operator[0] in "#%":
            self._require(part.name, value)
            pattern = await self.pattern(part.word)
            with _in_memory():
                value = patterns.trim(value or "", operator, pattern)
            self._add(builder, value, part.quoted)
            return
        absent = value is None or (operator[0] == ":" and value == "")
        if operator[-1] == "+":
            if not absent:
                await self._word(part, builder)
        elif not absent:
            if part.name in {"@", "*"}:
                self._arguments(part, builder)
            else:
                self._add(builder, value or "", part.quoted)
        elif operator[-1] == "-":
            await self._word(part, builder)
        elif operator[-1] == "=":
            await self._assign(part, builder)
        else:
            message = await self.text(part.word)
            default = "parameter null or not set" if operator[0] == ":" else "parameter not set"
            raise ShellFault(f"{part.name}: {message or default}", fatal=True)

    async def _word(self, part: Parameter, builder: FieldBuilder) -> None:
        assert part.word is not None
        if part.quoted:
            builder.literal(await self.text(part.word), True)
        else:
            await self._parts(part.word.parts, builder, split=True)

    async def _assign(self, part: Parameter, builder: FieldBuilder) -> None:
        assert part.word is not None
        if not (part.name[0].isalpha() or part.name[0] == "_"):
            raise ShellFault(f"{part.name}: bad variable name", fatal=True)
        value = await self.text(part.word)
        self._shell.variables.set(part.name, value)
        self._add(builder, value, part.quoted)

    def _require(self, name: str, value: str | None) -> None:
        if value is None and "u" in self._shell.options and name not in {"@", "*"}:
            raise ShellFault(f"{name}: parameter not set", fatal=True)

    def _arguments(self, part: Parameter, builder: FieldBuilder) -> None:
        arguments = self._shell.arguments
        if part.quoted and part.name == "*":
            ifs = self._shell.variables.get("IFS")
            builder.literal((" " if ifs is None else ifs[:1]).join(arguments), True)
            return
        if part.quoted and not arguments:
            builder.saw_no_arguments = True
        if builder.whole:
            self._add(builder, " ".join(arguments), part.quoted)
            return
        for index, argument in enumerate(arguments):
            if index and (part.quoted or builder.started):
                builder.end_field()
            self._add(builder, argument, part.quoted)
