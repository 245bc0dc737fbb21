"""The program ``nginx``: reads its configuration, listens where that says, and answers as its locations say."""

import asyncio
import fnmatch
import itertools
import posixpath
import re
import signal
from collections.abc import Awaitable, Iterator, Sequence

from kubelet.fake.process import Process
from kubelet.fake.program import Until
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse, HTTPService, error_page
from kubelet.images.nginx.config import MAIN, BadConfig, Config, Location, Server, read_config
from kubelet.images.utilities.hosts import UnknownHost, resolve
from kubelet.images.utilities.http_client import BadReply, BadURL, EmptyReply, Request, exchange, parse_url
from kubelet.images.webserver import NGINX, AccessLog, FolderServer, serve_file

ROOT = NGINX.root

_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_PROXY_SECONDS = 60.0
_OWN_HEADERS = frozenset({"connection", "content-length", "content-type", "date", "server", "transfer-encoding"})
_NOT_PASSED_ON = frozenset({"connection", "content-length", "host", "transfer-encoding", "upgrade", "keep-alive"})
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_TEMPLATES, _SITES = "/etc/nginx/templates", "/etc/nginx/conf.d"


async def nginx(process: Process) -> int | Until:
    """``nginx [-t] [-v] [-s SIGNAL] [-c FILE] [-g DIRECTIVES]``; HUP and ``-s reload`` read the configuration anew."""
    options = process.argv[1:]
    if {"-v", "-V"} & set(options):
        await process.complain(f"nginx version: {NGINX.server}")
        return 0
    if "-s" in options:
        return await _signal_main(process, options[options.index("-s") + 1 :][:1])
    path = next(iter(options[options.index("-c") + 1 :]), MAIN) if "-c" in options else MAIN
    _fill_templates(process)
    try:
        config = await _read(process, path)
    except BadConfig as error:
        await process.complain(f"nginx: [emerg] {error}")
        if "-t" in options:
            await process.complain(f"nginx: configuration file {path} test failed")
        return 1
    if "-t" in options:
        await process.complain(f"nginx: the configuration file {path} syntax is ok")
        await process.complain(f"nginx: configuration file {path} test is successful")
        return 0
    site = _Site(process, config)
    log = AccessLog(process, NGINX.log_line)
    for port in sorted({port for server in config.servers for port in server.ports}):
        service = HTTPService(process, NGINX.server, site.handler(port), log)
        try:
            await process.listen(port, service.connection)
        except OSError as error:
            await process.complain(f"nginx: [emerg] bind() to 0.0.0.0:{port} failed ({error.errno}: {error.strerror})")
            return 1
    process.on_signal(signal.SIGHUP, lambda: process.background(_reload(process, path, site), "nginx-reload"))
    return Until(NGINX.graceful_signals)


async def _signal_main(process: Process, given: Sequence[str]) -> int:
    numbers = {"reload": signal.SIGHUP, "quit": signal.SIGQUIT, "stop": signal.SIGTERM, "reopen": signal.SIGUSR1}
    main = process.world.main
    if not given or given[0] not in numbers or main is None:
        await process.complain(f'nginx: invalid option: "-s {" ".join(given)}"')
        return 1
    if given[0] != "reopen":
        main.deliver(numbers[given[0]])
    return 0


async def _reload(process: Process, path: str, site: "_Site") -> None:
    try:
        site.use(await _read(process, path))
    except BadConfig as error:
        # As upstream's, it goes on with what it had.
        await process.complain(f"nginx: [emerg] {error}")


async def _read(process: Process, path: str) -> Config:
    """Return the configuration, of which every host is known; raise :class:`BadConfig`."""
    fs = process.fs

    def find(pattern: str) -> list[str]:
        folder, name = posixpath.split(pattern)
        found = fs.listdir(folder) if fs.is_dir(folder) else []
        return [posixpath.join(folder, entry) for entry in sorted(found) if fnmatch.fnmatchcase(entry, name)]

    config = read_config(lambda file: fs.read(file).decode(errors="replace"), find, path, ROOT)
    places = {place for group in config.upstreams.values() for place in group}
    for server in config.servers:
        for location in server.locations:
            if location.proxy and "$" not in location.proxy:
                try:
                    name = parse_url(location.proxy).netloc
                except BadURL as error:
                    raise BadConfig(f'invalid URL prefix in "{location.proxy}" in {path}') from error
                if name not in config.upstreams:
                    places.add(name)
    for place in sorted(places):
        host = place.partition(":")[0]
        try:
            await resolve(process, host)
        except UnknownHost:
            raise BadConfig(f'host not found in upstream "{place}" in {path}') from None
    return config


def _fill_templates(process: Process) -> None:
    """Make configurations of templates, as the image's entry point does: variables that are set are filled in."""
    fs = process.fs
    if not fs.is_dir(_TEMPLATES):
        return
    for name in fs.listdir(_TEMPLATES):
        if name.endswith(".template"):
            text = fs.read(f"{_TEMPLATES}/{name}").decode(errors="replace")
            filled = _VARIABLE.sub(lambda found: process.env.get(found[1], found[0]), text)
            fs.write(f"{_SITES}/{name.removesuffix('.template')}", filled.encode())


