"""A runtime under test, and what checks do with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from kubelet.runtime import (
    ContainerConfig,
    ContainerEvent,
    ContainerRuntime,
    ContainerState,
    ContainerStatus,
    SandboxConfig,
)

DEADLINE = 20
"""Seconds of real time within which anything that was set in motion must have happened."""

SHELL = "busybox"


class Bench:
    """A runtime under test. ``pass_time`` lets seconds go by on its clock; 0 lets it do what is due."""

    def __init__(self, runtime: ContainerRuntime, pass_time: Callable[[float], Awaitable[None]]) -> None:
        self.runtime = runtime
        self.pass_time = pass_time

    async def sandbox(self, name: str = "pod") -> str:
        await self.runtime.pull_image(SHELL)
        return await self.runtime.run_pod_sandbox(SandboxConfig(name=name, namespace="default", uid=f"uid-{name}"))

    async def create(self, sandbox_id: str, script: str = "", **changes: object) -> str:
        """Create a container that runs a shell script, or with ``command`` among ``changes``, that."""
        config = ContainerConfig(name="main", image=SHELL, command=("sh", "-c", script))
        return await self.runtime.create_container(sandbox_id, replace(config, **changes))  # type: ignore[arg-type]

    async def run(self, sandbox_id: str, script: str = "", **changes: object) -> str:
        """Create and start a container."""
        container_id = await self.create(sandbox_id, script, **changes)
        await self.runtime.start_container(container_id)
        return container_id

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to become true while no time passes."""
        async with asyncio.timeout(DEADLINE):
            while not holds():
                await self.pass_time(0)

    async def exited(self, container_id: str) -> ContainerStatus:
        """Wait for a container's end and return its status."""
        await self.until(lambda: self.state(container_id) is ContainerState.EXITED)
        return self.runtime.container_status(container_id)

    def state(self, container_id: str) -> ContainerState:
        return self.runtime.container_status(container_id).state

    def log(self, container_id: str) -> bytes:
        """Return a container's log as its text."""
        return b"".join(
            entry.line + (b"" if entry.partial else b"\n") for entry in self.runtime.container_log(container_id)
        )

    async def logged(self, container_id: str, text: bytes) -> None:
        await self.until(lambda: text in self.log(container_id))

    async def output(self, container_id: str, *command: str) -> bytes:
        """Run a command in a container; return what it wrote, having ended well."""
        result = await self.runtime.exec_sync(container_id, command, None)
        assert result.exit_code == 0, result
        return result.stdout

    @contextlib.asynccontextmanager
    async def recorded(self) -> AsyncIterator[list[ContainerEvent]]:
        """Collect events for the length of a block; the list grows as they come."""
        seen: list[ContainerEvent] = []

        async def collect(events: AsyncIterator[ContainerEvent]) -> None:
            async for event in events:
                seen.append(event)

        async with self.runtime.events() as events, asyncio.TaskGroup() as group:
            collector = group.create_task(collect(events), name="collect-events")
            try:
                yield seen
            finally:
                collector.cancel()


async def refused(fault: type[Exception] | tuple[type[Exception], ...], work: Awaitable[object]) -> str:
    """Return what is said when something fails as it must."""
    try:
        await work
    except fault as error:
        return str(error)
    raise AssertionError(f"there was no {fault}")


Check = Callable[[Bench], Awaitable[None]]
