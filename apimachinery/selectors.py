"""Label selectors, as text (``app=web,tier in (a,b)``) and as objects, and field selectors.

Follows ``k8s.io/apimachinery/pkg/labels`` and ``pkg/fields`` (v0.36). A parsed selector is a value: it is
matched against many label maps and compared or printed like any other.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from apimachinery import names
from apimachinery.types.base import LabelSelector


class Operator(StrEnum):
    """Text operators and the object form's (``In``, ``NotIn``, ``Exists``, ``DoesNotExist``) in one."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    DOES_NOT_EXIST = "!"
    GREATER_THAN = "gt"
    LESS_THAN = "lt"


class SelectorSyntaxError(ValueError):
    """The selector does not parse; the text is fit for a 400's message."""


@dataclass(frozen=True, slots=True)
class Requirement:
    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        found = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return found is not None and found in self.values
            case Operator.NOT_IN:
                return found is None or found not in self.values
            case Operator.EXISTS:
                return found is not None
            case Operator.DOES_NOT_EXIST:
                return found is None
        return found is not None and _compare(found, self.operator, next(iter(self.values)))


def _compare(found: str, operator: Operator, bound: str) -> bool:
    try:
        left, right = int(found), int(bound)
    except ValueError:
        return False
    return left > right if operator is Operator.GREATER_THAN else left < right


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements must hold; none at all matches everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        # A loop, because controllers ask this of every pod of an owner again and again.
        for requirement in self.requirements:  # noqa: SIM110
            if not requirement.matches(labels):
                return False
        return True

    @property
    def empty(self) -> bool:
        return not self.requirements

    @property
    def equality(self) -> tuple[str, str] | None:
        """The one label and value that is selected by, when that is all; most selectors are like this."""
        if len(self.requirements) != 1:
            return None
        (only,) = self.requirements
        if only.operator is not Operator.IN or len(only.values) != 1:
            return None
        return only.key, next(iter(only.values))


EVERYTHING = Selector()

_TOKEN = re.compile(r"\s*(?:(==|!=|=|!|<|>|\(|\)|,)|([^\s=!<>(),]+))")


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise SelectorSyntaxError(f"unable to parse requirement: found {text[position:].strip()!r}")
        tokens.append(found.group(1) or found.group(2))
        position = found.end()
    return tokens


_PUNCTUATION = frozenset({"==", "!=", "=", "!", "<", ">", "(", ")", ","})


