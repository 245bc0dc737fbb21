"""Reads the expressions of an awk program, by precedence."""

from collections.abc import Iterator

from kubelet.images.utilities.awk.lexer import Token
from kubelet.images.utilities.awk.nodes import (
    Assign,
    Binary,
    Call,
    Conditional,
    Contains,
    Expression,
    FieldOf,
    Getline,
    Group,
    Item,
    Name,
    Number,
    Regex,
    Step,
    String,
    Target,
    Unary,
)
from kubelet.images.utilities.command import CommandFault

_ASSIGNING = {"=": "", "+=": "+", "-=": "-", "*=": "*", "/=": "/", "%=": "%", "^=": "^"}
_COMPARING = frozenset({"<", "<=", "==", "!=", ">", ">="})
_BEGINS_OPERAND = frozenset({
    "number",
    "string",
    "regex",
    "name",
    "call",
    "builtin",
    "$",
    "!",
    "(",
    "-",
    "+",
    "++",
    "--",
    "getline",
})
_DEEPEST = 40
"""How deep expressions may be inside one another."""


class Expressions:
    """Takes tokens one after the other."""

    def __init__(self, words: Iterator[Token]) -> None:
        self._words = words
        self.token = next(words)
        self._depth = 0
        self._in_print = False
        self._no_in = False
        self.arrays: set[str] = set()
        """Names that were used as arrays since it was last emptied."""
        self.passed: list[tuple[str, int, str]] = []
        """Bare names that were given to functions: the function, the place, the name."""

    def advance(self) -> Token:
        token, self.token = self.token, next(self._words, self.token)
        return token

    def at(self, *kinds: str) -> bool:
        return self.token.kind in kinds

    def expect(self, kind: str) -> Token:
        if self.token.kind != kind:
            raise self.fault()
        return self.advance()

    def fault(self) -> CommandFault:
        shown = {"newline": "end of line", "end": "end of program"}.get(self.token.kind, self.token.text)
        return CommandFault(f"syntax error at '{shown}'", 2)

    def newlines(self) -> None:
        while self.at("newline"):
            self.advance()

    def expression(self, *, in_print: bool = False, no_in: bool = False) -> Expression:
        """Read one; ``in_print`` leaves ``>`` to the redirection, ``no_in`` leaves ``in`` to the loop."""
        before = self._in_print, self._no_in
        self._in_print, self._no_in = in_print, no_in
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise CommandFault("syntax error: nested too deeply", 2)
            return self._ternary()
        finally:
            self._depth -= 1
            self._in_print, self._no_in = before

    def _inside(self) -> Expression:
        self.newlines()
        inner = self.expression()
        self.newlines()
        return inner

    def _ternary(self) -> Expression:
        condition = self._or()
        if self.at("?"):
            self.advance()
            self.newlines()
            then = self._ternary()
            self.newlines()
            self.expect(":")
            self.newlines()
            return Conditional(condition, then, self._ternary())
        if self.token.kind in _ASSIGNING:
            if not isinstance(condition, Name | Item | FieldOf):
                raise self.fault()
            operator = _ASSIGNING[self.advance().kind]
            self.newlines()
            return Assign(condition, operator, self._ternary())
        return condition

    def _or(self) -> Expression:
        left = self._and()
        while self.at("||"):
            self.advance()
            self.newlines()
            left = Binary("||", left, self._and())
        return left

    def _and(self) -> Expression:
        left = self._membership()
        while self.at("&&"):
            self.advance()
            self.newlines()
            left = Binary("&&", left, self._membership())
        return left

    def _membership(self) -> Expression:
        left = self._match()
        while self.at("in") and not self._no_in:
            self.advance()
            subscripts = left.items if isinstance(left, Group) else (left,)
            left = Contains(subscripts, self.array_name())
        return left

    def array_name(self) -> str:
        name = self.expect("name").text
        self.arrays.add(name)
        return name

    def _match(self) -> Expression:
        left = self._comparison()
        while self.at("~", "!~"):
            operator = self.advance().kind
            left = Binary(operator, left, self._comparison())
        return left

    def _comparison(self) -> Expression:
        left = self._concatenation()
        while True:
            if self.at("|") and not self._in_print:
                self.advance()
                self.expect("getline")
                left = Getline("|", left, self._getline_target())
            elif self.token.kind in _COMPARING and not (self._in_print and self.at(">")):
                operator = self.advance().kind
                left = Binary(operator, left, self._concatenation())
            else:
                return left

    def _concatenation(self) -> Expression:
        left = self._additive()
        while self.token.kind in _BEGINS_OPERAND and not self.at("+", "-", "getline"):
            left = Binary(" ", left, self._additive())
        return left

    def _additive(self) -> Expression:
        left = self._multiplicative()
        while self.at("+", "-"):
            operator = self.advance().kind
            left = Binary(operator, left, self._multiplicative())
        return left

    def _multiplicative(self) -> Expression:
        left = self._unary()
        while self.at("*", "/", "%"):
            operator = self.advance().kind
            left = Binary(operator, left, self._unary())
        return left

    def _unary(self) -> Expression:
        if self.at("!", "-", "+"):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise CommandFault("syntax error: nested too deeply", 2)
            operator = self.advance().kind
            inner = Unary(operator, self._unary())
            self._depth -= 1
            return inner
        return self._power()

    def _power(self) -> Expression:
        base = self._postfix()
        if self.at("^"):
            self.advance()
            # It binds to the right, and closer than a sign before it.
            exponent = self._unary()
            return Binary("^", base, exponent)
        return base

    def _postfix(self) -> Expression:
        operand = self._primary()
        if self.at("++", "--") and isinstance(operand, Name | Item | FieldOf):
            return Step(operand, 1 if self.advance().kind == "++" else -1, before=False)
        return operand

    def _primary(self) -> Expression:
        token = self.advance()
        match token.kind:
            case "number":
                hexadecimal = token.text[:2].lower() == "0x"
                return Number(float(int(token.text, 16)) if hexadecimal else float(token.text))
            case "string":
                return String(token.text)
            case "regex":
                return Regex(token.text)
            case "$":
                return FieldOf(self._field_index())
            case "++" | "--":
                stepped = self._primary()
                if not isinstance(stepped, Name | Item | FieldOf):
                    raise self.fault()
                return Step(stepped, 1 if token.kind == "++" else -1, before=True)
            case "(":
                return self._group()
            case "name":
                return self._name(token.text)
            case "call":
                return self._call(token.text)
            case "builtin":
                if self.at("("):
                    return self._call(token.text)
                if token.text == "length":
                    return Call("length", ())
            case "getline":
                target = self._getline_target()
                if self.at("<"):
                    self.advance()
                    return Getline("<", self._postfix(), target)
                return Getline("", None, target)
        self.token = token
        raise self.fault()

    def _field_index(self) -> Expression:
        if self.at("-", "+", "!"):
            return Unary(self.advance().kind, self._primary())
        return self._primary()

    def _getline_target(self) -> Target | None:
        if not self.at("name", "$"):
            return None
        target = self._primary()
        assert isinstance(target, Name | Item | FieldOf)
        return target

    def _group(self) -> Expression:
        items = [self._inside()]
        while self.at(","):
            self.advance()
            items.append(self._inside())
        self.expect(")")
        return Group(tuple(items))

    def _name(self, name: str) -> Expression:
        if not self.at("["):
            return Name(name)
        self.advance()
        return Item(self._array(name), self.subscripts())

    def _array(self, name: str) -> str:
        self.arrays.add(name)
        return name

    def subscripts(self) -> tuple[Expression, ...]:
        """Read up to the closing bracket."""
        items = [self._inside()]
        while self.at(","):
            self.advance()
            items.append(self._inside())
        self.expect("]")
        return tuple(items)

    def _call(self, name: str) -> Expression:
        self.expect("(")
        self.newlines()
        arguments: list[Expression] = []
        while not self.at(")"):
            arguments.append(self._inside())
            if not self.at(","):
                break
            self.advance()
        self.expect(")")
        for place, argument in enumerate(arguments):
            if isinstance(argument, Name):
                if (name, place) == ("split", 1):
                    self.arrays.add(argument.name)
                self.passed.append((name, place, argument.name))
        return Call(name, tuple(arguments))
