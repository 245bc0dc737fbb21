"""Small servers that tutorials of Kubernetes and of its providers deploy: each answers every request in one way."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kubelet.fake.image import FakeImage, parse_reference
from kubelet.fake.process import Process
from kubelet.images.agnhost.liveness import liveness
from kubelet.images.api import serve_http
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.http import HTTPRequest, HTTPResponse

_REQUEST_CORES = 0.1
_REQUEST_SECONDS = 1.0
"""What a request costs ``hpa-example``, and for how long: ten a second take a processor."""

Answer = Callable[[Process, HTTPRequest], str]


@dataclass(frozen=True, slots=True)
class Demo:
    """A server on ``port``, or the one that the environment's ``PORT`` names; ``log`` is its first line."""

    about: str
    port: int
    answer: Answer
    log: str = ""
    content_type: str = "text/plain; charset=utf-8"
    busy: bool = False
    """Whether requests take processor time."""

    def image(self) -> FakeImage:
        """Return the image."""
        programs = {**shell_programs(), "/server": self._serve}
        return FakeImage(system_tree(programs), programs, ("/server",), size=25_000_000)

    async def _serve(self, process: Process) -> int:
        text = process.env.get("PORT", "")
        port = int(text) if text.isdigit() else self.port
        load = _Load(process) if self.busy else None

        def handle(request: HTTPRequest) -> HTTPResponse:
            if load is not None:
                load.add()
            return HTTPResponse(200, self.answer(process, request).encode(), self.content_type)

        if self.log:
            await process.print(self.log.format(port=port, hostname=process.hostname))
        return await serve_http(process, port, handle)


class _Load:
    """Processor time for requests, each for a while."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._requests = 0

    def add(self) -> None:
        self._count(1)
        self._process.background(self._end_later(), "request-load")

    async def _end_later(self) -> None:
        await self._process.sleep(_REQUEST_SECONDS)
        self._count(-1)

    def _count(self, change: int) -> None:
        self._requests += change
        self._process.use_cpu(self._requests * _REQUEST_CORES)


def _version(process: Process) -> str:
    """Return the tag of the container's image, as a version: ``v2`` and ``2.0`` are what they say."""
    return parse_reference(process.world.image).tag if process.world.image else ""


def _bootcamp(process: Process, request: HTTPRequest) -> str:
    version = _version(process).removeprefix("v")
    return f"Hello Kubernetes bootcamp! | Running on: {process.hostname} | v={version if version.isdigit() else 1}\n"


def _hello_app(process: Process, request: HTTPRequest) -> str:
    version = _version(process)
    full = f"{version}.0" if version.count(".") == 1 else "1.0.0"
    return f"Hello, world!\nVersion: {full}\nHostname: {process.hostname}\n"


def _echo(process: Process, request: HTTPRequest) -> str:
    headers = "".join(f"\t{name}={value}\n" for name, value in request.headers.items())
    body = request.body.decode(errors="replace") or "\t-no body in request-"
    return (
        f"\n\nHostname: {process.hostname}\n\nRequest Information:\n\tclient_address={request.client}\n"
        f"\tmethod={request.method}\n\treal path={request.target}\n\trequest_version={request.version}\n"
        f"\nRequest Headers:\n{headers}\nRequest Body:\n{body}\n"
    )


DEMOS: Mapping[str, Demo] = {
    "kubernetes-bootcamp": Demo(
        "greets on port 8080, with its pod's name and the version that its tag says",
        8080,
        _bootcamp,
        "Kubernetes Bootcamp App Started | Running On:  {hostname}",
    ),
    "hello-app": Demo(
        "greets on port 8080, with the version that its tag says",
        8080,
        _hello_app,
        "Server listening on port {port}",
    ),
    "node-hello": Demo("greets on port 8080", 8080, lambda process, request: "Hello Kubernetes!"),
    "hello-go-gke": Demo(
        "greets in JSON on port 80",
        80,
        lambda process, request: '{"message":"Hello"}\n',
        content_type="application/json",
    ),
    "echoserver": Demo("tells on port 8080 what was asked", 8080, _echo),
    "hpa-example": Demo(
        "answers on port 80, and uses a tenth of a processor for each request of the last second",
        80,
        lambda process, request: "OK!",
        busy=True,
    ),
}
"""Each by the last part of its image's name."""


async def http_echo(process: Process) -> int:
    """``http-echo -text TEXT [-listen :5678] [-status-code 200]``."""
    options = {"text": process.env.get("ECHO_TEXT", ""), "listen": ":5678", "status-code": "200"}
    words = [part for word in process.argv[1:] for part in word.split("=", 1)]
    for flag, value in itertools.pairwise(words):
        if flag.lstrip("-") in options and flag.startswith("-"):
            options[flag.lstrip("-")] = value
    port, status = options["listen"].rpartition(":")[2], options["status-code"]
    if not options["text"]:
        await process.complain("Missing -text option!")
        return 127
    if not port.isdigit() or not status.isdigit():
        await process.complain(f"invalid value: -listen={options['listen']} -status-code={status}")
        return 127
    body = f"{options['text']}\n".encode()
    await process.complain(f"{process.clock.now():%Y/%m/%d %H:%M:%S} [INFO] server is listening on :{port}")
    return await serve_http(process, int(port), lambda request: HTTPResponse(int(status), body))


def http_echo_image() -> FakeImage:
    """Return the image of ``http-echo``."""
    programs = {**shell_programs(), "/http-echo": http_echo}
    return FakeImage(system_tree(programs), programs, ("/http-echo",), size=12_000_000)


async def _liveness(process: Process) -> int:
    return await liveness(process, process.argv[1:])


def liveness_image() -> FakeImage:
    """Return the image ``liveness`` of older tutorials: a shell, and the server that is healthy for ten seconds."""
    programs = {**shell_programs(), "/server": _liveness}
    return FakeImage(system_tree(programs), programs, cmd=("/server",), size=4_000_000)
