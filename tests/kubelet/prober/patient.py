"""A container that is as well as a test wants it to be, whichever way it is asked."""

import asyncio
import enum
from typing import Any

from kubelet.fake.image import FakeImage
from kubelet.fake.process import Connection, Process
from kubelet.fake.tree import build_tree
from kubelet.grpc_health import Code, ServingStatus
from kubelet.images.grpc import HealthConnection, HealthService
from kubelet.images.http import HTTPConnection, HTTPRequest, HTTPResponse, HTTPService

PROBES: dict[str, dict[str, Any]] = {
    "http": {"httpGet": {"port": 8080, "path": "/"}},
    "tcp": {"tcpSocket": {"port": 9000}},
    "exec": {"exec": {"command": ["/bin/check"]}},
    "grpc": {"grpc": {"port": 5000}},
}
"""How it is probed, each way."""


class Mode(enum.Enum):
    WELL = 0
    ILL = 1
    SILENT = 2
    """Connections open, and nothing comes back."""


class Patient:
    """Shared by all runs of the container; :attr:`asked` counts how often any of them was probed."""

    def __init__(self) -> None:
        self.asked = 0
        self.hanging = 0
        """How many commands wait that take no signal but KILL."""
        self._mode = Mode.WELL
        self._changed = asyncio.Event()

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = mode
        self._changed.set()

    def image(self) -> FakeImage:
        return FakeImage(build_tree({}), {"/bin/main": self._main, "/bin/check": self._check}, ("/bin/main",))

    async def _main(self, process: Process) -> int:
        await process.listen(8080, lambda: _Http(HTTPService(process, "", self._answer), self))
        await process.listen(5000, lambda: _Grpc(HealthService(process, self._health), self))
        while True:
            self._changed.clear()
            if self._mode is Mode.ILL:
                await self._changed.wait()
                continue
            open_port = await process.listen(9000, lambda: _Counting(process, self))
            while self._mode is not Mode.ILL:
                self._changed.clear()
                await self._changed.wait()
            open_port.close()

    async def _check(self, process: Process) -> int:
        self.asked += 1
        if self._mode is Mode.SILENT:
            for number in range(1, 32):
                process.on_signal(number, lambda: None)
            self.hanging += 1
            try:
                await process.sleep(1e6)
            finally:
                self.hanging -= 1
        if self._mode is Mode.ILL:
            await process.print("I am ill")
        return self._mode.value

    def _answer(self, request: HTTPRequest) -> HTTPResponse:
        return HTTPResponse(200 if self._mode is Mode.WELL else 503)

    def _health(self, service: str) -> ServingStatus | tuple[Code, str]:
        return ServingStatus.SERVING if self._mode is Mode.WELL else ServingStatus.NOT_SERVING


class _Counting(Connection):
    def __init__(self, process: Process, patient: Patient) -> None:
        super().__init__(process)
        patient.asked += 1


class _Http(HTTPConnection):
    def __init__(self, service: HTTPService, patient: Patient) -> None:
        super().__init__(service)
        self._patient = patient
        patient.asked += 1

    def data_received(self, data: bytes) -> None:
        if self._patient.mode is not Mode.SILENT:
            super().data_received(data)


class _Grpc(HealthConnection):
    def __init__(self, service: HealthService, patient: Patient) -> None:
        super().__init__(service)
        self._patient = patient
        patient.asked += 1

    def data_received(self, data: bytes) -> None:
        if self._patient.mode is not Mode.SILENT:
            super().data_received(data)
