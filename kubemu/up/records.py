"""What this user's clusters say of themselves: a folder with a record and a kubeconfig for each that runs.

A record names the process and when that was started, so that the record of a process that was killed is not taken for
that of a later process of the same id.
"""

import contextlib
import hashlib
import json
import os
import re
import socket
import stat
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, TypeVar

from apimachinery.errors import FatalError
from componentbase.running import started_at
from kubemu.environment import RUNTIME_DIR, TMPDIR, XDG_RUNTIME_DIR
from kubemu.up import locks

T = TypeVar("T")

DEFAULT_NAME = "default"

NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What a cluster may be called: it is part of file names and of a context's name."""

_MOST_TRIES = 100


@dataclass(frozen=True, slots=True)
class Record:
    """``started`` is in clock ticks after the machine's start, as :func:`componentbase.running.started_at` has it."""

    name: str
    pid: int
    started: int
    server: str = ""
    kubeconfig: str = ""
    context: str = ""
    nodes: tuple[str, ...] = ()
    components: Mapping[str, str] = field(default_factory=dict)
    """The URLs of the components' own HTTP servers, by the components' names."""
    ready: bool = False

    @property
    def running(self) -> bool:
        return started_at(self.pid) == self.started

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what :meth:`text` wrote; anything else gives ``None``."""
        try:
            found: dict[str, Any] = json.loads(text)
            known = {entry.name for entry in fields(cls)}
            record = cls(**{key: value for key, value in found.items() if key in known})
            return record if isinstance(record.pid, int) and isinstance(record.started, int) else None
        except (ValueError, TypeError, AttributeError):
            return None


def default_folder(environment: Mapping[str, str]) -> Path:
    """Return where records are unless told otherwise: a folder of this user's that goes with the machine's end.

    ``su`` and ``sudo -E`` leave variables that name the folders of whoever typed them; those are left alone.
    """
    if given := environment.get(RUNTIME_DIR):
        return Path(given)
    if (runtime := environment.get(XDG_RUNTIME_DIR)) and _is_ours(Path(runtime)):
        return Path(runtime, "kubemu")
    temporary = environment.get(TMPDIR)
    if not temporary or not os.access(temporary, os.W_OK | os.X_OK):
        temporary = "/tmp"
    return Path(temporary, f"kubemu-{os.getuid()}")


def _is_ours(folder: Path) -> bool:
    try:
        return folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _insist(step: Callable[[], T]) -> T:
    """Take a step again that fails because the last of other clusters ends, and takes the folder with it.

    That cannot happen once there is something in it.
    """
    for _ in range(_MOST_TRIES):
        with contextlib.suppress(FileNotFoundError, FileExistsError):
            return step()
    return step()


class Records:
    """The folder of records. It is made with the first and removed with the last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Make the folder; raise ``FatalError`` when it cannot be had for oneself."""

        def made() -> os.stat_result:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self.folder.lstat()

        try:
            found = _insist(made)
        except OSError as error:
            raise FatalError(f"{self.folder}: {error.strerror or error}") from error
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise FatalError(f"{self.folder} is somebody else's: name another folder in {RUNTIME_DIR}")

    def write(self, record: Record) -> None:
        """Put a record in the place of the one before; raise as :meth:`open` does."""
        beside = self.folder / f".{record.name}.{record.pid}"
        with open(self.create(beside), "w", encoding="utf-8") as file:
            file.write(record.text())
        beside.replace(self._path(record.name))

    def create(self, path: Path) -> int:
        """Make a file in the folder, or empty it; return it, open for appending. Raises as :meth:`open` does."""

        def created() -> int:
            self.open()
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)

        try:
            return _insist(created)
        except OSError as error:
            raise FatalError(f"{path}: {error.strerror or error}") from error

    def read(self, name: str) -> Record | None:
        """Return the record of a cluster that runs; ``None`` when none of that name does."""
        record = self._parsed(name)
        return record if record is not None and record.running else None

    def _parsed(self, name: str) -> Record | None:
        try:
            return Record.parse(self._path(name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    def running(self) -> list[Record]:
        """Return the records of all clusters that run, by name."""
        return [record for record in self._all() if record.running]

    def ended(self) -> list[Record]:
        """Return the records of clusters that have ended without taking theirs away, by name."""
        return [record for record in self._all() if not record.running]

    def _all(self) -> list[Record]:
        names = sorted(path.stem for path in self.folder.glob("*.json"))
        return [record for name in names if (record := self._parsed(name)) is not None]

    def take_name(self, name: str) -> socket.socket | None:
        """Return the lock that says who has a name among the clusters of this folder; ``None`` when somebody has it."""
        where = hashlib.blake2s(os.fsencode(self.folder.resolve()), digest_size=8).hexdigest()
        return locks.take(f"{where}/{name}")

    def kubeconfig(self, name: str) -> Path:
        """Return the file for a cluster's own kubeconfig."""
        return self.folder / f"{name}.kubeconfig"

    def log(self, name: str) -> Path:
        """Return the file for what a cluster without a terminal logs."""
        return self.folder / f"{name}.log"

    def remove(self, name: str) -> None:
        """Forget a cluster that does not run any more, and what it has left."""
        for path in (self._path(name), self.kubeconfig(name), self.log(name)):
            path.unlink(missing_ok=True)
        self.tidy()

    def tidy(self) -> None:
        """Remove the folder if nothing is in it any more."""
        # There may be others', or no folder.
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