class _Site:
    """What is answered, by the configuration of the moment."""

    def __init__(self, process: Process, config: Config) -> None:
        self._process = process
        self._config = config
        self._turns: dict[str, Iterator[str]] = {}
        self._handlers: dict[int, Handler] = {}

    def use(self, config: Config) -> None:
        """Go by another configuration, on the same ports."""
        self._config = config
        self._turns.clear()
        self._handlers.clear()

    def handler(self, port: int) -> Handler:
        """Return the handler of a port, whatever its configuration becomes."""

        def handle(request: HTTPRequest) -> HTTPResponse | Awaitable[HTTPResponse]:
            if (current := self._handlers.get(port)) is None:
                current = self._handlers[port] = self._configured(port)
            return current(request)

        return handle

    def _configured(self, port: int) -> Handler:
        """Return the handler of a port as it is configured now."""
        servers = [server for server in self._config.servers if port in server.ports]
        if not servers:
            return lambda request: error_page(404, NGINX.server)
        if len(servers) == 1 and (root := _only_root(servers[0])) is not None:
            # Which is nearly all of them, and has to be quick.
            return FolderServer(self._process, root, NGINX.server)

        def handle(request: HTTPRequest) -> HTTPResponse | Awaitable[HTTPResponse]:
            location = _location(_server(servers, request), request.path)
            return self._pass_on(location, request) if location.proxy else self._answer(location, request)

        return handle

    def _answer(self, location: Location, request: HTTPRequest) -> HTTPResponse:
        if location.status:
            response = _returned(self._process, location, request)
        elif location.alias:
            target = location.alias.rstrip("/") + "/" if location.path.endswith("/") else location.alias
            response = self._file("", location, request, target + request.path.removeprefix(location.path))
        elif location.tries:
            response = self._try(location, request)
        else:
            response = serve_file(self._process, location.root, request, NGINX.server, listing=location.listing)
        response.headers.update(location.headers)
        return response

    def _file(self, root: str, location: Location, request: HTTPRequest, path: str) -> HTTPResponse:
        asked = HTTPRequest(
            request.method, path, request.version, request.headers, b"", request.client, request.client_port
        )
        return serve_file(self._process, root, asked, NGINX.server, listing=location.listing)

    def _try(self, location: Location, request: HTTPRequest) -> HTTPResponse:
        for number, candidate in enumerate(location.tries, start=1):
            if candidate.startswith("="):
                return error_page(int(candidate[1:]), NGINX.server)
            path = candidate.replace("$uri", request.path)
            fs, full = self._process.fs, f"{location.root}{path}"
            there = fs.is_dir(full) if path.endswith("/") else fs.is_file(full)
            if there or number == len(location.tries):
                return self._file(location.root, location, request, path)
        return error_page(404, NGINX.server)

    async def _pass_on(self, location: Location, request: HTTPRequest) -> HTTPResponse:
        base = _filled(self._process, location.proxy, request)
        scheme, _, rest = base.partition("://")
        name, slash, path = rest.partition("/")
        target = f"/{path}{request.target.removeprefix(location.path)}" if slash else request.target
        place = self._next(name)
        headers = [(key, value) for key, value in request.headers.items() if key not in _NOT_PASSED_ON]
        headers.append(("Host", name))
        try:
            url = parse_url(f"{scheme}://{place}{target}")
            asking = exchange(self._process, Request(url, request.method, headers, request.body))
            async with self._process.clock.timeout(_PROXY_SECONDS):
                reply = await asking
        except TimeoutError:
            return error_page(504, NGINX.server)
        except (OSError, BadReply, BadURL, EmptyReply, asyncio.IncompleteReadError) as error:
            await self._process.complain(
                f"{self._process.clock.now():%Y/%m/%d %H:%M:%S} [error] connect() failed ({error}) while connecting to "
                f'upstream, client: {request.client}, upstream: "{scheme}://{place}{target}"'
            )
            return error_page(502, NGINX.server)
        passed = {key: value for key, value in reply.headers if key.lower() not in _OWN_HEADERS}
        kind = reply.header("content-type") or "text/plain"
        return HTTPResponse(reply.status, bytes(reply.body), kind, {**passed, **location.headers})

    def _next(self, name: str) -> str:
        """Return the place that is next in turn for an upstream's name, or the name itself."""
        if name not in self._config.upstreams:
            return name
        if name not in self._turns:
            self._turns[name] = itertools.cycle(self._config.upstreams[name])
        return next(self._turns[name])


def _only_root(server: Server) -> str | None:
    """Return the folder of a server that does nothing but serve the files of one."""
    whole = Location(server.locations[0].path, root=server.locations[0].root)
    reached = server.locations[0]
    return reached.root if reached == whole and whole.path == "/" else None


def _server(servers: Sequence[Server], request: HTTPRequest) -> Server:
    host = request.headers.get("host", "").partition(":")[0]
    return next((server for server in servers if host in server.names), servers[0])


def _location(server: Server, path: str) -> Location:
    for location in server.locations:
        if path == location.path if location.exact else path.startswith(location.path):
            return location
    return server.locations[-1]


def _returned(process: Process, location: Location, request: HTTPRequest) -> HTTPResponse:
    text = _filled(process, location.text, request)
    if location.status in _REDIRECTIONS:
        page = error_page(location.status, NGINX.server)
        page.headers["Location"] = text
        return page
    if not text:
        return error_page(location.status, NGINX.server) if location.status >= 300 else HTTPResponse(location.status)
    return HTTPResponse(location.status, text.encode(), location.content_type or "text/plain")


def _filled(process: Process, text: str, request: HTTPRequest) -> str:
    """Fill in the variables that are about a request; others stay as they are."""
    if "$" not in text:
        return text
    values = {
        "host": request.headers.get("host", "").partition(":")[0],
        "http_host": request.headers.get("host", ""),
        "hostname": process.hostname,
        "remote_addr": request.client,
        "request_method": request.method,
        "request_uri": request.target,
        "scheme": "http",
        "server_addr": process.ip,
        "uri": request.path,
    }
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)
