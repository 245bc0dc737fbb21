"""Writing images in Python: the names that stay, whatever becomes of the modules behind them.

A *program* is ``async def program(process: Process) -> int``; what it returns is the exit code. It finds arguments,
environment, files, streams, network, clock and signals on the process. An *image* is a program, the references that
stand for it, and what else is in it::

    from kubelet.images.api import HTTPRequest, HTTPResponse, Process, image, program, serve_http

    @program("/usr/bin/restock")
    async def restock(process: Process) -> int:
        await process.print("restocked")
        return 0

    @image("example.com/shop", programs=[restock], files={"/etc/shop.conf": "open\\n"})
    async def shop(process: Process) -> int:
        def answer(request: HTTPRequest) -> HTTPResponse:
            return HTTPResponse(200, process.fs.read("/etc/shop.conf"))

        return await serve_http(process, 8080, answer)

The kubelet finds images in files that ``--images`` names, and in the packages that are installed, by the entry point
group ``kubemu.images``.
"""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Connection, Process
from kubelet.fake.program import Program
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse, HTTPService

__all__ = [
    "Connection",
    "HTTPRequest",
    "HTTPResponse",
    "ImageDefinition",
    "NamedProgram",
    "Process",
    "Program",
    "image",
    "program",
    "serve_http",
]

_MAIN = "/entrypoint"


@dataclass(frozen=True, slots=True)
class NamedProgram:
    """A program and the path at which images have it. Made by :func:`program`."""

    path: str
    run: Program


@dataclass(frozen=True, slots=True)
class ImageDefinition:
    """An image and the references that stand for it. Made by :func:`image`."""

    references: Sequence[str]
    main: Program
    programs: Sequence[NamedProgram] = ()
    files: Mapping[str, bytes | str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    args: Sequence[str] = ()
    working_dir: str = "/"
    user: int | str = 0
    stop_signal: str = "SIGTERM"
    size: int = 10_000_000
    annotations: Mapping[str, str] = field(default_factory=dict)

    def build(self) -> FakeImage:
        """Return what containers are made from; raise ``ValueError`` for files that cannot be."""
        programs = {
            **shell_programs(bash=True),
            _MAIN: self.main,
            **{named.path: named.run for named in self.programs},
        }
        files = {path: text.encode() if isinstance(text, str) else text for path, text in self.files.items()}
        modes = {path: 0o755 for path, content in files.items() if content.startswith(b"#!")}
        return FakeImage(
            system_tree(programs, files=files, modes=modes),
            programs,
            entrypoint=(_MAIN,),
            cmd=tuple(self.args),
            env=self.env,
            working_dir=self.working_dir,
            user=self.user,
            stop_signal=self.stop_signal,
            size=self.size,
            annotations=self.annotations,
        )


def program(path: str) -> Callable[[Program], NamedProgram]:
    """Make a coroutine function the program that images have at ``path``: ``@program("/usr/bin/restock")``."""
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is no absolute path")
    return lambda run: NamedProgram(path, run)


def image(
    *references: str,
    programs: Sequence[NamedProgram] = (),
    files: Mapping[str, bytes | str] | None = None,
    env: Mapping[str, str] | None = None,
    args: Sequence[str] = (),
    working_dir: str = "/",
    user: int | str = 0,
    stop_signal: str = "SIGTERM",
    size: int = 10_000_000,
    annotations: Mapping[str, str] | None = None,
) -> Callable[[Program], ImageDefinition]:
    """Make a coroutine function the main program of an image: ``@image("example.com/shop")``.

    ``references`` are patterns: ``example.com/shop`` is any tag of it, ``*`` anything. The image has a shell, the usual
    utilities, ``programs`` and ``files`` (those that begin with ``#!`` can be executed). ``args`` are replaced by
    a pod's. ``size`` is in bytes. ``annotations`` (``kubemu.io/start-delay``, …) hold for its containers where their
    pods say nothing else.
    """
    if not references:
        raise ValueError("an image needs a reference")
    return lambda main: ImageDefinition(
        references,
        main,
        tuple(programs),
        dict(files or {}),
        dict(env or {}),
        tuple(args),
        working_dir,
        user,
        stop_signal,
        size,
        dict(annotations or {}),
    )


async def serve_http(process: Process, port: int, handler: Handler, *, server: str = "") -> int:
    """Answer HTTP requests until the container is told to end; return the exit code.

    ``handler`` answers at once, or is a coroutine function. ``server`` is the ``Server`` header.
    """
    try:
        await process.listen(port, HTTPService(process, server, handler).connection)
    except OSError as error:
        await process.complain(f"listen tcp 0.0.0.0:{port}: bind: {error.strerror}")
        return 1
    await process.wait_for_signal(signal.SIGTERM, signal.SIGINT)
    return 0
