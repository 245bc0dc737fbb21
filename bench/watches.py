"""How late events are when many watch: from a write's answer to the last watcher's line.

    python -m bench.watches [--watchers 1000] [--rate 100] [--seconds 10] [--stalled 1]

The watchers are raw connections in a process of their own. A stalled one opens its watch and never reads; it has to
cost the others nothing.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import time
import urllib.request
from typing import cast

import uvloop

from bench.api import free_port, process, request, resident_megabytes, wait_for

_PATH = "/api/v1/namespaces/default/configmaps"
_MARK = b'"name":"event-'

Arrivals = dict[int, tuple[float, int]]
"""For each event when the last watcher saw it, and how many have."""


class _Watcher(asyncio.Protocol):
    """Notes when each event's line has come."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(request("GET", f"{_PATH}?watch=1&resourceVersion=0"))

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            at = line.find(_MARK)
            if at >= 0:
                number = int(line[at + len(_MARK) : at + len(_MARK) + 6])
                _, seen = self._arrivals.get(number, (0.0, 0))
                self._arrivals[number] = (now, seen + 1)


def _watch(
    port: int,
    watchers: int,
    stalled: int,
    ready: "multiprocessing.Queue[int]",
    done: "multiprocessing.Queue[Arrivals]",
    stop: "multiprocessing.Queue[int]",
) -> None:
    async def main() -> None:
        loop, arrivals = asyncio.get_running_loop(), Arrivals()
        opened = [await loop.create_connection(lambda: _Watcher(arrivals), "127.0.0.1", port) for _ in range(watchers)]
        silent = [await loop.create_connection(lambda: _Watcher({}), "127.0.0.1", port) for _ in range(stalled)]
        for transport, _ in silent:
            transport.pause_reading()
        await asyncio.sleep(1)
        ready.put(1)
        await loop.run_in_executor(None, stop.get)
        done.put(arrivals)
        for transport, _ in [*opened, *silent]:
            transport.close()

    uvloop.run(main())


def _write(port: int, rate: float, count: int) -> dict[int, float]:
    """Create objects at a steady rate; return when each answer had come."""
    answered: dict[int, float] = {}
    started = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, started + number / rate - time.monotonic()))
        body = json.dumps({"metadata": {"name": f"event-{number:06}"}, "data": {"a": "x" * 500}}).encode()
        call = urllib.request.Request(
            f"http://127.0.0.1:{port}{_PATH}", body, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(call) as answer:
            answer.read()
        answered[number] = time.monotonic()
    return answered


def run(watchers: int, rate: float, seconds: float, stalled: int) -> None:
    port, count = free_port(), int(rate * seconds)
    with process(sys.executable, "-m", "apiserver", "--port", str(port)) as api:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        ready: multiprocessing.Queue[int] = multiprocessing.Queue()
        stop: multiprocessing.Queue[int] = multiprocessing.Queue()
        done: multiprocessing.Queue[Arrivals] = multiprocessing.Queue()
        watching = multiprocessing.Process(target=_watch, args=(port, watchers, stalled, ready, done, stop))
        watching.start()
        ready.get()
        answered = _write(port, rate, count)
        time.sleep(2)
        memory = resident_megabytes(api.pid)
        stop.put(1)
        arrivals = done.get()
        watching.join()
    missed = sum(watchers - arrivals.get(number, (0.0, 0))[1] for number in range(count))
    late = sorted(1e3 * max(0.0, arrivals[number][0] - answered[number]) for number in arrivals)
    if not late:
        raise SystemExit("no event arrived")
    print(
        f"{watchers} watchers, {stalled} stalled, {rate:.0f} writes/s: {missed} of {watchers * count} events missed; "
        f"last watcher after p50 {statistics.median(late):.0f} ms, p99 {late[int(len(late) * 0.99)]:.0f} ms, "
        f"max {late[-1]:.0f} ms; RSS {memory:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--stalled", type=int, default=1)
    options = parser.parse_args()
    for stalled in (0, options.stalled):
        run(options.watchers, options.rate, options.seconds, stalled)


if __name__ == "__main__":
    main()
