"""Tools for tests against real processes; the fixtures that use them are in ``tests/conftest.py``."""

from tests.live.processes import (
    Cluster,
    Kubectl,
    Process,
    ProcessFailed,
    ServerProcess,
    component,
    free_port,
    start_apiserver,
)
from tests.live.waiting import eventually

__all__ = [
    "Cluster",
    "Kubectl",
    "Process",
    "ProcessFailed",
    "ServerProcess",
    "component",
    "eventually",
    "free_port",
    "start_apiserver",
]
