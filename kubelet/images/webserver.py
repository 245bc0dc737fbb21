"""Web servers: what they serve of a container's own file system, and ``httpd``, which serves it on port 80."""

import functools
import mimetypes
import posixpath
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from kubelet.fake.process import Process
from kubelet.fake.program import Program, Until
from kubelet.fake.streams import LogOutput
from kubelet.images.http import HTTPRequest, HTTPResponse, HTTPService, error_page

NGINX_ROOT = "/usr/share/nginx/html"
HTTPD_ROOT = "/usr/local/apache2/htdocs"

_MOST_ANSWERS = 64
HTTPD_INDEX = b"<html><body><h1>It works!</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class Flavour:
    """What tells one web server from another."""

    server: str
    root: str
    graceful_signals: tuple[int, ...]
    log_line: Callable[[HTTPRequest, HTTPResponse, str], str]
    """Returns a line for the log, of a request, its answer, and when that was."""


def _common(request: HTTPRequest, response: HTTPResponse, when: str) -> str:
    return (
        f'{request.client} - - [{when}] "{request.method} {request.target} HTTP/{request.version}" '
        f"{response.status} {len(response.body)}"
    )


def _combined(request: HTTPRequest, response: HTTPResponse, when: str) -> str:
    get = request.headers.get
    return (
        f'{request.client} - - [{when}] "{request.method} {request.target} HTTP/{request.version}" '
        f'{response.status} {len(response.body)} "{get("referer", "-")}" "{get("user-agent", "-")}" '
        f'"{get("x-forwarded-for", "-")}"'
    )


NGINX = Flavour("nginx/1.29.3", NGINX_ROOT, (signal.SIGQUIT, signal.SIGTERM, signal.SIGINT), _combined)
HTTPD = Flavour("Apache/2.4.65 (Unix)", HTTPD_ROOT, (signal.SIGTERM, signal.SIGINT, signal.SIGWINCH), _common)


def serve_file(
    process: Process, root: str, request: HTTPRequest, server: str = "", *, listing: bool = False
) -> HTTPResponse:
    """Answer with a file below ``root``, an ``index.html``, a redirect to a folder, or an error page.

    ``listing`` shows what is in folders that have no ``index.html``.
    """
    if request.method not in {"GET", "HEAD"}:
        return error_page(405, server)
    path = request.path
    if "/." in path and not f"{posixpath.normpath(root + path)}/".startswith(f"{root}/"):
        return error_page(400, server)
    fs = process.fs
    file = _file(root, path)
    try:
        return HTTPResponse(200, fs.read(file), content_type(file))
    except IsADirectoryError:
        return HTTPResponse(301, b"", "text/html", {"Location": f"{quote(path)}/"})
    except OSError:
        if path.endswith("/") and fs.is_dir(f"{root}{path}"):
            return _listing(process, f"{root}{path}") if listing else error_page(403, server)
        return error_page(404, server)


class FolderServer:
    """Answers with the files of one folder as :func:`serve_file` does, and faster with those asked for before."""

    def __init__(self, process: Process, root: str, server: str) -> None:
        self._process = process
        self._root = root
        self._server = server
        self._answers: dict[str, tuple[str, HTTPResponse]] = {}

    def __call__(self, request: HTTPRequest) -> HTTPResponse:
        if request.method == "GET" and (known := self._answers.get(request.path)) is not None:
            file, answer = known
            try:
                if self._process.fs.read(file) is answer.body:
                    return answer
            except OSError:
                pass
        answer = serve_file(self._process, self._root, request, self._server)
        if answer.status == 200:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[request.path] = (_file(self._root, request.path), answer)
        return answer


def _file(root: str, path: str) -> str:
    return f"{root}{path}index.html" if path.endswith("/") else f"{root}{path}"


@functools.lru_cache(maxsize=1024)
def content_type(path: str) -> str:
    """Return the media type of a file, by how its name ends."""
    return mimetypes.guess_type(f"file{posixpath.splitext(path)[1]}")[0] or "application/octet-stream"


def _listing(process: Process, folder: str) -> HTTPResponse:
    """Show a folder as Go's file server does."""
    links = []
    for name in process.fs.listdir(folder):
        shown = f"{name}/" if process.fs.is_dir(posixpath.join(folder, name)) else name
        links.append(f'<a href="{quote(shown)}">{escape(shown)}</a>\n')
    return HTTPResponse(200, f"<!doctype html>\n<pre>\n{''.join(links)}</pre>\n".encode(), "text/html; charset=utf-8")


class AccessLog:
    """Writes a line for each request to standard output, which must be a log."""

    def __init__(self, process: Process, line: Callable[[HTTPRequest, HTTPResponse, str], str]) -> None:
        self._output = process.stdout if isinstance(process.stdout, LogOutput) else None
        self._line = line
        self._second = self._next_second = datetime.min.replace(tzinfo=UTC)
        self._when = ""

    def __call__(self, request: HTTPRequest, response: HTTPResponse, now: datetime) -> None:
        if self._output is None:
            return
        if not self._second <= now < self._next_second:
            self._second = now.replace(microsecond=0)
            self._next_second = self._second + timedelta(seconds=1)
            self._when = now.strftime("%d/%b/%Y:%H:%M:%S +0000")
        self._output.write_line(self._line(request, response, self._when).encode(), now)


def _command_line(process: Process, flavour: Flavour) -> str | None:
    """Return the answer to options that only ask something, ``None`` when the server is to run."""
    name, options = posixpath.basename(process.argv[0]), process.argv[1:]
    if {"-v", "-V"} & set(options):
        return f"{name} version: {flavour.server}"
    if "-t" in options:
        return f"{name}: the configuration file syntax is ok"
    if "-s" in options:
        return f"{name}: signal process started"
    return None


def web_server(flavour: Flavour) -> Program:
    """Return the program of a web server that serves its document root on port 80."""

    async def serve(process: Process) -> int | Until:
        if (told := _command_line(process, flavour)) is not None:
            await process.complain(told)
            return 0

        handler = FolderServer(process, flavour.root, flavour.server)
        service = HTTPService(process, flavour.server, handler, AccessLog(process, flavour.log_line))
        try:
            await process.listen(80, service.connection)
        except OSError as error:
            await process.complain(
                f"{format_datetime(process.clock.now())} [emerg] bind() to 0.0.0.0:80 failed ({error.errno}: "
                f"{error.strerror})"
            )
            return 1
        return Until(flavour.graceful_signals)

    return serve
