"""``etcd``, seen from outside: it listens, and tells over HTTP that it is well and which version it is."""

import signal
from itertools import pairwise

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.fake.program import Until
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.http import HTTPRequest, HTTPResponse, HTTPService
from kubelet.images.utilities.http_client import BadURL, parse_url

_VERSION = "3.6.8"
_ANSWERS = {
    "/health": b'{"health":"true","reason":""}',
    "/readyz": b"ok\n",
    "/livez": b"ok\n",
    "/version": b'{"etcdserver":"3.6.8","etcdcluster":"3.6.0","storage":"3.6.0"}',
}


async def etcd(process: Process) -> int | Until:
    """``etcd [--listen-client-urls URL,...] [--listen-peer-urls URL,...] …``; keys are not kept."""
    if "--version" in process.argv:
        await process.print(f"etcd Version: {_VERSION}")
        return 0
    words = [part for word in process.argv[1:] for part in word.split("=", 1)]
    given = {flag.lstrip("-"): value for flag, value in pairwise(words) if flag.startswith("-")}
    addresses = [
        *given.get("listen-client-urls", "http://localhost:2379").split(","),
        *given.get("listen-peer-urls", "http://localhost:2380").split(","),
    ]
    for address in addresses:
        try:
            url = parse_url(address.replace("https://", "http://", 1))
            host = {"localhost": "127.0.0.1", "0.0.0.0": ""}.get(url.hostname or "", url.hostname or "")
            await process.listen(url.port or 2379, HTTPService(process, "", _answer).connection, host=host)
        except BadURL as error:
            await process.complain(f'{{"level":"fatal","msg":"invalid URL {address}: {error}"}}')
            return 1
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            await process.complain(f'{{"level":"fatal","msg":"listen tcp {url.netloc}: bind: {reason}"}}')
            return 1
    await process.complain('{"level":"info","msg":"ready to serve client requests"}')
    return Until((signal.SIGTERM, signal.SIGINT))


def _answer(request: HTTPRequest) -> HTTPResponse:
    found = _ANSWERS.get(request.path)
    return HTTPResponse(404, b"404 page not found\n") if found is None else HTTPResponse(200, found, "application/json")


def etcd_image() -> FakeImage:
    """Return the image."""
    programs = {**shell_programs(), "/usr/local/bin/etcd": etcd}
    return FakeImage(system_tree(programs), programs, cmd=("etcd",), size=60_000_000)
