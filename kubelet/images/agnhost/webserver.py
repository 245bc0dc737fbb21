"""``agnhost test-webserver``: serves the container's whole file system."""

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, parse_flags, port_flag
from kubelet.images.agnhost.server import serve
from kubelet.images.http import HTTPRequest, HTTPResponse
from kubelet.images.webserver import serve_file


async def test_webserver(process: Process, arguments: list[str]) -> int:
    """``test-webserver [--port 80]``."""
    try:
        port = port_flag(parse_flags(arguments, {"port": "80"}), "port")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1

    def handler(request: HTTPRequest) -> HTTPResponse:
        return serve_file(process, "", request, listing=True)

    return await serve(process, port, handler)
