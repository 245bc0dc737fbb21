"""Resource quantities: ``100m``, ``1.5``, ``64Mi``, ``1e3``.

Follows ``k8s.io/apimachinery/pkg/api/resource`` (v0.36). Values are exact; what is finer than a billionth is
rounded up, as upstream does. Parsing is cached, since a cluster writes the same few quantities over and over.
"""

import re
from fractions import Fraction
from functools import lru_cache
from math import ceil

_QUANTITY = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(?:(Ki|Mi|Gi|Ti|Pi|Ei)|([numkMGTPE])|[eE]([+-]?\d+))?", re.ASCII)
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIX = {power: suffix for suffix, power in _BINARY.items()} | {0: ""}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_NANO = 10**9
_LARGEST = 2**63 - 1

SYNTAX_ERROR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


@lru_cache(maxsize=8192)
def _parse(text: str) -> tuple[Fraction, str]:
    """Return the exact value and the family of its suffix: ``binary``, ``decimal`` or ``exponent``."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(SYNTAX_ERROR)
    sign, digits, binary, decimal, exponent = found.groups()
    number = Fraction(digits.rstrip(".") if digits.endswith(".") else digits)
    family = "decimal"
    if binary:
        number *= 1024 ** _BINARY[binary]
        family = "binary"
    elif decimal:
        number *= Fraction(10) ** _DECIMAL[decimal]
    elif exponent is not None:
        # Beyond this every value saturates or vanishes; the bound keeps the arithmetic small.
        number *= Fraction(10) ** max(-40, min(40, int(exponent)))
        family = "exponent"
    # Away from zero, as inf.RoundUp: a quantity never becomes smaller by being read.
    number = min(Fraction(ceil(number * _NANO), _NANO), Fraction(_LARGEST))
    return (-number if sign == "-" else number), family


def parse_quantity(text: str | int | float) -> Fraction:
    """Return the exact value; raise ``ValueError`` with upstream's text when it does not parse.

    JSON numbers are accepted as upstream's decoder accepts them.
    """
    return _parse(text if isinstance(text, str) else repr(text))[0]


def suffix_family(text: str) -> str:
    """Return which suffixes a quantity is written with: ``binary``, ``decimal`` or ``exponent``."""
    return _parse(text)[1]


@lru_cache(maxsize=8192)
def value(text: str) -> int:
    """Return the value in whole units (bytes, pods), rounded up."""
    return ceil(_parse(text)[0])


@lru_cache(maxsize=8192)
def milli_value(text: str) -> int:
    """Return the value in thousandths (millicores), rounded up."""
    return ceil(_parse(text)[0] * 1000)


def _scaled(number: int, base: int, exponents: dict[int, str], step: int) -> tuple[int, int]:
    """Divide out as many whole ``base`` factors as there are suffixes for."""
    exponent = 0
    while number and number % base == 0 and exponent + step in exponents:
        number //= base
        exponent += step
    return number, exponent


@lru_cache(maxsize=8192)
def canonical(text: str) -> str:
    """Return the form that the API server writes back: no fraction, the largest suffix that needs none.

    ``0.5`` gives ``500m``, ``1024Mi`` gives ``1Gi``, ``1000m`` gives ``1``; the suffix family is kept unless a
    binary quantity is below 1024 or not whole.
    """
    number, family = _parse(text)
    return format_quantity(number, family)


def format_quantity(number: Fraction | int, family: str = "decimal") -> str:
    """Format an exact value in canonical form; ``family`` is ``binary``, ``decimal`` or ``exponent``."""
    number = Fraction(number)
    sign = "-" if number < 0 else ""
    number = abs(number)
    if family == "binary" and number >= 1024 and number.denominator == 1:
        mantissa, exponent = _scaled(int(number), 1024, _BINARY_SUFFIX, 1)
        return f"{sign}{mantissa}{_BINARY_SUFFIX[exponent]}"
    if number == 0:
        return "0"
    if number.denominator == 1:
        mantissa, exponent = _scaled(int(number), 1000, _DECIMAL_SUFFIX, 3)
    else:
        mantissa, exponent = ceil(number * _NANO), -9
        while mantissa % 1000 == 0:
            mantissa, exponent = mantissa // 1000, exponent + 3
    if family == "exponent":
        return f"{sign}{mantissa}e{exponent}" if exponent else f"{sign}{mantissa}"
    return f"{sign}{mantissa}{_DECIMAL_SUFFIX[exponent]}"
