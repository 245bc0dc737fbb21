"""Works out the expressions of an awk program."""

import math
import random
from collections.abc import Awaitable, Callable

from kubelet.fake.process import Process
from kubelet.fake.regex.expression import Expression as Searched
from kubelet.fake.regex.expression import Found
from kubelet.images.utilities.awk.functions import PURE, replacement
from kubelet.images.utilities.awk.nodes import (
    Assign,
    Binary,
    Call,
    Conditional,
    Contains,
    Expression,
    FieldOf,
    Function,
    Getline,
    Group,
    Item,
    Name,
    Number,
    Program,
    Regex,
    Step,
    String,
    Target,
    Unary,
)
from kubelet.images.utilities.awk.state import Array, Store, is_expression, split
from kubelet.images.utilities.awk.streams import Streams
from kubelet.images.utilities.awk.values import (
    LONGEST,
    Input,
    Value,
    compare,
    formatted,
    number,
    regex,
    string,
    truth,
)
from kubelet.images.utilities.command import CommandFault

_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}
_TURN = 500
"""After how many steps others get their turn."""


class Frame:
    """The parameters of a function that runs."""

    __slots__ = ("arrays", "scalars")

    def __init__(self) -> None:
        self.scalars: dict[str, Value] = {}
        self.arrays: dict[str, Array] = {}


