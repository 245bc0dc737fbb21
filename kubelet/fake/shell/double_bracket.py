"""``[[ ... ]]``: conditions whose words are neither split nor matched against files."""

from typing import TYPE_CHECKING

from kubelet.fake.regex.expression import compile_posix
from kubelet.fake.regex.syntax import BadExpression
from kubelet.fake.shell.conditions import BINARY, UNARY, Conditions, TestFault
from kubelet.fake.shell.faults import ShellFault
from kubelet.fake.shell.syntax import Word

if TYPE_CHECKING:
    from kubelet.fake.shell.interpreter import Shell

_BINARY = BINARY | {"=~"}
_OPERATORS = _BINARY | {"&&", "||", ")"}


async def double_bracket(shell: "Shell", words: tuple[Word, ...]) -> bool:
    """Evaluate the words between the brackets; raise :class:`ShellFault` when they make no sense."""
    evaluation = _Evaluation(shell, words)
    try:
        value = await evaluation.any()
    except TestFault as error:
        raise ShellFault(f"[[: {error}") from error
    if evaluation.position != len(words):
        raise ShellFault("[[: syntax error")
    return value


class _Evaluation:
    def __init__(self, shell: "Shell", words: tuple[Word, ...]) -> None:
        self._shell = shell
        self._words = words
        self._skipping = False
        self.position = 0

    def _peek(self, ahead: int = 0) -> str | None:
        position = self.position + ahead
        return self._words[position].plain if position < len(self._words) else None

    def _take(self, token: str) -> bool:
        if self._peek() == token:
            self.position += 1
            return True
        return False

    def _is_operand(self, ahead: int) -> bool:
        position = self.position + ahead
        return position < len(self._words) and self._words[position].plain not in _OPERATORS

    async def any(self) -> bool:
        value = await self._all()
        while self._take("||"):
            before, self._skipping = self._skipping, self._skipping or value
            right = await self._all()
            self._skipping = before
            value = value or right
        return value

    async def _all(self) -> bool:
        value = await self._not()
        while self._take("&&"):
            before, self._skipping = self._skipping, self._skipping or not value
            right = await self._not()
            self._skipping = before
            value = value and right
        return value

    async def _not(self) -> bool:
        if self._take("!"):
            return not await self._not()
        if self._take("("):
            value = await self.any()
            if not self._take(")"):
                raise ShellFault("[[: missing )")
            return value
        return await self._primary()

    async def _primary(self) -> bool:
        if self.position >= len(self._words):
            raise ShellFault("[[: argument expected")
        conditions: Conditions = self._shell.conditions()
        operator = self._peek()
        if operator in UNARY and self._is_operand(1):
            operand = self._words[self.position + 1]
            self.position += 2
            text = await self._text(operand)
            return not self._skipping and conditions.unary(operator or "", text)
        left = self._words[self.position]
        self.position += 1
        operator = self._peek()
        if operator not in _BINARY or self.position + 1 >= len(self._words):
            return await self._text(left) != ""
        right = self._words[self.position + 1]
        self.position += 2
        if self._skipping:
            return False
        return await self._binary(conditions, await self._text(left), operator or "", right)

    async def _binary(self, conditions: Conditions, left: str, operator: str, right: Word) -> bool:
        if operator in {"=", "==", "!="}:
            return await self._shell.expander.matches(right, left) == (operator != "!=")
        if operator == "=~":
            return self._is_found(left, await self._shell.expander.expression(right))
        return conditions.binary(left, operator, await self._text(right))

    @staticmethod
    def _is_found(text: str, pattern: str) -> bool:
        try:
            return compile_posix((pattern,)).search(text) is not None
        except BadExpression as error:
            raise ShellFault(f"[[: invalid regular expression `{pattern}': {error}") from error
        except OSError as error:
            raise ShellFault(f"[[: {pattern}: {error.strerror}") from error

    async def _text(self, word: Word) -> str:
        return "" if self._skipping else await self._shell.expander.text(word)
