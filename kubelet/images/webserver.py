"""``nginx`` and ``httpd``: serve the files of the container's own file system on port 80."""

import mimetypes
import posixpath
import signal
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from kubelet.fake.process import Process, Program
from kubelet.fake.streams import LogOutput
from kubelet.images.http import AccessLog, HTTPConnection, HTTPRequest, HTTPResponse, error_page

NGINX_ROOT = "/usr/share/nginx/html"
HTTPD_ROOT = "/usr/local/apache2/htdocs"

NGINX_INDEX = b"""<!DOCTYPE html>
<html>
<head><title>Welcome to nginx!</title></head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page is served by a fake container.</p>
</body>
</html>
"""
HTTPD_INDEX = b"<html><body><h1>It works!</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class Flavour:
    """What tells one web server from another."""

    server: str
    root: str
    graceful_signals: tuple[int, ...]
    log_line: Callable[[HTTPRequest, HTTPResponse, str], str]


def _clf_time(process: Process) -> str:
    return process.clock.now().strftime("%d/%b/%Y:%H:%M:%S +0000")


def _combined(request: HTTPRequest, response: HTTPResponse, when: str) -> str:
    referer, agent = request.headers.get("referer", "-"), request.headers.get("user-agent", "-")
    forwarded = request.headers.get("x-forwarded-for", "-")
    return (
        f'{request.client.rpartition(":")[0]} - - [{when}] "{request.method} {request.target} '
        f'HTTP/{request.version}" {response.status} {len(response.body)} "{referer}" "{agent}" "{forwarded}"'
    )


def _common(request: HTTPRequest, response: HTTPResponse, when: str) -> str:
    return (
        f'{request.client.rpartition(":")[0]} - - [{when}] "{request.method} {request.target} '
        f'HTTP/{request.version}" {response.status} {len(response.body)}'
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
    path = posixpath.normpath(posixpath.join(root, request.path.lstrip("/")))
    if path != root.rstrip("/") and not path.startswith(root.rstrip("/") + "/"):
        return error_page(400, server)
    fs = process.fs
    if fs.is_dir(path):
        if not request.path.endswith("/"):
            return HTTPResponse(301, b"", "text/html", {"Location": f"{request.path}/"})
        folder, path = path, posixpath.join(path, "index.html")
        if not fs.is_file(path):
            return _listing(process, folder) if listing else error_page(403, server)
    try:
        content = fs.read(path)
    except OSError:
        return error_page(404, server)
    return HTTPResponse(200, content, mimetypes.guess_type(path)[0] or "application/octet-stream")


def _listing(process: Process, folder: str) -> HTTPResponse:
    """Show a folder as Go's file server does."""
    links = []
    for name in process.fs.listdir(folder):
        shown = f"{name}/" if process.fs.is_dir(posixpath.join(folder, name)) else name
        links.append(f'<a href="{quote(shown)}">{escape(shown)}</a>\n')
    return HTTPResponse(200, f"<!doctype html>\n<pre>\n{''.join(links)}</pre>\n".encode(), "text/html; charset=utf-8")


def access_log(process: Process, line: Callable[[HTTPRequest, HTTPResponse, str], str]) -> AccessLog:
    """Return a function that writes a request's line to standard output, which must be a log."""
    output = process.stdout

    def note(request: HTTPRequest, response: HTTPResponse) -> None:
        if isinstance(output, LogOutput):
            output.write_nowait(line(request, response, _clf_time(process)).encode() + b"\n")

    return note


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

    async def serve(process: Process) -> int:
        if (told := _command_line(process, flavour)) is not None:
            await process.complain(told)
            return 0

        def handler(request: HTTPRequest) -> HTTPResponse:
            return serve_file(process, flavour.root, request, flavour.server)

        log = access_log(process, flavour.log_line)
        try:
            await process.listen(80, lambda: HTTPConnection(process, flavour.server, handler, log))
        except OSError as error:
            await process.complain(
                f"{format_datetime(process.clock.now())} [emerg] bind() to 0.0.0.0:80 failed ({error.errno}: "
                f"{error.strerror})"
            )
            return 1
        await process.wait_for_signal(*flavour.graceful_signals)
        return 0

    return serve