class Evaluation:
    """Has the state of a program that runs. Functions are run by ``run_function``, which the interpreter is."""

    def __init__(
        self,
        process: Process,
        program: Program,
        store: Store,
        next_record: Callable[[], Awaitable[str | None]],
    ) -> None:
        self.process = process
        self.program = program
        self.store = store
        self.streams = Streams(process)
        self.frame: Frame | None = None
        self.run_function: Callable[[Function, Frame], Awaitable[Value]]
        self._next_record = next_record
        self._steps = 0
        self._seed = 0.0
        self._random = random.Random(0)

    async def turn(self) -> None:
        """Let others run now and then."""
        self._steps += 1
        if self._steps % _TURN == 0:
            await self.process.sleep(0)

    def text(self, value: Value) -> str:
        return string(value, self.store.text("CONVFMT"))

    async def take(self, record: str) -> None:
        """Make this the record. Where it takes an expression to find its fields, they are found at once."""
        separator = self.store.text("FS")
        fields = await self._split(record, separator) if is_expression(separator) else None
        self.store.record.set(record, fields)

    async def _split(self, text: str, separator: str) -> list[str]:
        if is_expression(separator):
            return await self._split_at(text, regex(separator))
        return split(text, separator)

    async def _split_at(self, text: str, expression: Searched) -> list[str]:
        parts, start = [], 0
        for found in expression.each(text):
            if found.end() > found.start():
                parts.append(text[start : found.start()])
                start = found.end()
            await self._searched(expression)
        return [*parts, text[start:]] if text else []

    async def _search(self, pattern: str, text: str) -> Found | None:
        expression = regex(pattern)
        await self._searched(expression)
        return expression.search(text)

    async def _searched(self, expression: Searched) -> None:
        if expression.due():
            await self.process.sleep(0)

    def array(self, name: str) -> Array:
        if self.frame is not None and name in self.frame.arrays:
            return self.frame.arrays[name]
        return self.store.arrays.setdefault(name, {})

    async def value(self, node: Expression) -> Value:
        match node:
            case Number():
                return node.value
            case String():
                return node.value
            case FieldOf():
                return self.store.get_field(self._index(await self.value(node.index)))
            case Name():
                frame = self.frame
                if frame is not None and node.name in frame.scalars:
                    return frame.scalars[node.name]
                return self.store.get(node.name)
            case Item():
                array, key = self.array(node.array), await self.key(node.subscripts)
                if key not in array:
                    self.store.put(array, key, None)
                return array[key]
            case Binary():
                return await self._binary(node)
            case Regex():
                return float(await self._search(node.pattern, self.text(self.store.get_field(0))) is not None)
            case Group():
                if len(node.items) != 1:
                    raise CommandFault("syntax error at ','", 2)
                return await self.value(node.items[0])
            case Assign():
                return await self._assign(node)
            case Step():
                old = number(await self.value(node.target))
                await self.set(node.target, old + node.by)
                return old + node.by if node.before else old
            case Unary():
                operand = await self.value(node.operand)
                if node.operator == "!":
                    return float(not truth(operand))
                return -number(operand) if node.operator == "-" else number(operand)
            case Conditional():
                return await self.value(node.then if truth(await self.value(node.condition)) else node.otherwise)
            case Contains():
                return float(await self.key(node.subscripts) in self.array(node.array))
            case Call():
                await self.turn()
                return await self._call(node)
            case Getline():
                return await self._getline(node)
        raise AssertionError(node)

    def _index(self, value: Value) -> int:
        index = number(value)
        return int(index) if math.isfinite(index) else -1

    async def key(self, subscripts: tuple[Expression, ...]) -> str:
        parts = [self.text(await self.value(subscript)) for subscript in subscripts]
        return self.store.text("SUBSEP").join(parts)

    async def set(self, target: Target, value: Value) -> None:
        match target:
            case Name():
                if self.frame is not None and target.name in self.frame.scalars:
                    self.frame.scalars[target.name] = value
                else:
                    self.store.set(target.name, value)
            case Item():
                self.store.put(self.array(target.array), await self.key(target.subscripts), value)
            case FieldOf():
                if index := self._index(await self.value(target.index)):
                    self.store.put_field(index, value)
                else:
                    await self.take(self.text(value))

    async def _assign(self, node: Assign) -> Value:
        value = await self.value(node.value)
        if node.operator:
            value = self._reckon(node.operator, number(await self.value(node.target)), number(value))
        await self.set(node.target, value)
        return value

    async def _binary(self, node: Binary) -> Value:
        operator = node.operator
        left = await self.value(node.left)
        if operator == "&&":
            return float(truth(left) and truth(await self.value(node.right)))
        if operator == "||":
            return float(truth(left) or truth(await self.value(node.right)))
        if operator in {"~", "!~"}:
            found = await self._search(await self.pattern(node.right), self.text(left))
            return float((found is not None) == (operator == "~"))
        right = await self.value(node.right)
        if operator == " ":
            joined = self.text(left) + self.text(right)
            if len(joined) > LONGEST:
                raise CommandFault("out of memory", 2)
            return joined
        if operator in _ORDER:
            return float(_ORDER[operator](compare(left, right, self.store.text("CONVFMT"))))
        return self._reckon(operator, number(left), number(right))

    async def pattern(self, node: Expression) -> str:
        return node.pattern if isinstance(node, Regex) else self.text(await self.value(node))

    def _reckon(self, operator: str, left: float, right: float) -> float:
        try:
            match operator:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
                case "/":
                    return left / right
                case "%":
                    return math.fmod(left, right)
            return math.pow(left, right)
        except OverflowError:
            return math.inf
        except (ZeroDivisionError, ValueError):
            if operator in "/%" and right == 0:
                raise CommandFault("division by zero", 2) from None
            return math.nan

    async def _getline(self, node: Getline) -> Value:
        if not node.kind:
            record = await self._next_record()
        else:
            assert node.source is not None
            records = await self.streams.reader(node.kind, self.text(await self.value(node.source)))
            if records is None:
                return -1.0
            record = await records.read(self.store.text("RS"))
            if record is not None and node.kind == "|":
                self.store.scalars["NR"] = number(self.store.scalars["NR"]) + 1
        if record is None:
            return 0.0
        if node.target is None:
            await self.take(record)
        else:
            await self.set(node.target, Input(record))
        return 1.0

    # Functions

    async def _call(self, node: Call) -> Value:
        name, given = node.name, node.arguments
        if name in PURE:
            least, most, function = PURE[name]
            if not least <= len(given) <= most:
                raise CommandFault(f"wrong number of arguments to {name}", 2)
            return function([await self.value(argument) for argument in given])
        if (own := self.program.functions.get(name)) is not None:
            return await self._call_own(own, given)
        special = getattr(self, f"_do_{name}", None)
        if special is None:
            raise CommandFault(f"call to undefined function '{name}'", 2)
        result: Value = await special(given)
        return result

    async def _call_own(self, function: Function, given: tuple[Expression, ...]) -> Value:
        if len(given) > len(function.parameters):
            raise CommandFault(f"function {function.name} called with too many arguments", 2)
        frame = Frame()
        for place, parameter in enumerate(function.parameters):
            argument = given[place] if place < len(given) else None
            if parameter in function.arrays:
                frame.arrays[parameter] = self.array(argument.name) if isinstance(argument, Name) else {}
            else:
                frame.scalars[parameter] = await self.value(argument) if argument is not None else None
        return await self.run_function(function, frame)

    async def _do_length(self, given: tuple[Expression, ...]) -> Value:
        if not given:
            return float(len(self.text(self.store.get_field(0))))
        argument = given[0]
        if isinstance(argument, Name):
            local = self.frame is not None and argument.name in self.frame.scalars
            if (self.frame is not None and argument.name in self.frame.arrays) or (
                not local and argument.name in self.store.arrays
            ):
                return float(len(self.array(argument.name)))
        return float(len(self.text(await self.value(argument))))

    async def _do_split(self, given: tuple[Expression, ...]) -> Value:
        if len(given) < 2 or not isinstance(given[1], Name):
            raise CommandFault("wrong number of arguments to split", 2)
        text = self.text(await self.value(given[0]))
        if len(given) < 3:
            parts = await self._split(text, self.store.text("FS"))
        elif isinstance(given[2], Regex):
            parts = await self._split_at(text, regex(given[2].pattern))
        else:
            parts = await self._split(text, self.text(await self.value(given[2])))
        array = self.array(given[1].name)
        self.store.clear(array)
        for place, part in enumerate(parts, 1):
            self.store.put(array, str(place), Input(part))
        return float(len(parts))

    async def _do_sub(self, given: tuple[Expression, ...]) -> Value:
        return await self._substitute(given, most=1)

    async def _do_gsub(self, given: tuple[Expression, ...]) -> Value:
        return await self._substitute(given, most=0)

    async def _substitute(self, given: tuple[Expression, ...], *, most: int) -> Value:
        if not 2 <= len(given) <= 3:
            raise CommandFault("wrong number of arguments to sub", 2)
        expression = regex(await self.pattern(given[0]))
        put = replacement(self.text(await self.value(given[1])))
        target: Expression = given[2] if len(given) > 2 else FieldOf(Number(0.0))
        text = self.text(await self.value(target))
        parts: list[str] = []
        count = held = end = 0
        for found in expression.each(text):
            parts += [text[end : found.start()], put(found.text)]
            end = found.end()
            count += 1
            held += len(parts[-2]) + len(parts[-1])
            if held > LONGEST:
                raise CommandFault("out of memory", 2)
            if count == most:
                break
            await self._searched(expression)
        if count and isinstance(target, Name | Item | FieldOf):
            await self.set(target, "".join([*parts, text[end:]]))
        return float(count)

    async def _do_match(self, given: tuple[Expression, ...]) -> Value:
        if len(given) != 2:
            raise CommandFault("wrong number of arguments to match", 2)
        found = await self._search(await self.pattern(given[1]), self.text(await self.value(given[0])))
        start, length = (found.start() + 1, found.end() - found.start()) if found is not None else (0, -1)
        self.store.scalars["RSTART"], self.store.scalars["RLENGTH"] = float(start), float(length)
        return float(start)

    async def _do_sprintf(self, given: tuple[Expression, ...]) -> Value:
        if not given:
            raise CommandFault("wrong number of arguments to sprintf", 2)
        template, *values = [await self.value(argument) for argument in given]
        return formatted(self.text(template), values, self.store.text("CONVFMT"))

    async def _do_rand(self, given: tuple[Expression, ...]) -> Value:
        return self._random.random()

    async def _do_srand(self, given: tuple[Expression, ...]) -> Value:
        before = self._seed
        self._seed = number(await self.value(given[0])) if given else float(int(self.process.clock.now().timestamp()))
        self._random.seed(self._seed)
        return before

    async def _do_system(self, given: tuple[Expression, ...]) -> Value:
        return float(await self.streams.system(self.text(await self.value(given[0])))) if given else 0.0

    async def _do_close(self, given: tuple[Expression, ...]) -> Value:
        return float(await self.streams.close(self.text(await self.value(given[0])))) if given else -1.0

    async def _do_fflush(self, given: tuple[Expression, ...]) -> Value:
        await self.streams.flush()
        return 0.0

    async def _do_systime(self, given: tuple[Expression, ...]) -> Value:
        return float(int(self.process.clock.now().timestamp()))
