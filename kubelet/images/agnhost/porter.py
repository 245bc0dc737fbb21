"""``agnhost porter``: says on each port what its environment has for it (``test/images/agnhost/porter``, v1.36)."""

import json
import re
import ssl

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, log_line, parse_flags
from kubelet.images.agnhost.server import go_exit, listen
from kubelet.images.http import Handler, HTTPRequest, HTTPResponse, HTTPService

_PORT = re.compile(r"SERVE_(?P<tls>TLS_)?PORT_(?P<port>\d+)")


async def porter(process: Process, arguments: list[str]) -> int:
    """``porter [--json-response]`` with ``SERVE_PORT_n`` and ``SERVE_TLS_PORT_n`` in the environment."""
    try:
        as_json = parse_flags(arguments, {"json-response": "false"})["json-response"] == "true"
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    context: ssl.SSLContext | None = None
    for name, value in process.env.items():
        found = _PORT.fullmatch(name)
        if found is None:
            continue
        if found["tls"] and context is None:
            # Only those who serve TLS pay for making a certificate.
            from kubelet.images.certificates import self_signed

            context = self_signed(process.hostname, process.ip, process.clock.now())
        service = HTTPService(process, "", _json if as_json else _saying(value))
        if not await listen(process, int(found["port"]), service.connection, tls=context if found["tls"] else None):
            return 1
        await process.stderr.write(log_line(process, f"server on port {found['port']} started"))
    return await go_exit(process)


def _saying(value: str) -> Handler:
    return lambda request: HTTPResponse(200, value.encode())


def _json(request: HTTPRequest) -> HTTPResponse:
    told = {"Method": request.method, "Body": request.body.decode(errors="replace")}
    return HTTPResponse(200, json.dumps(told, separators=(",", ":")).encode(), "application/json")
