"""What is probed, and what a single probe comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from apimachinery.types.pod import Container
from componentbase.version import KUBERNETES_MINOR
from kubelet.probe_state import Result

USER_AGENT = f"kube-probe/1.{KUBERNETES_MINOR}"
SHOWN_BYTES = 10 * 1024
"""How much is read of what a container answers."""

Endpoint = Callable[[str, int], tuple[str, int]]
"""Where connections to an address and port of the pod network really go."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``message`` is what an event says after the colon; a success that has one comes with a warning."""

    result: Result
    message: str = ""


SUCCESS = Outcome(Result.SUCCESS)


@dataclass(frozen=True, slots=True)
class Subject:
    """Which container is probed, and where it is found."""

    container: Container
    container_id: str
    pod_ip: str


Done = Callable[[Outcome], None]
Cancel = Callable[[], None]


class Check(Protocol):
    """A probe made ready: one way of looking at one container, to be repeated."""

    def begin(self, done: Done) -> Cancel:
        """Look once, within the probe's timeout; call ``done`` once, possibly before this returns.

        What it returns gives the attempt up: ``done`` is then not called any more. Never raises.
        """
        ...


class Foregone:
    """A check that cannot be tried: its outcome is known."""

    __slots__ = ("_outcome",)

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def begin(self, done: Done) -> Cancel:
        done(self._outcome)
        return _nothing


def _nothing() -> None:
    return None


class PortUnknown(Exception):
    """A probe's port is not one; the text says why, as upstream's."""


def resolve_port(port: int | str, container: Container) -> int:
    """Return the number of a port given by number or by name (``pkg/probe/util.go``, v1.36)."""
    number = port
    if isinstance(number, str):
        named = (entry.container_port for entry in container.ports if entry.name == port)
        found = next(named, None)
        if found is None:
            if not number.isdecimal():
                raise PortUnknown(f'strconv.Atoi: parsing "{port}": invalid syntax')
            found = int(number)
        number = found
    if not 0 < number < 65536:
        raise PortUnknown(f"invalid port number: {number}")
    return number


def host_port(host: str, port: int) -> str:
    """Return ``host:port``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
