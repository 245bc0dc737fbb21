"""``agnhost inclusterclient``: asks the API server for its health again and again, with the pod's own token.

What is logged lets a test see that the token is exchanged before it expires: a hash of the header that was sent.
"""

import base64
import hashlib

from kubelet.fake.process import Process
from kubelet.images.agnhost.flags import FlagFault, go_error, log_line, parse_flags, port_flag
from kubelet.images.agnhost.in_cluster import ACCOUNT, NOT_IN_CLUSTER, api_url
from kubelet.images.utilities.http_client import BadReply, EmptyReply, Request, exchange

_TIMEOUT_SECONDS = 10.0


async def inclusterclient(process: Process, arguments: list[str]) -> int:
    """``inclusterclient [--poll-interval SECONDS]``."""
    try:
        values = parse_flags(arguments, {"poll-interval": "30"})
        seconds = port_flag(values, "poll-interval")
    except FlagFault as fault:
        await process.complain(f"Error: {fault}")
        return 1
    await _log(process, "started")
    url = api_url(process, "/healthz")
    if url is None:
        await process.complain(f"{process.clock.now():%Y/%m/%d %H:%M:%S} err: {NOT_IN_CLUSTER}")
        return 1
    try:
        process.fs.read(f"{ACCOUNT}/token")
    except OSError as error:
        problem = go_error("open", f"{ACCOUNT}/token", error)
        await process.complain(f"{process.clock.now():%Y/%m/%d %H:%M:%S} err: {problem}")
        return 1
    while True:
        await process.sleep(max(seconds, 1))
        await _log(process, "calling /healthz")
        authorization = await _authorization(process)
        headers = [("Authorization", authorization)] if authorization else []
        try:
            async with process.clock.timeout(_TIMEOUT_SECONDS):
                reply = await exchange(process, Request(url, headers=headers, user_agent="inclusterclient/v0.0.0"))
            problem = "" if reply.status == 200 else f"the server responded with the status code {reply.status}"
            body = bytes(reply.body).decode(errors="replace")
        except (OSError, BadReply, EmptyReply, TimeoutError) as error:
            problem, body = str(error) or "context deadline exceeded", ""
        if problem:
            await _log(process, "status=failed", "E")
            await _log(process, f"error checking /healthz: {problem}\n{body}\n", "E")


async def _authorization(process: Process) -> str:
    """Return the header to send, by the token of the moment, and log its hash."""
    try:
        token = process.fs.read(f"{ACCOUNT}/token").decode(errors="replace").strip()
    except OSError:
        token = ""
    if not token:
        await _log(process, "authz_header=<empty>", "E")
        return ""
    digest = hashlib.sha256(f"salt|Bearer {token}".encode()).digest()
    await _log(process, f"authz_header={base64.urlsafe_b64encode(digest).decode().rstrip('=')}")
    return f"Bearer {token}"


async def _log(process: Process, text: str, severity: str = "I") -> None:
    await process.stderr.write(log_line(process, text, severity))
