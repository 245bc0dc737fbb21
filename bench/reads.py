"""How fast large reads are, and how much memory many objects take.

    python -m bench.reads [--pods 8000] [--memory 50000]

One connection, read by a process that only takes the bytes in. Prints the rate of a whole LIST, of the same by pages of
500, the time of a LIST by a label that one object in a hundred has, and the resident memory with many pods of 2.5 KB.
"""

import argparse
import json
import socket
import sys
import time
import urllib.request
from typing import Any

from bench.api import POD, PODS, free_port, process, rate, request, resident_megabytes, wait_for

_PADDING = 900
"""What brings a stored pod, with its defaults and managed fields, to about 2.5 KB."""
_PAGE = 500
_BEGINNING = 4096


def pods(count: int) -> list[bytes]:
    """Return that many POST bodies; every hundredth pod has the label that is selected by."""
    bodies = []
    for number in range(count):
        labels = {"app": "bench", "number": f"n{number}", **({"rare": "yes"} if number % 100 == 0 else {})}
        metadata = {"name": f"pod-{number:06}", "labels": labels, "annotations": {"padding": "x" * _PADDING}}
        bodies.append(json.dumps({**POD, "metadata": metadata}).encode())
    return bodies


def fill(port: int, count: int) -> None:
    """Create pods over a few connections."""
    requests = [request("POST", PODS, body) for body in pods(count)]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for sent in requests:
            connection.sendall(sent)
            read_answer(connection)


def read_answer(connection: socket.socket) -> tuple[bytes, int]:
    """Return the beginning of an answer's body, and the length of all of it."""
    buffer = bytearray(1 << 20)
    size = connection.recv_into(buffer)
    while (end := buffer.find(b"\r\n\r\n", 0, size)) < 0:
        size += connection.recv_into(memoryview(buffer)[size:])
    head = bytes(buffer[:end]).lower()
    if not head.startswith(b"http/1.1 20"):
        raise SystemExit(bytes(buffer[:size]).decode())
    start = head.index(b"content-length:") + 15
    length = int(head[start:].split(b"\r\n", 1)[0])
    while size - end - 4 < min(length, _BEGINNING):
        size += connection.recv_into(memoryview(buffer)[size:])
    first = bytes(buffer[end + 4 : end + 4 + _BEGINNING])
    left = length - (size - end - 4)
    while left > 0:
        left -= connection.recv_into(buffer, min(left, len(buffer)))
    return first, length


def get(connection: socket.socket, path: str) -> tuple[bytes, int]:
    connection.sendall(request("GET", path))
    return read_answer(connection)


def timed(connection: socket.socket, path: str) -> tuple[float, int]:
    started = time.perf_counter()
    _, length = get(connection, path)
    return time.perf_counter() - started, length


def pages(connection: socket.socket) -> tuple[float, int]:
    """Read everything by pages; return the seconds and bytes."""
    started, total, token = time.perf_counter(), 0, ""
    while True:
        first, length = get(connection, f"{PODS}?limit={_PAGE}{token}")
        total += length
        head = first.split(b'"items"', 1)[0].decode()
        metadata: dict[str, Any] = json.loads(head.rstrip(",") + "}")["metadata"]
        if "continue" not in metadata:
            return time.perf_counter() - started, total
        token = f"&continue={metadata['continue']}"


def report(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        timed(connection, PODS)
        for _ in range(3):
            whole, size = timed(connection, PODS)
            paged, _ = pages(connection)
            chosen, small = timed(connection, f"{PODS}?labelSelector=rare%3Dyes")
            print(
                f"LIST {size / 1e6:.1f} MB in {whole * 1e3:.0f} ms, {size / whole / 1e6:.0f} MB/s   |   "
                f"by pages of {_PAGE} {paged * 1e3:.0f} ms, {paged / whole:.2f} times   |   "
                f"1 % by label {chosen * 1e3:.1f} ms ({small / 1e3:.0f} kB)"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=8000)
    parser.add_argument("--memory", type=int, default=50_000)
    options = parser.parse_args()
    for count in (options.pods, options.memory):
        port = free_port()
        with process(sys.executable, "-m", "apiserver", "--port", str(port)) as api:
            wait_for(f"http://127.0.0.1:{port}/readyz")
            idle = resident_megabytes(api.pid)
            fill(port, count)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{PODS}/pod-000001") as answer:
                size = len(answer.read())
            print(f"{count} pods of {size} bytes: RSS {resident_megabytes(api.pid):.0f} MB, idle {idle:.0f} MB")
            if count == options.pods:
                report(port)
                line = [request("GET", f"{PODS}/pod-000001")]
                print(f"GET {rate(port, [line] * 16, 3):.0f}/s over 16 connections")


if __name__ == "__main__":
    main()
