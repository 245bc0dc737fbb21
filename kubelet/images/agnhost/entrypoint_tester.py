"""``agnhost entrypoint-tester``: prints its arguments as Go prints a slice."""

from kubelet.fake.process import Process


async def entrypoint_tester(process: Process, arguments: list[str]) -> int:
    await process.print(f"[{' '.join(process.argv)}]")
    return 0
