"""Reads an awk program: rules, functions, statements."""

from kubelet.images.utilities.awk.expressions import Expressions
from kubelet.images.utilities.awk.lexer import tokens
from kubelet.images.utilities.awk.nodes import (
    Block,
    Delete,
    Expression,
    ForIn,
    Function,
    Group,
    If,
    Leave,
    Name,
    Print,
    Program,
    Rule,
    Simple,
    Statement,
    While,
)
from kubelet.images.utilities.command import CommandFault

_DEEPEST = 60


def parse(text: str) -> Program:
    """Return a program; raise :class:`CommandFault`."""
    return _Parser(text).program()


class _Parser(Expressions):
    def __init__(self, text: str) -> None:
        super().__init__(tokens(text))
        self._calls: list[tuple[str, str, int, str]] = []
        self._level = 0

    def program(self) -> Program:
        program = Program()
        self._separators()
        while not self.at("end"):
            self._item(program)
            self._separators()
        self._spread_arrays(program)
        return program

    def _separators(self) -> None:
        while self.at("newline", ";"):
            self.advance()

    def _item(self, program: Program) -> None:
        if self.at("BEGIN", "END"):
            blocks = program.begin if self.advance().kind == "BEGIN" else program.end
            self.newlines()
            blocks.append(self._block())
        elif self.at("function"):
            self._function(program)
        else:
            pattern = until = None
            if not self.at("{"):
                pattern = self.expression()
                if self.at(","):
                    self.advance()
                    self.newlines()
                    until = self.expression()
            program.rules.append(Rule(pattern, until, self._block() if self.at("{") else None))

    def _function(self, program: Program) -> None:
        self.advance()
        name = self.expect("call" if self.at("call") else "name").text
        self.expect("(")
        parameters: list[str] = []
        self.newlines()
        while not self.at(")"):
            parameters.append(self.expect("name").text)
            self.newlines()
            if self.at(","):
                self.advance()
                self.newlines()
        self.expect(")")
        self.newlines()
        self.arrays.clear()
        self.passed.clear()
        function = program.functions[name] = Function(name, tuple(parameters))
        function.body = self._block()
        function.arrays = self.arrays & set(parameters)
        self._calls += [(name, called, place, given) for called, place, given in self.passed if given in parameters]

    def _spread_arrays(self, program: Program) -> None:
        """A parameter that is handed on as an array is one itself."""
        changed = True
        while changed:
            changed = False
            for owner, called, place, given in self._calls:
                target = program.functions.get(called)
                if target is None or place >= len(target.parameters):
                    continue
                if target.parameters[place] in target.arrays and given not in program.functions[owner].arrays:
                    program.functions[owner].arrays.add(given)
                    changed = True

    # Statements

    def _block(self) -> Block:
        self.expect("{")
        body: list[Statement] = []
        self._separators()
        while not self.at("}"):
            body.append(self._statement())
            self._separators()
        self.expect("}")
        return Block(tuple(body))

    def _statement(self) -> Statement:
        self._level += 1
        if self._level > _DEEPEST:
            raise CommandFault("syntax error: nested too deeply", 2)
        try:
            match self.token.kind:
                case "{":
                    return self._block()
                case "if":
                    return self._if()
                case "while":
                    return self._while()
                case "do":
                    return self._do()
                case "for":
                    return self._for()
                case ";":
                    self.advance()
                    return Block(())
            simple = self._simple()
            self._end_of_statement()
            return simple
        finally:
            self._level -= 1

    def _end_of_statement(self) -> None:
        if self.at(";", "newline"):
            self.advance()
        elif not self.at("}", "end"):
            raise self.fault()

    def _body(self) -> Statement:
        self.newlines()
        return self._statement()

    def _condition(self) -> Expression:
        self.expect("(")
        self.newlines()
        condition = self.expression()
        self.newlines()
        self.expect(")")
        return condition

    def _if(self) -> Statement:
        self.advance()
        condition = self._condition()
        then = self._body()
        # A semicolon or new lines may stand before the other half.
        self._separators()
        if not self.at("else"):
            return If(condition, then, None)
        self.advance()
        return If(condition, then, self._body())

    def _while(self) -> Statement:
        self.advance()
        condition = self._condition()
        if self.at(";"):
            self.advance()
            return While(condition, Block(()))
        return While(condition, self._body())

    def _do(self) -> Statement:
        self.advance()
        body = self._body()
        self._separators()
        self.expect("while")
        condition = self._condition()
        self._end_of_statement()
        return While(condition, body, at_least_once=True)

    def _for(self) -> Statement:
        self.advance()
        self.expect("(")
        start = None if self.at(";") else self._simple(no_in=True)
        if self.at("in") and isinstance(start, Simple):
            variable = start.expression.items[0] if isinstance(start.expression, Group) else start.expression
            if not isinstance(variable, Name):
                raise self.fault()
            self.advance()
            array = self.array_name()
            self.expect(")")
            return ForIn(variable.name, array, self._body())
        self.expect(";")
        self.newlines()
        condition = None if self.at(";") else self.expression()
        self.expect(";")
        self.newlines()
        step = None if self.at(")") else self._simple()
        self.expect(")")
        loop = While(condition, self._body() if not self.at(";") else self._statement(), step=step)
        return Block((start, loop)) if start is not None else loop

    def _simple(self, *, no_in: bool = False) -> Statement:
        match self.token.kind:
            case "print" | "printf":
                return self._print()
            case "break" | "continue" | "next" | "nextfile":
                return Leave(self.advance().kind)
            case "exit" | "return":
                kind = self.advance().kind
                return Leave(kind, None if self.at(";", "newline", "}", "end") else self.expression())
            case "delete":
                self.advance()
                name = self.array_name()
                if not self.at("["):
                    return Delete(name, ())
                self.advance()
                return Delete(name, self.subscripts())
        return Simple(self.expression(no_in=no_in))

    def _print(self) -> Statement:
        formatted = self.advance().kind == "printf"
        arguments: list[Expression] = []
        if not self.at(";", "newline", "}", "end", ">", ">>", "|"):
            arguments.append(self.expression(in_print=True))
            while self.at(","):
                self.advance()
                self.newlines()
                arguments.append(self.expression(in_print=True))
        if len(arguments) == 1 and isinstance(arguments[0], Group):
            arguments = list(arguments[0].items)
        redirect, target = "", None
        if self.at(">", ">>", "|"):
            redirect = self.advance().kind
            target = self.expression(in_print=True)
        return Print(tuple(arguments), formatted, redirect, target)
