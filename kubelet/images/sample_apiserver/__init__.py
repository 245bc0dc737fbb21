"""``sample-apiserver`` of upstream's tests: an API server of its own, for a group that the cluster's does not have."""

import orjson

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Process
from kubelet.fake.tree import build_tree
from kubelet.images.agnhost.flags import FlagFault, log_line, parse_flags, port_flag
from kubelet.images.agnhost.server import serve
from kubelet.images.agnhost.webhook import tls_of_files
from kubelet.images.certificates import self_signed
from kubelet.images.http import HTTPRequest, HTTPResponse
from kubelet.images.sample_apiserver.objects import Asked, Objects
from kubelet.images.utilities.hosts import resolve
from kubelet.images.utilities.http_client import BadURL, parse_url

_DEFAULTS = {
    "audit-log-maxage": "0",
    "audit-log-maxbackup": "0",
    "audit-log-path": "",
    "authentication-kubeconfig": "",
    "authorization-kubeconfig": "",
    "etcd-servers": "",
    "feature-gates": "",
    "kubeconfig": "",
    "secure-port": "443",
    "tls-cert-file": "",
    "tls-private-key-file": "",
    "v": "0",
}
_ETCD_SECONDS = 2.0


async def sample_apiserver(process: Process) -> int:
    """``sample-apiserver --etcd-servers URL [--secure-port 443] [--tls-cert-file F --tls-private-key-file F]``.

    It is ready while etcd takes connections; the objects themselves are in its own memory.
    """
    try:
        values = parse_flags(process.argv[1:], _DEFAULTS)
        port = port_flag(values, "secure-port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    if not values["etcd-servers"]:
        await process.complain("Error: --etcd-servers must be specified")
        return 1
    if values["tls-cert-file"]:
        tls = await tls_of_files(process, values["tls-cert-file"], values["tls-private-key-file"])
        if tls is None:
            return 255
    else:
        tls = self_signed(process.hostname, process.ip, process.clock.now())
    objects = Objects(process.world.rng)

    async def health(request: HTTPRequest) -> HTTPResponse:
        if request.path == "/livez" or await _reached(process, values["etcd-servers"].split(",")[0]):
            return HTTPResponse(200, b"ok")
        failed = f"[+]ping ok\n[-]etcd failed: reason withheld\n{request.path.strip('/')} check failed\n"
        return HTTPResponse(500, failed.encode())

    def answer(request: HTTPRequest) -> HTTPResponse:
        kind = request.headers.get("content-type", "application/json")
        asked = Asked(request.method, request.path, request.query, request.body, kind)
        code, body = objects.answer(asked, process.clock.now())
        return HTTPResponse(code, orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE), "application/json")

    await process.stderr.write(log_line(process, f"Serving securely on [::]:{port}"))
    return await serve(
        process,
        port,
        lambda request: health(request) if request.path in {"/healthz", "/livez", "/readyz"} else answer(request),
        tls=tls,
    )


async def _reached(process: Process, address: str) -> bool:
    try:
        url = parse_url(address)
        async with process.clock.timeout(_ETCD_SECONDS):
            _, writer = await process.connect(await resolve(process, url.hostname or ""), url.port or 2379)
    except (OSError, BadURL):
        return False
    writer.close()
    process.connections.discard(writer.transport)
    return True


def sample_apiserver_image() -> FakeImage:
    """Return the image, which has no shell, as the real one."""
    programs = {"/sample-apiserver": sample_apiserver}
    return FakeImage(build_tree({}), programs, ("/sample-apiserver",), size=65_000_000)
