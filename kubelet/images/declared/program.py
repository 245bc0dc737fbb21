"""The program of declared images: listens, answers, writes lines, ends, as a ``FakeImage`` says."""

import asyncio
import signal
from collections.abc import Awaitable, Sequence

from apimachinery.duration import parse_duration
from kubelet.fake.process import Connection, Process
from kubelet.fake.program import UNTIL_TOLD, Program, Until
from kubelet.images.datagrams import DatagramServer
from kubelet.images.declared.spec import FakeImageSpec, HTTPAnswer, LogLine, Port
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse, HTTPService


def declared_program(spec: FakeImageSpec) -> Program:
    """Return the program of an image that is as ``spec`` says."""

    async def run(process: Process) -> int | Until:
        for port in spec.ports:
            try:
                await _listen(process, port)
            except OSError as error:
                protocol = port.protocol.lower()
                await process.complain(f"listen {protocol} 0.0.0.0:{port.port}: bind: {error.strerror}")
                return 1
        for line in spec.logs:
            if not parse_duration(line.after):
                await _write(process, line)
            process.background(_write_on(process, line), "log-line")
        if spec.exit is None:
            return UNTIL_TOLD
        try:
            async with process.clock.timeout(parse_duration(spec.exit.after)):
                await process.wait_for_signal(signal.SIGTERM, signal.SIGINT)
        except TimeoutError:
            return spec.exit.code
        return 0

    return run


async def _write(process: Process, line: LogLine) -> None:
    await (process.stdout if line.stream == "stdout" else process.stderr).write(f"{line.line}\n".encode())


async def _write_on(process: Process, line: LogLine) -> None:
    """Write what is not to be written at once."""
    after, every = parse_duration(line.after), parse_duration(line.every)
    if after:
        await process.sleep(after)
        await _write(process, line)
    while every:
        await process.sleep(every)
        await _write(process, line)


async def _listen(process: Process, port: Port) -> None:
    sent = port.send.encode()
    if port.protocol == "UDP":
        await process.listen_udp(port.port, lambda: DatagramServer(lambda data, client: sent or None))
    elif port.http:
        service = HTTPService(process, "", answering(process, port.http))
        await process.listen(port.port, service.connection)
    else:
        await process.listen(port.port, lambda: _Greeter(process, sent))


class _Greeter(Connection):
    """Says its text, and reads what comes."""

    def __init__(self, process: Process, sent: bytes) -> None:
        super().__init__(process)
        self._sent = sent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._sent and self.transport is not None:
            self.transport.write(self._sent)

    def data_received(self, data: bytes) -> None:
        """Whatever it is, there is no more to say."""


def answering(process: Process, answers: Sequence[HTTPAnswer]) -> Handler:
    """Return a handler that answers a request with what fits it best."""
    # Sorting keeps the order of those that are equally long.
    ordered = [(answer, _response(answer)) for answer in sorted(answers, key=lambda answer: -len(answer.path))]

    async def later(seconds: float, response: HTTPResponse) -> HTTPResponse:
        await process.sleep(seconds)
        return response

    def handle(request: HTTPRequest) -> HTTPResponse | Awaitable[HTTPResponse]:
        for answer, response in ordered:
            if _fits(answer, request):
                seconds = parse_duration(answer.delay)
                return later(seconds, response) if seconds else response
        return HTTPResponse(404, b"404 page not found\n")

    return handle


def _fits(answer: HTTPAnswer, request: HTTPRequest) -> bool:
    if answer.method and answer.method.upper() != request.method:
        return False
    return request.path == answer.path or (answer.path.endswith("/") and request.path.startswith(answer.path))


def _response(answer: HTTPAnswer) -> HTTPResponse:
    headers = dict(answer.headers)
    given = next((name for name in headers if name.lower() == "content-type"), "")
    content_type = headers.pop(given) if given else "text/plain; charset=utf-8"
    return HTTPResponse(answer.status, answer.body.encode(), content_type, headers)
