"""Reads the types that a Go program carries: struct fields with their tags, as its ``reflect`` package would show them.

A compiled Go program describes its types in read-only data, stripped or not. What is read here is the layout of
Go 1.24 and later (``internal/abi/type.go`` and ``internal/abi/map_swiss.go`` of Go 1.26) in a 64-bit little-endian ELF
file.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path


class Kind(IntEnum):
    """``reflect.Kind``, as far as it is asked for."""

    BOOL = 1
    INT32 = 5
    INT64 = 6
    UINT8 = 8
    FLOAT64 = 14
    MAP = 21
    POINTER = 22
    SLICE = 23
    STRING = 24
    STRUCT = 25


_KIND_MASK = 31
_UNCOMMON, _NAMED = 1, 4
_HAS_TAG, _EMBEDDED = 2, 8
_SIZE: dict[int, int] = {Kind.POINTER: 56, Kind.SLICE: 56, Kind.STRUCT: 80}
_METHOD_SIZE = 16


@dataclass(frozen=True, slots=True)
class GoField:
    name: str
    tag: str
    type: "GoType"
    embedded: bool


class GoProgram:
    """A program's type data. Raises :class:`ValueError` for what is no such ELF file."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is no 64-bit little-endian ELF file")
        self._sections = dict(self._read_sections())
        if ".typelink" not in self._sections:
            raise ValueError(f"{path} is no Go program")
        # Offsets to types and names count from here (``runtime.types``).
        self.base = self._sections[".rodata"][0]

    def types(self) -> Iterator["GoType"]:
        """Yield the named types that the program can find by itself, and what pointers to such refer to."""
        _, offset, size = self._sections[".typelink"]
        for (link,) in struct.iter_unpack("<i", self.data[offset : offset + size]):
            found = GoType(self, self.base + link)
            yield found.element if found.kind == Kind.POINTER else found

    def offset(self, address: int) -> int:
        for start, offset, size in self._sections.values():
            if start and start <= address < start + size:
                return offset + address - start
        raise ValueError(f"no data at {address:#x}")

    def unpack(self, layout: str, address: int) -> tuple[int, ...]:
        return struct.unpack_from(layout, self.data, self.offset(address))

    def name(self, address: int) -> tuple[str, str, int]:
        """Return a name, its tag (empty without) and its flags."""
        offset = self.offset(address)
        flags = self.data[offset]
        text, offset = self._text(offset + 1)
        tag = self._text(offset)[0] if flags & _HAS_TAG else ""
        return text, tag, flags

    def _text(self, offset: int) -> tuple[str, int]:
        length, shift = 0, 0
        while True:
            byte = self.data[offset]
            offset += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return self.data[offset : offset + length].decode(), offset + length

    def _read_sections(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        (table,) = struct.unpack_from("<Q", self.data, 0x28)
        entry_size, count, names_index = struct.unpack_from("<HHH", self.data, 0x3A)
        entries = [struct.unpack_from("<IIQQQQ", self.data, table + index * entry_size) for index in range(count)]
        names = entries[names_index][4]
        for name_offset, _, _, address, offset, size in entries:
            start = names + name_offset
            yield self.data[start : self.data.index(b"\0", start)].decode(), (address, offset, size)


class GoType:
    """One type, read as it is asked for."""

    def __init__(self, program: GoProgram, address: int) -> None:
        self._program = program
        self._address = address
        self._flags, self._kind = program.unpack("<BxxB", address + 20)

    @property
    def kind(self) -> int:
        """One of :class:`Kind`, or another number."""
        return self._kind & _KIND_MASK

    @cached_property
    def name(self) -> str:
        """The type's own name; empty for one without, such as ``[]string``."""
        if not self._flags & _NAMED:
            return ""
        (offset,) = self._program.unpack("<i", self._address + 40)
        return self._program.name(self._program.base + offset)[0].removeprefix("*").rpartition(".")[2]

    @cached_property
    def package(self) -> str:
        """The import path of the package of a named slice or struct; empty for one that is built in, and for others."""
        uncommon = self._uncommon
        if uncommon is None:
            return ""
        (offset,) = self._program.unpack("<i", uncommon)
        return self._program.name(self._program.base + offset)[0] if offset else ""

    @property
    def element(self) -> "GoType":
        """What a pointer refers to, or what a slice or map has as values."""
        at = self._address + (56 if self.kind == Kind.MAP else 48)
        return GoType(self._program, self._program.unpack("<Q", at)[0])

    def fields(self) -> Iterator[GoField]:
        """Yield a struct's fields."""
        first, count = self._program.unpack("<QQ", self._address + 56)
        for index in range(count):
            name, kind = self._program.unpack("<QQ", first + index * 24)
            text, tag, flags = self._program.name(name)
            yield GoField(text, tag, GoType(self._program, kind), bool(flags & _EMBEDDED))

    def methods(self) -> Iterator[str]:
        """Yield the names of the exported methods of the type and, after those, of pointers to it."""
        yield from self._own_methods()
        (offset,) = self._program.unpack("<i", self._address + 44)
        if offset:
            yield from GoType(self._program, self._program.base + offset)._own_methods()

    def _own_methods(self) -> Iterator[str]:
        uncommon = self._uncommon
        if uncommon is None:
            return
        count, offset = self._program.unpack("<HxxI", uncommon + 4)
        for index in range(count):
            (name,) = self._program.unpack("<i", uncommon + offset + index * _METHOD_SIZE)
            yield self._program.name(self._program.base + name)[0]

    @property
    def _uncommon(self) -> int | None:
        """Where the package and the methods stand: behind what a type of its kind consists of."""
        size = _SIZE.get(self.kind)
        return self._address + size if size and self._flags & _UNCOMMON else None
