"""From what a pod and an image say to the program that a container runs."""

import signal
from collections.abc import Sequence

from kubelet.fake.container_world import ContainerWorld
from kubelet.fake.image import FakeImage
from kubelet.fake.program import CommandNotFound, NotExecutable, Program
from kubelet.runtime import ContainerConfig, StartFailed

_NOT_IN_PATH = "executable file not found in $PATH"


def command_of(image: FakeImage, config: ContainerConfig) -> Sequence[str]:
    """Combine the image's and the pod's command by Docker's rules."""
    if config.command:
        return [*config.command, *config.args]
    return [*image.entrypoint, *(config.args or image.cmd)]


def find_program(world: ContainerWorld, command: Sequence[str], path: str, cwd: str) -> Program:
    """Return the program of a command; raise :class:`StartFailed` with runc's words for what is wrong."""
    name = command[0] if command else ""
    try:
        return world.find_program(name, path, cwd)[1]
    except CommandNotFound as error:
        reason = f"stat {name}: no such file or directory" if "/" in name else _NOT_IN_PATH
        raise StartFailed(f'exec: "{name}": {reason}') from error
    except NotExecutable as error:
        raise StartFailed(f'exec: "{name}": permission denied') from error


def signal_number(name: str) -> int:
    """Return the number of a signal: ``SIGTERM``, or a real-time one such as ``SIGRTMIN+3``."""
    base, sign, offset = name.partition("+") if "+" in name else name.partition("-")
    return signal.Signals[base] + (int(f"{sign}{offset}") if sign else 0)
