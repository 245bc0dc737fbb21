"""Pieces of logs on the machine's disk."""

import os

from kubelet.fake.log_spool import SLOT, LogSpool


def test_pieces_come_back_and_slots_are_used_again() -> None:
    spool = LogSpool()
    try:
        first, second = spool.put(b"one"), spool.put(b"x" * SLOT)
        assert (spool.get(first, 3), spool.get(second, SLOT)) == (b"one", b"x" * SLOT)
        spool.free(first)
        assert spool.put(b"three") == first
        assert spool.get(first, 5) == b"three"
    finally:
        spool.close()


def test_an_empty_spool_takes_no_room() -> None:
    spool = LogSpool()
    try:
        slots = [spool.put(b"x" * SLOT) for _ in range(3)]
        assert spool._file is not None
        assert os.fstat(spool._file.fileno()).st_size == 3 * SLOT
        for slot in slots:
            spool.free(slot)
        assert os.fstat(spool._file.fileno()).st_size == 0
        assert spool.put(b"x") == 0
    finally:
        spool.close()
