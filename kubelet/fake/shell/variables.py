"""A shell's variables: values, which of them children see, and what functions keep to themselves."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from kubelet.fake.shell.faults import ShellFault

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
MAX_LENGTH = 16 * 1024 * 1024
"""How long a value may be; a script that doubles one for ever ends, instead of the process it runs in."""


class Variables:
    """Starts with an environment; what has no valid name there is handed to children unseen."""

    __slots__ = ("_foreign", "_frames", "exported", "readonly", "values")

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.values: dict[str, str] = {}
        self._foreign: dict[str, str] = {}
        for name, value in environment.items():
            (self.values if NAME.fullmatch(name) else self._foreign)[name] = value
        self.exported = set(self.values)
        self.readonly: set[str] = set()
        self._frames: list[dict[str, tuple[str | None, bool]]] = []

    def copy(self) -> "Variables":
        """Return what a subshell begins with."""
        twin = Variables.__new__(Variables)
        twin.values = dict(self.values)
        twin._foreign = self._foreign
        twin.exported = set(self.exported)
        twin.readonly = set(self.readonly)
        twin._frames = [dict(frame) for frame in self._frames]
        return twin

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def set(self, name: str, value: str) -> None:
        if name in self.readonly:
            raise ShellFault(f"{name}: is read only", fatal=True)
        if len(value) > MAX_LENGTH:
            raise ShellFault("out of memory", fatal=True)
        self.values[name] = value

    def unset(self, name: str) -> None:
        if name in self.readonly:
            raise ShellFault(f"{name}: is read only", fatal=True)
        self.values.pop(name, None)
        self.exported.discard(name)

    def environment(self) -> dict[str, str]:
        """Return what children see."""
        values = self.values
        return {**self._foreign, **{name: values[name] for name in values if name in self.exported}}

    # Functions' own

    def enter_function(self) -> None:
        self._frames.append({})

    def leave_function(self) -> None:
        for name, (value, exported) in self._frames.pop().items():
            self.restore(name, value, exported=exported)

    def make_local(self, name: str) -> None:
        """Give a variable back its present value when the function ends; raise when there is no function."""
        if not self._frames:
            raise ShellFault("local: not in a function", fatal=True)
        self._frames[-1].setdefault(name, (self.values.get(name), name in self.exported))

    def restore(self, name: str, value: str | None, *, exported: bool) -> None:
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value
        (self.exported.add if exported else self.exported.discard)(name)

    def listing(self, names: AbstractSet[str] | None = None) -> Iterator[str]:
        """Yield ``name='value'`` for those set, in order, as a shell reads them back."""
        for name in sorted(self.values if names is None else names):
            if name in self.values:
                yield f"{name}={quote(self.values[name])}"
            else:
                yield name


def quote(text: str) -> str:
    """Quote a value as ``set`` shows it."""
    return "'" + text.replace("'", "'\"'\"'") + "'"
