"""Who runs a process: whoever runs the tests, or, where that is root, somebody without any privilege."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Person:
    """A user of this machine; ``uid`` ``None`` is whoever runs the tests."""

    uid: int | None = None

    def options(self) -> dict[str, Any]:
        """Return what makes :mod:`subprocess` start a process as this user, in no group but one of the same number."""
        return {} if self.uid is None else {"user": self.uid, "group": self.uid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file, or a folder with all that is in it, to this user."""
        if self.uid is not None:
            for each in (path, *path.rglob("*")):
                os.chown(each, self.uid, self.uid, follow_symlinks=False)


WHOEVER_RUNS_THE_TESTS = Person()


def ordinary_person() -> Person:
    """Return somebody without privileges: whoever runs the tests, unless that is root."""
    return WHOEVER_RUNS_THE_TESTS if os.getuid() else Person(_NOBODY)


def may_listen_on(port: int, person: Person) -> bool:
    """Return whether the kernel lets a user have a port below 1024."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    return port >= lowest or (person.uid is None and os.getuid() == 0)
