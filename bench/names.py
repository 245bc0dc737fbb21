"""How fast the cluster's name server answers, over UDP, with many Services to choose from.

    python -m bench.names [--services 1000] [--outstanding 8] [--seconds 5]

The API server, the name server and the asker are processes of their own. One question in ten is for a
name that nobody has.
"""

import argparse
import asyncio
import itertools
import json
import sys
import time
import urllib.request
from typing import cast

import dns.message
import uvloop

from bench.api import free_port, process, resident_megabytes, wait_for

_ADDRESS = "127.64.200.10"
_UNKNOWN_EVERY = 10


class _Asker(asyncio.DatagramProtocol):
    """Asks the questions in turn, each when an answer has come; notes how long each took."""

    def __init__(self, questions: list[bytes], outstanding: int, until: float) -> None:
        self._questions = itertools.cycle(questions)
        self._outstanding = outstanding
        self._until = until
        self._number = 0
        self._asked: dict[int, float] = {}
        self.seconds: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        for _ in range(self._outstanding):
            self._ask()

    def _ask(self) -> None:
        self._number = (self._number + 1) % 65_536
        self._asked[self._number] = time.monotonic()
        self._transport.sendto(self._number.to_bytes(2, "big") + next(self._questions)[2:])

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = time.monotonic()
        self.seconds.append(now - self._asked.pop(int.from_bytes(data[:2], "big")))
        if now < self._until:
            self._ask()
        elif not self._asked and not self.done.done():
            self.done.set_result(None)


def _create_services(server: str, count: int) -> None:
    for number in range(count):
        body = {"metadata": {"name": f"web-{number}"}, "spec": {"ports": [{"name": "http", "port": 80}]}}
        url = f"{server}/api/v1/namespaces/default/services"
        headers = {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).close()


def _questions(services: int) -> list[bytes]:
    names = [f"web-{number}" if number % _UNKNOWN_EVERY else f"nobody-{number}" for number in range(services)]
    return [dns.message.make_query(f"{name}.default.svc.cluster.local.", "A").to_wire() for name in names]


async def _measure(questions: list[bytes], outstanding: int, seconds: float, port: int) -> list[float]:
    loop = asyncio.get_running_loop()
    transport, asker = await loop.create_datagram_endpoint(
        lambda: _Asker(questions, outstanding, time.monotonic() + seconds), remote_addr=(_ADDRESS, port)
    )
    await asker.done
    transport.close()
    return asker.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--outstanding", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    args = parser.parse_args()
    api, health, port = free_port(), free_port(), free_port()
    server = f"http://127.0.0.1:{api}"
    own = ("--server", server, "--secure-port", str(health), "--cluster-dns", _ADDRESS, "--dns-port", str(port))
    with process(sys.executable, "-m", "apiserver", "--port", str(api)):
        wait_for(f"{server}/readyz")
        _create_services(server, args.services)
        with process(sys.executable, "-m", "kubeproxy.dns", *own) as names:
            wait_for(f"http://127.0.0.1:{health}/readyz")
            took = sorted(uvloop.run(_measure(_questions(args.services), args.outstanding, args.seconds, port)))
            print(f"{args.services} Services, {args.outstanding} questions at a time for {args.seconds:g} s")
            print(f"answers              {len(took) / args.seconds:,.0f}/s")
            middle, late = took[len(took) // 2] * 1e3, took[len(took) * 99 // 100] * 1e3
            print(f"time of an answer    p50 {middle:.1f} ms, p99 {late:.1f} ms")
            print(f"resident memory      {resident_megabytes(names.pid):.0f} MB")


if __name__ == "__main__":
    main()
