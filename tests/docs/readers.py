"""Readers of the documentation: each with a folder, a shell and clusters of their own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.page import Reader


@contextmanager
def reader_of(folder: Path) -> Iterator[Reader]:
    """Have a reader in a folder; what clusters are left at the end are ended."""
    home, runtime = folder / "home", folder / "runtime"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
    }
    reader = Reader(home, env)
    try:
        yield reader
    finally:
        # A page that fails half way has a cluster left.
        reader.run("kubemu down --all || true")
