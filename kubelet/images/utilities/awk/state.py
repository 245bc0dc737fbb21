"""Variables, arrays and the record of a running awk program."""

from collections.abc import Iterable

from kubelet.images.utilities.awk.values import LONGEST, Input, Value, number, string
from kubelet.images.utilities.command import CommandFault

Array = dict[str, Value]

_MOST_HELD = 64 * 1024 * 1024
"""As many bytes may all elements of arrays have, roughly."""
_ELEMENT = 100
_MOST_FIELDS = 100_000


class Record:
    """``$0`` and its fields; each is worked out from the other when it is asked for."""

    def __init__(self) -> None:
        self._text = ""
        self._fields: list[str] | None = []
        self._stale = False

    def set(self, text: str, fields: list[str] | None = None) -> None:
        """Begin with a text, and its fields if it takes an expression to find them."""
        self._text, self._fields, self._stale = text, fields, False

    def text(self, separator: str) -> str:
        """``separator`` is ``OFS``."""
        if self._stale and self._fields is not None:
            self._text, self._stale = separator.join(self._fields), False
        return self._text

    def fields(self, separator: str) -> list[str]:
        """``separator`` is ``FS``."""
        if self._fields is None:
            self._fields = split(self._text, separator)
        return self._fields

    def resize(self, count: int, separator: str) -> None:
        if not 0 <= count <= _MOST_FIELDS:
            raise CommandFault(f"field index {count} out of range", 2)
        fields = self.fields(separator)
        self._fields = fields[:count] + [""] * (count - len(fields))
        self._stale = True

    def put(self, index: int, text: str, separator: str) -> None:
        if index > len(self.fields(separator)):
            self.resize(index, separator)
        self.fields(separator)[index - 1] = text
        self._stale = True


def is_expression(separator: str) -> bool:
    """Say whether a separator is a regular expression: a blank is any white space, another character is itself."""
    return len(separator) > 1 or separator == "\\"


def split(text: str, separator: str) -> list[str]:
    """Split as ``FS`` says, which is no expression."""
    if separator == " ":
        return text.split()
    if not text:
        return []
    return text.split(separator) if separator else list(text)


class Store:
    """Global variables and arrays. Arrays count what they hold, so that a program cannot fill all memory."""

    def __init__(self, environment: Iterable[tuple[str, str]], arguments: Iterable[str]) -> None:
        self.scalars: dict[str, Value] = {
            "CONVFMT": "%.6g", "FILENAME": "", "FNR": 0.0, "FS": " ", "NR": 0.0, "OFMT": "%.6g", "OFS": " ",
            "ORS": "\n", "RLENGTH": -1.0, "RS": "\n", "RSTART": 0.0, "SUBSEP": "\x1c",
        }  # fmt: skip
        words = list(arguments)
        self.scalars["ARGC"] = float(len(words))
        self.arrays: dict[str, Array] = {
            "ARGV": {str(place): Input(word) for place, word in enumerate(words)},
            "ENVIRON": {name: Input(value) for name, value in environment},
        }
        self.record = Record()
        self._held = 0

    def text(self, name: str) -> str:
        return string(self.scalars.get(name), "%.6g")

    def put(self, array: Array, key: str, value: Value) -> None:
        if key not in array:
            self._held += _ELEMENT + len(key)
        old = array.get(key)
        self._held += (len(value) if isinstance(value, str) else 0) - (len(old) if isinstance(old, str) else 0)
        if self._held > _MOST_HELD:
            raise CommandFault("out of memory", 2)
        array[key] = value

    def remove(self, array: Array, key: str) -> None:
        if key in array:
            old = array.pop(key)
            self._held -= _ELEMENT + len(key) + (len(old) if isinstance(old, str) else 0)

    def clear(self, array: Array) -> None:
        for key in list(array):
            self.remove(array, key)

    # The record

    def get_field(self, index: int) -> Value:
        if index < 0:
            raise CommandFault(f"attempt to access field {index}", 2)
        if index == 0:
            return Input(self.record.text(self.text("OFS")))
        fields = self.record.fields(self.text("FS"))
        return Input(fields[index - 1]) if index <= len(fields) else None

    def put_field(self, index: int, value: Value) -> None:
        text = string(value, self.text("CONVFMT"))
        if index < 0:
            raise CommandFault(f"attempt to access field {index}", 2)
        if index == 0:
            self.record.set(text)
        else:
            self.record.put(index, text, self.text("FS"))

    def get(self, name: str) -> Value:
        if name == "NF":
            return float(len(self.record.fields(self.text("FS"))))
        return self.scalars.get(name)

    def set(self, name: str, value: Value) -> None:
        if isinstance(value, str) and len(value) > LONGEST:
            raise CommandFault("out of memory", 2)
        if name == "NF":
            self.record.resize(int(number(value)), self.text("FS"))
        else:
            if name == "FS":
                # The record that is there is split as it was when it came.
                self.record.fields(self.text("FS"))
            self.scalars[name] = value
