"""The components as child processes: started together, watched, and all gone at the end."""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from apimachinery.clock import Clock
from apimachinery.errors import FatalError
from kubemu.children import SERVING, end
from kubemu.interpreter import same_python
from kubemu.up import addresses
from kubemu.up.addresses import Addresses

_KEPT_LINES = 50


@dataclass(slots=True, eq=False)
class Component:
    """A running child. ``lines`` are the last of what it logged."""

    name: str
    process: asyncio.subprocess.Process
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))
    url: str = ""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once :attr:`url` is known, or never will be."""

    async def read(self) -> None:
        """Take in what the child logs until it closes its end."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            text = line.decode(errors="replace").rstrip()
            self.lines.append(text)
            found = SERVING.search(text)
            if found:
                self.url = found[1]
                self.settled.set()
        await self.process.wait()
        self.settled.set()


class Components:
    """Starts components; use as ``async with Components(clock) as components``.

    Leaving the block sends each SIGTERM, then KILL to whoever is still there after three seconds. A component
    that ends by itself is an error that :meth:`watch` raises.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started: list[Component] = []
        self._stack = contextlib.AsyncExitStack()
        self._readers: asyncio.TaskGroup | None = None

    async def __aenter__(self) -> "Components":
        self._readers = await self._stack.enter_async_context(asyncio.TaskGroup())
        self._stack.push_async_callback(self._stop_all)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def start(self, name: str, module: str, *args: str) -> Component:
        assert self._readers is not None, "use `async with Components(...)`"
        process = await asyncio.create_subprocess_exec(
            *same_python(),
            "-m",
            module,
            *args,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # A Ctrl-C in the terminal is for the parent, which then stops its children in order.
            start_new_session=True,
        )
        component = Component(name, process)
        self._started.append(component)
        self._readers.create_task(component.read(), name=f"log-{name}")
        return component

    async def start_apiserver(self, *args: str) -> str:
        """Start an API server on a free port and return its URL; raise ``FatalError`` when it does not come up."""
        component = await self.start("apiserver", "apiserver", "--port", "0", *args)
        await component.settled.wait()
        if not component.url:
            raise _ended(component)
        return component.url

    def watch(self) -> None:
        """Raise :class:`~apimachinery.errors.FatalError` naming the first component that has ended."""
        for component in self._started:
            if component.process.returncode is not None:
                raise _ended(component)

    @property
    def started(self) -> Sequence[Component]:
        """The components in the order in which they were started."""
        return tuple(self._started)

    async def _stop_all(self) -> None:
        # Kubelets and controllers first: an API server that is gone would only make them complain.
        await asyncio.gather(*(end(component.process, self._clock) for component in reversed(self._started)))


def _ended(component: Component) -> FatalError:
    said = os.linesep.join(component.lines) or "it said nothing"
    return FatalError(f"{component.name} ended with status {component.process.returncode}: {said}")


def range_length(max_pods: int) -> int:
    """Return the prefix length of a range with addresses for twice so many pods, and at least of 24 bits.

    A pod that goes has its address until it is gone, and others may come before that.
    """
    return min(24, 32 - (2 * max_pods).bit_length())


@contextlib.asynccontextmanager
async def control_plane(
    clock: Clock, nodes: int, *, scheduler_port: int, max_pods: int = 110
) -> AsyncIterator[tuple[str, Components]]:
    """Run every component as a process of its own; yield the API server's URL and the processes.

    ``max_pods`` is what each node takes; ``scheduler_port`` 0 serves no decisions. Nobody else on this machine has the
    addresses that are used.
    """
    length = range_length(max_pods)
    # What is claimed is counted in nodes with ranges of 24 bits.
    with addresses.claim(nodes << (24 - length)) as network:
        async with Components(clock) as components:
            yield await _start_all(components, network, nodes, scheduler_port, max_pods), components


async def _start_all(components: Components, network: Addresses, nodes: int, scheduler_port: int, max_pods: int) -> str:
    """Start all components; return the API server's URL."""
    server = await components.start_apiserver("--service-cluster-ip-range", network.services)
    common = ("--server", server)
    await components.start("scheduler", "scheduler", *common, "--secure-port", str(scheduler_port))
    ranges = (
        *("--cluster-cidr", network.pods_cidr, "--load-balancer-cidr", network.load_balancers),
        *("--node-cidr-mask-size", str(range_length(max_pods))),
    )
    await components.start("controller_manager", "controller_manager", *common, "--secure-port", "0", *ranges)
    dns = ("--cluster-dns", network.dns)
    await components.start("kubeproxy", "kubeproxy", *common, *dns, "--healthz-bind-address", "")
    ports = ("--port", str(network.ports.kubelet), "--healthz-port", str(network.ports.kubelet_health))
    for number in range(1, nodes + 1):
        which = ("--node-name", f"node-{number}", "--max-pods", str(max_pods))
        await components.start(f"kubelet node-{number}", "kubelet", *common, *dns, *ports, *which)
    return server
