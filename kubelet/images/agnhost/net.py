"""``agnhost net``: a client and a server of which the server closes its half of a connection, at once or on demand."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, parse_flags, port_flag
from kubelet.images.agnhost.server import serve
from kubelet.images.arrivals import listen_for_streams
from kubelet.images.http import HTTPRequest, HTTPResponse
from kubelet.images.utilities.hosts import resolve

_DEFAULTS = {"serve": "", "runner": "", "options": "", "delay-shutdown": "0"}


class _Failed(Exception):
    """A runner cannot go on; the text says why."""


@dataclass(slots=True)
class _Run:
    """What a runner is to do, and what it has said so far."""

    process: Process
    options: Mapping[str, Any]
    output: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.output.append(f"# closewait.go: {text}\n")

    def number(self, name: str) -> float:
        value = self.options.get(name, 0)
        if not isinstance(value, int):
            raise _Failed(f"Invalid options JSON: {name} is no number")
        return float(value)

    def place(self, name: str) -> tuple[str, int]:
        host, _, port = str(self.options.get(name, "")).rpartition(":")
        if not port.isdigit():
            raise _Failed(f"address {self.options.get(name, '')}: missing port in address")
        return host, int(port)


async def _server(run: _Run) -> None:
    host, port = run.place("LocalAddr")
    arrived = await listen_for_streams(run.process, port, host=host if host != "0.0.0.0" else "")
    run.say(f"Server listening on {host}:{port}")
    _, writer = await arrived.get()
    try:
        run.say("Client connected")
        writer.write_eof()
        seconds = run.number("PostFinTimeoutSeconds")
        run.say(f"Server sent FIN, waiting {seconds:.0f} seconds")
        await run.process.sleep(seconds)
    finally:
        writer.close()
    run.say("Done")


async def _client(run: _Run) -> None:
    host, port = run.place("RemoteAddr")
    reader, writer = await run.process.connect(await resolve(run.process, host or "127.0.0.1"), port)
    leaked = bool(run.options.get("LeakConnection"))
    try:
        run.say("Connected to server")
        async with run.process.clock.timeout(run.number("TimeoutSeconds") or None):
            received = await reader.read(1)
        if received:
            raise _Failed("Got data but expected EOF")
        seconds = run.number("PostFinTimeoutSeconds")
        run.say(f"Server has half-closed the connection, waiting {seconds:.0f} seconds")
        if leaked:
            run.say("Leaking client connection (assigning to global variable)")
        await run.process.sleep(seconds)
    finally:
        # One that is leaked stays until the process ends.
        if not leaked:
            writer.close()
    run.say("Done")


_RUNNERS: Mapping[str, Callable[[_Run], Awaitable[None]]] = {
    "nat-closewait-client": _client,
    "nat-closewait-server": _server,
}


async def _execute(process: Process, name: str, text: bytes) -> tuple[str, str]:
    """Do what a runner does; return its output, and what went wrong if anything did."""
    runner = _RUNNERS.get(name)
    if runner is None:
        return "", f"Invalid runner: '{name}', see --help"
    try:
        options = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return "", f"Invalid options JSON: {error}"
    if not isinstance(options, dict):
        return "", "Invalid options JSON: not an object"
    run = _Run(process, options)
    problem = ""
    try:
        await runner(run)
    except _Failed as failure:
        problem = str(failure)
    except TimeoutError:
        problem = "i/o timeout"
    except OSError as error:
        problem = (os.strerror(error.errno) if error.errno else str(error)).lower()
    return "".join(run.output), problem


async def net(process: Process, arguments: list[str]) -> int:
    """``net --runner NAME --options JSON``, or ``net --serve [IP]:PORT`` and then ``POST /run/NAME``."""
    try:
        values = parse_flags(arguments, _DEFAULTS)
        delay = port_flag(values, "delay-shutdown")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    if not values["runner"] and not values["serve"]:
        await process.complain("Must set either --runner or --serve, see --help")
        return 1
    if values["serve"]:
        return await _serve(process, values["serve"], delay)
    output, problem = await _execute(process, values["runner"], values["options"].encode())
    if problem:
        await process.complain(f"Error: {problem}")
    await process.stdout.write(f"output:\n\n{output}".encode())
    return int(bool(problem))


async def _serve(process: Process, place: str, delay: int) -> int:
    async def run(request: HTTPRequest) -> HTTPResponse:
        parts = request.path.split("/")
        if len(parts) != 3:
            return HTTPResponse(400, f"invalid request to run: {parts}\n".encode())
        output, problem = await _execute(process, parts[2], request.body)
        if problem:
            return HTTPResponse(500, f"Error from runner: {problem}\noutput:\n\n{output}\n".encode())
        return HTTPResponse(200, f"ok\noutput:\n\n{output}".encode())

    def handle(request: HTTPRequest) -> HTTPResponse | Awaitable[HTTPResponse]:
        return run(request) if request.path.startswith("/run/") else HTTPResponse(404, b"404 page not found\n")

    port = place.rpartition(":")[2]
    if not port.isdigit():
        await process.complain(f"listen tcp: address {place}: missing port in address")
        return 1
    await process.complain(f"Running server on {place}")
    if delay <= 0:
        return await serve(process, int(port), handle)
    order: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def end_later() -> None:
        await process.complain(f"Sleeping {delay} seconds before terminating...")
        await process.sleep(delay)
        if not order.done():
            order.set_result(0)

    process.on_signal(signal.SIGTERM, lambda: process.background(end_later(), "net-shutdown"))
    return await serve(process, int(port), handle, order=order, ends_on=(signal.SIGINT,))
