"""Probes, and the lifecycle handlers that act like them."""

from pydantic import Field

from apimachinery.types.base import Model


class ExecAction(Model):
    command: list[str] = Field(default_factory=list)


class HTTPHeader(Model):
    name: str
    value: str


class HTTPGetAction(Model):
    path: str = "/"
    port: int | str
    host: str = ""
    scheme: str = "HTTP"
    http_headers: list[HTTPHeader] = Field(default_factory=list)


class TCPSocketAction(Model):
    port: int | str
    host: str = ""


class GRPCAction(Model):
    port: int
    service: str = ""


class Probe(Model):
    """The bounds are the API server's to check; the zero of each field means upstream's default."""

    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    grpc: GRPCAction | None = None
    initial_delay_seconds: int = 0
    timeout_seconds: int = 1
    period_seconds: int = 10
    success_threshold: int = 1
    failure_threshold: int = 3
    termination_grace_period_seconds: int | None = None


class SleepAction(Model):
    seconds: int = 0


class LifecycleHandler(Model):
    """Exactly one of the four is set. ``tcpSocket`` is accepted by the API and fails when it is run, as upstream's."""

    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    sleep: SleepAction | None = None


class Lifecycle(Model):
    """``stopSignal`` is a name such as ``SIGUSR1``; empty means the image's own, ``SIGTERM`` where it has none."""

    post_start: LifecycleHandler | None = None
    pre_stop: LifecycleHandler | None = None
    stop_signal: str = ""
