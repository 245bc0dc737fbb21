"""Sandboxes, containers and logs as JSON, for a runtime that is to go on where another process left off."""

import base64
import functools
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from kubelet.runtime import ContainerStatus, LogEntry, SandboxStatus

JSONObject = dict[str, Any]


@functools.cache
def _sandbox() -> TypeAdapter[SandboxStatus]:
    return TypeAdapter(SandboxStatus)


@functools.cache
def _container() -> TypeAdapter[ContainerStatus]:
    return TypeAdapter(ContainerStatus)


def save_sandbox(status: SandboxStatus) -> JSONObject:
    saved: JSONObject = _sandbox().dump_python(status, mode="json")
    return saved


def load_sandbox(saved: JSONObject) -> SandboxStatus:
    return _sandbox().validate_python(saved)


def save_container(status: ContainerStatus) -> JSONObject:
    saved: JSONObject = _container().dump_python(status, mode="json")
    return saved


def load_container(saved: JSONObject) -> ContainerStatus:
    return _container().validate_python(saved)


def save_log(entries: Iterable[LogEntry]) -> list[list[Any]]:
    return [
        [entry.timestamp.isoformat(), entry.stream, base64.b64encode(entry.line).decode(), entry.partial]
        for entry in entries
    ]


def load_log(saved: Iterable[list[Any]]) -> list[LogEntry]:
    return [
        LogEntry(datetime.fromisoformat(at), stream, base64.b64decode(line), partial)
        for at, stream, line, partial in saved
    ]
