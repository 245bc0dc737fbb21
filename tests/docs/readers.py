"""Readers of the documentation: each with a folder, a shell and clusters of their own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.page import Reader
from tests.live.people import WHOEVER_RUNS_THE_TESTS, Person


@contextmanager
def reader_of(
    folder: Path, *, programs: Path = Path(sys.executable).parent, person: Person = WHOEVER_RUNS_THE_TESTS
) -> Iterator[Reader]:
    """Have a reader in a folder; what clusters are left at the end are ended.

    ``programs`` has the ``kubemu``, ``python`` and ``pytest`` that are used.
    """
    env = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
    }
    for variable, name in (("HOME", "home"), ("XDG_RUNTIME_DIR", "runtime"), ("TMPDIR", "tmp")):
        (folder / name).mkdir(mode=0o700)
        person.own(folder / name)
        env[variable] = str(folder / name)
    reader = Reader(folder / "home", env, person)
    try:
        yield reader
    finally:
        # A page that fails half way has a cluster left.
        reader.run("kubemu down --all || true")
