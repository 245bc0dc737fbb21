"""Names for one at a time."""

import os
import subprocess
import sys

from kubemu.up import locks

NAME = f"test-{os.getpid()}"
HOLDER = f"""
import sys
sys.path.insert(0, {os.getcwd()!r})
from kubemu.up import locks
lock = locks.take({NAME!r})
print(lock is not None, flush=True)
sys.stdin.read()
"""


def test_a_name_is_had_once_until_it_is_given_back() -> None:
    lock = locks.take(NAME)
    assert lock is not None
    with lock:
        assert locks.take(NAME) is None
        other = locks.take(f"{NAME}-2")
        assert other is not None
        other.close()
    again = locks.take(NAME)
    assert again is not None
    again.close()


def test_a_process_that_is_killed_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        assert locks.take(NAME) is None
        holder.kill()
    lock = locks.take(NAME)
    assert lock is not None
    lock.close()
