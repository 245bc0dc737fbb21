"""A cluster in a process of its own, for as long as somebody needs it."""

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import select
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

from kubemu.interpreter import isolated_python

_STOP_SECONDS = 10.0
_NAME_LENGTH = 63
_KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters:
- name: {context}
  cluster:
    server: {server}
users:
- name: {context}
  user: {{}}
contexts:
- name: {context}
  context:
    cluster: {context}
    user: {context}
    namespace: {namespace}
current-context: {context}
"""


class ClusterFailed(Exception):
    """A cluster did not start, or did not do what it was asked to; the text says why."""


class Cluster:
    """A cluster that runs while a ``with`` or ``async with`` block does, or between :meth:`start` and :meth:`stop`.

    >>> with Cluster(nodes=3) as cluster:
    ...     print(cluster.server, cluster.kubeconfig)  # doctest: +SKIP

    ``nodes`` is how many equal nodes it has; ``node_shapes`` is a YAML file that describes them instead. ``images`` are
    files and folders of images, ``manifests`` files and folders of objects that it has from the start. ``time_scale``
    is how many times as fast as the machine's its time passes. ``seed`` makes what is drawn at random repeat. It has
    ``timeout`` seconds to start.

    The process sees neither the working folder nor ``PYTHONPATH``, and ends with this one, however that ends.
    """

    def __init__(
        self,
        *,
        nodes: int | None = None,
        node_shapes: str | Path | None = None,
        images: Sequence[str | Path] = (),
        manifests: Sequence[str | Path] = (),
        time_scale: float = 1.0,
        seed: int | None = None,
        timeout: float = 60.0,
    ) -> None:
        self._options = [
            *_option("--nodes", nodes),
            *_option("--node-shapes", node_shapes),
            *itertools.chain.from_iterable(_option("--images", path) for path in images),
            *itertools.chain.from_iterable(_option("--manifests", path) for path in manifests),
            *_option("--time-scale", None if time_scale == 1 else time_scale),
            *_option("--seed", seed),
        ]
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._facts: dict[str, Any] = {}
        self._numbers = itertools.count(1)

    # What it is

    @property
    def server(self) -> str:
        """The URL of the API server."""
        return str(self._fact("server"))

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig with the cluster as its current context."""
        return Path(self._fact("kubeconfig"))

    @property
    def context(self) -> str:
        """The name of that context."""
        return str(self._fact("context"))

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes that it has started with."""
        return tuple(self._fact("nodes"))

    @property
    def pid(self) -> int:
        """The id of its process."""
        return int(self._fact("pid"))

    def _fact(self, name: str) -> Any:
        if not self._facts:
            raise ClusterFailed("the cluster does not run: use it within a `with` block, or call start()")
        return self._facts[name]

    # Its life

    def start(self) -> Self:
        """Start it, and return once its nodes are ready. Raises :class:`ClusterFailed`."""
        if self._process is not None:
            raise ClusterFailed("the cluster runs already")
        # Without a name, so that nothing is left of it if this process is killed.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                [
                    *(*isolated_python(), "-m", "kubemu", "up", "--output", "json"),
                    *("--name", f"test-{uuid.uuid4().hex[:12]}", f"--die-with-parent={os.getpid()}"),
                    *self._options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                # Ctrl-C is for the tests; they end the cluster once they are through.
                start_new_session=True,
            )
            self._facts = self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_ready(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], self._timeout)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            why = f"it was not ready within {self._timeout:g} s"
            if ready:
                why = f"its process ended with status {self._process.wait(_STOP_SECONDS)}"
            raise ClusterFailed(f"the cluster did not start: {why}\n{self._complaints()}")
        facts: dict[str, Any] = json.loads(line)
        return facts

    def _complaints(self) -> str:
        """Return what the cluster has written about its troubles."""
        assert self._errors is not None
        # Reading by position leaves the end, where the process writes, where it is.
        length = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), length, 0).decode(errors="replace").strip()

    def stop(self) -> None:
        """End it, and return once nothing is left of it. May be repeated."""
        process, self._process = self._process, None
        self._facts = {}
        if process is not None:
            with process:
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    # What is in it

    def reset(self) -> None:
        """Lead it back to its start: what has been put into it is gone, what has been changed is as it was.

        It waits for nobody: kubelets end what ran right after it. What nodes have pulled they keep, and files that pods
        have put into their folders (``hostPath``).
        """
        self._post("/debug/reset")

    @contextlib.contextmanager
    def namespace(self, prefix: str = "test") -> Iterator[str]:
        """Have a new namespace during the block; yield its name.

        At the end it is gone with all that is in it, at once: nothing is waited for, neither grace periods nor
        finalizers.
        """
        number = str(next(self._numbers))
        name = f"{prefix[: _NAME_LENGTH - len(number) - 1].rstrip('-')}-{number}"
        self._post("/api/v1/namespaces", {"metadata": {"name": name}})
        try:
            yield name
        finally:
            self._post(f"/debug/reset?namespace={name}")

    def write_kubeconfig(self, path: Path, namespace: str) -> None:
        """Write a kubeconfig whose context is the cluster with this namespace."""
        path.write_text(_KUBECONFIG.format(context=self.context, server=self.server, namespace=namespace))

    def _post(self, path: str, body: dict[str, Any] | None = None) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.server).netloc, timeout=self._timeout)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read().decode(errors="replace")
        except OSError as error:
            raise ClusterFailed(f"POST {path}: {error}\n{self._complaints()}") from error
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise ClusterFailed(f"POST {path}: {answer.status} {said}")


def _option(name: str, value: object) -> list[str]:
    return [] if value is None else [name, str(value)]
