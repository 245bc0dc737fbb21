"""``httpGet`` of probes and lifecycle hooks as a request (``pkg/probe/http/request.go``, v1.36)."""

from multidict import CIMultiDict
from yarl import URL

from apimachinery.types.pod import Container
from apimachinery.types.probes import HTTPGetAction


def action_port(port: int | str, container: Container) -> int | None:
    """Return the number of a port given by number or by name, ``None`` when the container has none of that name."""
    if isinstance(port, int):
        return port
    for declared in container.ports:
        if declared.name == port:
            return declared.container_port
    return int(port) if port.isdecimal() else None


def action_url(action: HTTPGetAction, container: Container, pod_ip: str) -> URL | None:
    """Return what is asked for, ``None`` when the action names a port that the container does not have."""
    port = action_port(action.port, container)
    if port is None:
        return None
    path = action.path if action.path.startswith("/") else f"/{action.path}"
    return URL(f"{action.scheme.lower()}://{action.host or pod_ip}:{port}{path}", encoded=True)


def action_headers(action: HTTPGetAction, user_agent: str) -> CIMultiDict[str]:
    """Return the headers of a request: the action's own, and defaults for those it does not name.

    An empty ``User-Agent`` or ``Accept`` leaves the header out.
    """
    headers = CIMultiDict((header.name, header.value) for header in action.http_headers)
    for name, default in (("User-Agent", user_agent), ("Accept", "*/*")):
        if not headers.setdefault(name, default):
            del headers[name]
    return headers
