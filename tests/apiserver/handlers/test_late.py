"""Handlers that are loaded when they are needed: all of them are there, and none before."""

import subprocess
import sys
from inspect import iscoroutinefunction

import pytest

from apiserver.handlers import dispatch
from apiserver.handlers.late import Late

LATE = [
    handler
    for table in (dispatch._CONNECTED, dispatch._FOUND_OUT, dispatch._SUBRESOURCES)
    for handler in table.values()
    if isinstance(handler, Late)
]


@pytest.mark.parametrize("late", LATE, ids=lambda late: late.name)
def test_every_one_is_there(late: Late) -> None:
    assert iscoroutinefunction(late.handler)


def test_none_is_loaded_at_the_start() -> None:
    """Nor what makes OpenAPI documents, reads protobuf or frames WebSockets."""
    names = {f"apiserver.handlers.{late.name.rpartition('.')[0]}" for late in LATE}
    names |= {"apiserver.openapi.served", "apimachinery.protobuf.messages", "apiserver.websocket", "aiohttp"}
    script = f"import sys, apiserver.__main__; print(sorted({names!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
