"""``awk``: runs a program over records."""

import re
from collections.abc import Sequence

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.shell.formatting import decode
from kubelet.images.utilities.awk.evaluation import Evaluation, Frame
from kubelet.images.utilities.awk.lexer import unescape
from kubelet.images.utilities.awk.nodes import (
    Block,
    Delete,
    ForIn,
    Function,
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
from kubelet.images.utilities.awk.parser import parse
from kubelet.images.utilities.awk.state import Store
from kubelet.images.utilities.awk.streams import Records
from kubelet.images.utilities.awk.values import Input, Value, formatted, number, string, truth
from kubelet.images.utilities.command import CommandFault, complain, parse_options

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


class _Left(Exception):
    """A statement leaves what it is in: ``kind`` says how far."""

    def __init__(self, kind: str, value: Value = None) -> None:
        self.kind = kind
        self.value = value


async def awk(process: Process) -> int:
    """``awk [-F SEPARATOR] [-v NAME=VALUE]... [-f FILE | PROGRAM] [NAME=VALUE | FILE]...``."""
    options = parse_options(process.argv[1:], "", "Fvfe", permute=False)
    sources = []
    for letter, value in options.given:
        if letter == "f":
            try:
                sources.append(decode(process.fs.read(process.path(value))))
            except OSError as error:
                raise CommandFault(f"can't open '{value}': {error.strerror}", 2) from error
        elif letter == "e":
            sources.append(value)
    if not sources:
        if not options.operands:
            raise CommandFault("usage: awk [-F SEP] [-v VAR=VAL]... [-f PROGFILE | PROGRAM] [FILE]...", 2)
        sources = [options.operands.pop(0)]
    store = Store(process.env.items(), ["awk", *options.operands])
    if "F" in options.values:
        separator = unescape(options.values["F"])
        store.set("FS", "\t" if separator == "t" else separator)
    for letter, value in options.given:
        if letter == "v":
            _assign(store, value)
    interpreter = _Interpreter(process, parse("\n".join(sources)), store)
    try:
        return await interpreter.run()
    except RecursionError:
        raise CommandFault("nested too deeply", 2) from None
    except OverflowError:
        raise CommandFault("number out of range", 2) from None


def _assign(store: Store, word: str) -> None:
    found = _ASSIGNMENT.fullmatch(word)
    if found is None:
        raise CommandFault(f"bad variable '{word}'", 2)
    store.set(found[1], Input(unescape(found[2])))


class _Interpreter:
    def __init__(self, process: Process, program: Program, store: Store) -> None:
        self._process = process
        self._program = program
        self._store = store
        self._evaluation = Evaluation(process, program, store, self._next_record)
        self._evaluation.run_function = self._run_function
        self._within: set[int] = set()
        """Range patterns that have begun, by the number of their rule."""
        self._input: Records | None = None
        self._argument = 1
        self._read_any = False
        self._status = 0

    async def run(self) -> int:
        program = self._program
        code = 0.0
        try:
            try:
                for block in program.begin:
                    await self._do(block)
                if program.rules or program.end:
                    await self._records()
            except _Left as left:
                if left.kind != "exit":
                    raise CommandFault(f"'{left.kind}' is not possible here", 2) from None
                code = number(left.value)
                if self._evaluation.frame is not None:
                    self._evaluation.frame = None
            for block in program.end:
                await self._do(block)
        except _Left as left:
            code = number(left.value) if left.value is not None or left.kind != "exit" else code
        finally:
            await self._evaluation.streams.close_all()
        return int(code) & 0xFF or self._status

    async def _records(self) -> None:
        while (record := await self._next_record()) is not None:
            await self._evaluation.take(record)
            await self._evaluation.turn()
            try:
                for index, rule in enumerate(self._program.rules):
                    if await self._applies(index, rule):
                        if rule.body is None:
                            await self._print(Print((), formatted=False))
                        else:
                            await self._do(rule.body)
            except _Left as left:
                if left.kind == "nextfile":
                    self._input = None
                elif left.kind != "next":
                    raise

    async def _next_record(self) -> str | None:
        """Return the next record of the program's input, and count it."""
        scalars = self._store.scalars
        while True:
            if self._input is None and not await self._next_input():
                return None
            assert self._input is not None
            record = await self._input.read(self._store.text("RS"))
            if record is not None:
                scalars["NR"], scalars["FNR"] = number(scalars["NR"]) + 1, number(scalars["FNR"]) + 1
                return record
            self._input = None

    async def _next_input(self) -> bool:
        """Open the next operand, or standard input when there is no file among them; false when none is left."""
        arguments = self._store.arrays["ARGV"]
        while self._argument < number(self._store.get("ARGC")):
            word = string(arguments.get(str(self._argument)), "%.6g")
            self._argument += 1
            if not word:
                continue
            if _ASSIGNMENT.fullmatch(word) and "/" not in word.partition("=")[0]:
                _assign(self._store, word)
                continue
            self._read_any = True
            try:
                source = self._process.stdin if word == "-" else open_input(self._process.fs, self._process.path(word))
            except OSError as error:
                await complain(self._process, f"{word}: {error.strerror}")
                self._status = 2
                continue
            self._store.scalars["FILENAME"], self._store.scalars["FNR"] = Input(word), 0.0
            self._input = Records(self._process, source)
            return True
        if self._read_any:
            return False
        self._read_any = True
        self._input = Records(self._process, self._process.stdin)
        return True

    async def _applies(self, index: int, rule: Rule) -> bool:
        if rule.pattern is None:
            return True
        value = self._evaluation.value
        if rule.until is None:
            return truth(await value(rule.pattern))
        if index not in self._within and not truth(await value(rule.pattern)):
            return False
        self._within.add(index)
        if truth(await value(rule.until)):
            self._within.discard(index)
        return True

    async def _run_function(self, function: Function, frame: Frame) -> Value:
        before, self._evaluation.frame = self._evaluation.frame, frame
        try:
            await self._do(function.body)
        except _Left as left:
            if left.kind != "return":
                raise
            return left.value
        finally:
            self._evaluation.frame = before
        return None

    async def _do(self, node: Statement) -> None:
        match node:
            case Block():
                for statement in node.body:
                    await self._do(statement)
            case Simple():
                await self._evaluation.value(node.expression)
            case Print():
                await self._print(node)
            case If():
                if truth(await self._evaluation.value(node.condition)):
                    await self._do(node.then)
                elif node.otherwise is not None:
                    await self._do(node.otherwise)
            case While():
                await self._while(node)
            case ForIn():
                await self._for_in(node)
            case Delete():
                array = self._evaluation.array(node.array)
                if node.subscripts:
                    self._store.remove(array, await self._evaluation.key(node.subscripts))
                else:
                    self._store.clear(array)
            case Leave():
                raise _Left(node.kind, None if node.value is None else await self._evaluation.value(node.value))

    async def _while(self, node: While) -> None:
        first = node.at_least_once
        while first or node.condition is None or truth(await self._evaluation.value(node.condition)):
            first = False
            await self._evaluation.turn()
            if await self._round(node.body):
                return
            if node.step is not None:
                await self._do(node.step)

    async def _round(self, body: Statement) -> bool:
        """Do a loop's body; true when it was left with ``break``."""
        try:
            await self._do(body)
        except _Left as left:
            if left.kind not in {"break", "continue"}:
                raise
            return left.kind == "break"
        return False

    async def _for_in(self, node: ForIn) -> None:
        array = self._evaluation.array(node.array)
        for key in list(array):
            await self._evaluation.turn()
            if key in array:
                await self._evaluation.set(Name(node.name), Input(key))
                if await self._round(node.body):
                    return

    async def _print(self, node: Print) -> None:
        evaluation, store = self._evaluation, self._store
        values: Sequence[Value] = [await evaluation.value(argument) for argument in node.arguments]
        if node.formatted:
            if not values:
                raise CommandFault("syntax error at 'printf'", 2)
            text = formatted(evaluation.text(values[0]), list(values[1:]), store.text("CONVFMT"))
        else:
            shown = values or [store.get_field(0)]
            text = store.text("OFS").join(string(value, store.text("OFMT")) for value in shown) + store.text("ORS")
        target = evaluation.text(await evaluation.value(node.target)) if node.target is not None else ""
        await evaluation.streams.write(text, node.redirect, target)
