"""``netexec``'s ``/shell`` and ``/upload``: commands and files that come over HTTP."""

import email
import email.policy
import json
from email.message import EmailMessage

from kubelet.fake.process import Process
from kubelet.fake.streams import Capture
from kubelet.images.agnhost.server import log
from kubelet.images.http import HTTPRequest, HTTPResponse

_UPLOADS = "/uploads"


async def shell(process: Process, request: HTTPRequest) -> HTTPResponse:
    """Run ``shellCommand``, or ``cmd``, in a shell; answer with ``{"output": …, "error": …}``."""
    command = request.query.get("shellCommand") or request.query.get("cmd", "")
    log(process, f"GET /shell?cmd={command}")
    written = Capture()
    child = process.spawn(["/bin/sh", "-c", command], stdout=written, stderr=written)
    code = await child.wait()
    told = {}
    if written.data:
        told["output"] = bytes(written.data).decode(errors="replace")
    if code:
        told["error"] = f"exit status {code}"
    return HTTPResponse(200, json.dumps(told, separators=(",", ":")).encode())


def upload(process: Process, request: HTTPRequest) -> HTTPResponse:
    """Keep the part ``file`` of a form in a new file; answer with ``{"output": its path}``."""
    log(process, "GET /upload")
    content = _part(request, "file")
    if content is None:
        return HTTPResponse(200, b'{"error":"Unable to upload file."}')
    path = f"{_UPLOADS}/upload{process.world.rng.randrange(10**9)}"
    try:
        process.fs.write(path, content, mode=0o700, uid=process.uid, gid=process.gid)
    except OSError:
        return HTTPResponse(200, b'{"error":"Unable to open file for write"}')
    log(process, f"Wrote upload to {path}")
    return HTTPResponse(201, json.dumps({"output": path}, separators=(",", ":")).encode())


def _part(request: HTTPRequest, name: str) -> bytes | None:
    """Return a part of a form with several."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    for part in message.iter_parts() if isinstance(message, EmailMessage) else ():
        if part.get_param("name", header="content-disposition") == name:
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else None
    return None