class _Parser:
    """Recursive descent over the tokens of a label selector's text."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._position = 0

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._position += 1
        return token

    def parse(self) -> Selector:
        requirements: list[Requirement] = []
        if not self._tokens:
            return EVERYTHING
        while True:
            requirements.append(self._requirement())
            separator = self._next()
            if not separator:
                break
            if separator != ",":
                raise SelectorSyntaxError(f"found '{separator}', expected: ',' or 'end of string'")
        return Selector(tuple(sorted(requirements, key=lambda requirement: requirement.key)))

    def _word(self, expected: str) -> str:
        token = self._next()
        if not token or token in _PUNCTUATION:
            raise SelectorSyntaxError(f"found '{token}', expected: {expected}")
        return token

    def _requirement(self) -> Requirement:
        if self._peek() == "!":
            self._next()
            return _checked(self._word("identifier"), Operator.DOES_NOT_EXIST, frozenset())
        key = self._word("!, identifier, or 'end of string'")
        operator = self._peek()
        if operator in {"", ","}:
            return _checked(key, Operator.EXISTS, frozenset())
        self._next()
        if operator in {"=", "=="}:
            return _checked(key, Operator.IN, frozenset({self._value()}))
        if operator == "!=":
            return _checked(key, Operator.NOT_IN, frozenset({self._value()}))
        if operator in {"<", ">"}:
            chosen = Operator.GREATER_THAN if operator == ">" else Operator.LESS_THAN
            bound = self._value()
            if not re.fullmatch(r"[+-]?\d+", bound):
                raise SelectorSyntaxError("for 'Gt', 'Lt' operators, the value must be an integer")
            return _checked(key, chosen, frozenset({bound}))
        if operator in {"in", "notin"}:
            return _checked(key, Operator(operator), self._values())
        raise SelectorSyntaxError(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")

    def _value(self) -> str:
        # `a=` selects the empty value.
        return "" if self._peek() in {"", ","} else self._word("identifier")

    def _values(self) -> frozenset[str]:
        if self._next() != "(":
            raise SelectorSyntaxError("found '', expected: '('")
        values: set[str] = set()
        while True:
            values.add("" if self._peek() in {",", ")"} else self._word("identifier"))
            separator = self._next()
            if separator == ")":
                return frozenset(values)
            if separator != ",":
                raise SelectorSyntaxError(f"found '{separator}', expected: ',' or ')'")


def _checked(key: str, operator: Operator, values: frozenset[str]) -> Requirement:
    problems = names.qualified_name(key)
    if problems:
        raise SelectorSyntaxError(f'key: Invalid value: "{key}": {"; ".join(problems)}')
    for value in sorted(values):
        problems = names.label_value(value)
        if problems:
            raise SelectorSyntaxError(f'values[0][{key}]: Invalid value: "{value}": {"; ".join(problems)}')
    return Requirement(key, operator, values)


@lru_cache(maxsize=4096)
def parse_label_selector(text: str) -> Selector:
    """Parse the ``labelSelector`` query parameter; raise :class:`SelectorSyntaxError`."""
    return _Parser(text).parse()


_OBJECT_OPERATORS = {
    "In": Operator.IN,
    "NotIn": Operator.NOT_IN,
    "Exists": Operator.EXISTS,
    "DoesNotExist": Operator.DOES_NOT_EXIST,
    "Gt": Operator.GREATER_THAN,
    "Lt": Operator.LESS_THAN,
}


def object_operator(name: str) -> Operator:
    """Return the operator for the name used inside objects (``In``, ``Exists``, ``Gt`` …)."""
    try:
        return _OBJECT_OPERATORS[name]
    except KeyError:
        raise SelectorSyntaxError(f'"{name}" is not a valid label selector operator') from None


def from_label_selector(selector: LabelSelector | None) -> Selector | None:
    """Turn the object form into a selector.

    ``None`` (no selector) selects nothing and gives ``None``; an empty one selects everything, as upstream's
    ``metav1.LabelSelectorAsSelector``.
    """
    if selector is None:
        return None
    requirements = [Requirement(key, Operator.IN, frozenset({value})) for key, value in selector.match_labels.items()]
    requirements += [
        Requirement(entry.key, object_operator(entry.operator), frozenset(entry.values))
        for entry in selector.match_expressions
    ]
    return Selector(tuple(sorted(requirements, key=lambda requirement: requirement.key)))


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    field: str
    value: str
    equal: bool = True

    def matches(self, value: str) -> bool:
        """Whether ``value`` is what the field is to have, or, unless ``equal``, is not to have."""
        return (value == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """Terms over a kind's selectable fields; a field the object lacks counts as the empty string."""

    requirements: tuple[FieldRequirement, ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        return all(term.matches(fields.get(term.field, "")) for term in self.requirements)

    @property
    def empty(self) -> bool:
        return not self.requirements

    def exact(self, field: str) -> str | None:
        """Return the value that ``field`` must equal, when there is such a term."""
        return next((term.value for term in self.requirements if term.field == field and term.equal), None)

    def check_supported(self, supported: Collection[str]) -> None:
        """Raise :class:`SelectorSyntaxError` naming the first field that is not in ``supported``."""
        for term in self.requirements:
            if term.field not in supported:
                raise SelectorSyntaxError(f'"{term.field}" is not a known field selector')


NO_FIELDS = FieldSelector()


def _split_terms(text: str) -> list[str]:
    terms: list[str] = [""]
    escaped = False
    for character in text:
        if escaped:
            terms[-1] += character
            escaped = False
        elif character == "\\":
            terms[-1] += character
            escaped = True
        elif character == ",":
            terms.append("")
        else:
            terms[-1] += character
    return [term for term in terms if term]


def _unescape(value: str) -> str:
    return re.sub(r"\\([\\,=])", r"\1", value)


@lru_cache(maxsize=4096)
def parse_field_selector(text: str) -> FieldSelector:
    """Parse the ``fieldSelector`` query parameter (``=``, ``==``, ``!=``); raise :class:`SelectorSyntaxError`."""
    requirements: list[FieldRequirement] = []
    for term in _split_terms(text):
        found = re.match(r"([^=!]*)(!=|==|=)(.*)", term, re.DOTALL)
        if found is None:
            raise SelectorSyntaxError(f"invalid selector: '{text}'; can't understand '{term}'")
        field, operator, value = found.groups()
        requirements.append(FieldRequirement(field, _unescape(value), operator != "!="))
    return FieldSelector(tuple(requirements))
