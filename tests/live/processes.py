"""Real processes under test: started on free ports, awaited by what they log, stopped and asked how they ended."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.addresses import own_range
from tests.live.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]

START_SECONDS = 20.0
"""How long a process may take to say that it is ready, on a machine busy with other things."""

STOP_SECONDS = 20.0
"""How long a process may take to end after SIGTERM before the test fails."""


class ProcessFailed(AssertionError):
    """A process did not do what a test needs of it; the text ends with what it wrote."""


class Process:
    """A subprocess whose output is collected line by line as it comes."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> None:
        self.argv = list(argv)
        self._arrived = threading.Condition()
        self._lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._open = 2
        self._process = subprocess.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            text=True,
            start_new_session=True,
        )
        self._readers = [
            threading.Thread(target=self._read, args=(name,), name=f"{self.argv[-1]}-{name}", daemon=True)
            for name in self._lines
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str) -> None:
        pipe = self._process.stdout if name == "stdout" else self._process.stderr
        assert pipe is not None
        with pipe:
            for line in pipe:
                with self._arrived:
                    self._lines[name].append(line.rstrip("\n"))
                    self._arrived.notify_all()
        with self._arrived:
            self._open -= 1
            self._arrived.notify_all()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def stdout(self) -> list[str]:
        """The lines written so far."""
        with self._arrived:
            return list(self._lines["stdout"])

    @property
    def stderr(self) -> list[str]:
        """The lines written so far."""
        with self._arrived:
            return list(self._lines["stderr"])

    def output(self) -> str:
        """Return everything written so far, for the text of a failure."""
        written = [f"{name}: {line}" for name in ("stdout", "stderr") for line in getattr(self, name)]
        return "\n".join([f"$ {' '.join(self.argv)}", *written])

    def wait_for_line(
        self, pattern: str, *, stream: str = "stderr", count: int = 1, timeout: float = START_SECONDS
    ) -> re.Match[str]:
        """Return the match of ``pattern`` in the ``count``-th line that has one, waiting for it to be written."""

        def found() -> re.Match[str] | None:
            matches = [match for line in self._lines[stream] if (match := re.search(pattern, line))]
            return matches[count - 1] if len(matches) >= count else None

        with self._arrived:
            self._arrived.wait_for(lambda: found() or not self._open, timeout)
            match = found()
        if match is None:
            raise ProcessFailed(f"no line like {pattern!r} within {timeout} s\n{self.output()}")
        return match

    def wait(self, timeout: float = STOP_SECONDS) -> int:
        """Return the exit status, negative for a signal; all output has been read by then."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(f"still running after {timeout} s\n{self.output()}") from None
        for reader in self._readers:
            reader.join(timeout)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self, timeout: float = STOP_SECONDS) -> int:
        """Send SIGTERM and return the exit status; the process must end in time by itself."""
        if self.running:
            self._process.terminate()
        return self.wait(timeout)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.running:
            self._process.kill()
        self.wait()


def component(name: str, *args: str) -> Process:
    """Start ``python -m name`` with these arguments."""
    return Process([sys.executable, "-m", name, *args])


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """An API server and where it serves."""

    process: Process
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


def start_apiserver(*args: str, port: int = 0) -> ServerProcess:
    """Start an API server and return once it answers requests."""
    process = component("apiserver", "--port", str(port), *args)
    try:
        url = process.wait_for_line(r"serving on (http://\S+)")[1]
    except BaseException:
        process.kill()
        raise
    return ServerProcess(process, url)


def _ended_cleanly(process: Process) -> set[int]:
    """Return the exit statuses that are no failure after SIGTERM.

    A process that has not said a word is still importing its modules, with nothing to give back: there the
    signal may do what it does to any Python program.
    """
    return {0} if process.stdout or process.stderr else {0, -signal.SIGTERM}


class Cluster:
    """An API server and the components a test starts beside it; :meth:`stop` ends them all.

    >>> cluster.start("kubelet", "--node-name", "n1")        # doctest: +SKIP
    >>> cluster.start("scheduler")                           # doctest: +SKIP
    """

    def __init__(self, *apiserver_args: str) -> None:
        self._args = apiserver_args
        self.server = start_apiserver(*apiserver_args)
        self.components: list[Process] = []

    @property
    def url(self) -> str:
        return self.server.url

    def start(self, name: str, *args: str) -> Process:
        """Start ``python -m name --server URL`` with ``args``.

        Its own HTTP server gets a free port; a kubelet's is on its node's own address and needs none. A controller
        manager gets a range of pod addresses that no other test has, unless ``args`` name one.
        Returns at once: components wait for what they need by themselves.
        """
        given = list(args)
        if name == "kubeproxy":
            given += ["--healthz-bind-address", f"127.0.0.1:{free_port()}"]
        elif name != "kubelet" and "--secure-port" not in given:
            given += ["--secure-port", str(free_port())]
        if name == "controller_manager" and "--cluster-cidr" not in given:
            given += ["--cluster-cidr", own_range(18)]
        process = component(name, "--server", self.url, *given)
        self.components.append(process)
        return process

    def restart_apiserver(self) -> None:
        """Stop the API server and start another, with an empty store, on the same port."""
        port = self.server.port
        self.server.process.stop()
        self.server = start_apiserver(*self._args, port=port)

    def stop(self) -> None:
        """Stop everything, the API server last; fail when something had died or does not end cleanly."""
        problems = []
        for process in [*reversed(self.components), self.server.process]:
            if not process.running and process.wait() not in {0, -signal.SIGKILL}:
                problems.append(f"ended by itself with status {process.wait()}\n{process.output()}")
                continue
            try:
                if process.running and (status := process.stop()) not in _ended_cleanly(process):
                    problems.append(f"ended with status {status} on SIGTERM\n{process.output()}")
            except ProcessFailed as failure:
                process.kill()
                problems.append(str(failure))
        if problems:
            raise ProcessFailed("\n\n".join(problems))


class Kubectl:
    """The kubectl on the PATH, aimed at one server, with a home directory of its own."""

    def __init__(self, server: str, home: Path, *, namespace: str = "") -> None:
        self._command = ["kubectl", "--server", server]
        if namespace:
            self._command += ["--namespace", namespace]
        # A port that nothing listens on keeps proxies in the environment out of the way.
        self._env = {"HOME": str(home), "KUBECONFIG": str(home / "no-such-config"), "NO_PROXY": "*"}

    def run(self, *args: str, stdin: str = "", status: int = 0, timeout: float = 30.0) -> str:
        """Run to the end and return what it printed on both streams; fail unless it exits with ``status``."""
        done = subprocess.run(
            [*self._command, *args],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self._env},
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode != status:
            raise ProcessFailed(f"$ {' '.join(done.args)}\nended with status {done.returncode}\n{done.stdout}")
        return done.stdout

    def terminal(self, *args: str) -> Terminal:
        """Start one on a terminal of its own."""
        return Terminal([*self._command, *args], self._env)

    def start(self, *args: str) -> Process:
        """Start one that goes on until it is stopped, such as ``get --watch``."""
        return Process([*self._command, *args], env=self._env)


def require_kubectl() -> None:
    """Skip the test when there is no kubectl to run."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not on the PATH")
