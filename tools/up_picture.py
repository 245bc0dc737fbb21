"""Record what `kubemu up` shows on a terminal while somebody works with the cluster, for README and site.

python -m tools.up_picture
"""

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apimachinery.clock import RealClock
from tools.film import Frame, film
from tools.terminal import Program, Shot

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "images" / "kubemu-up.svg"

COMMAND = "kubemu up --nodes 3"
COLUMNS = 84
ROWS = 22
"""The height of the terminal that the cluster is started in; what the other one shows comes below."""
RUNTIME_DIR = "/run/user/1000"
"""Shown in the place of the recording's own folder: where an ordinary user's clusters have their files."""
OTHER_TERMINAL = "── in another terminal "

_SECONDS = 60.0
_SETTLED_SECONDS = 0.8
"""How long a scene goes on after what was waited for, so that its last screen has all of it."""
_SHORTEST, _LAST_OF_SCENE = 0.8, 2.5
"""For how many seconds a screen is shown at least, and the last before another command, so that one can read it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A command in another terminal, and a pattern for what the screen then comes to show."""

    command: str
    until: str


STORY = (
    Scene("", r"3 of 3 nodes ready, 0 of 0 pods"),
    Scene("kubemu apply -f examples/web-replicaset.yaml", r"(?s)(web-\S+ +1/1 +Running.*){5}"),
    Scene("kubemu apply -f examples/first-pod.yaml", r"/first-pod +2/2 +Running +0"),
    Scene("kubemu kill first-pod -c web", r"/first-pod +2/2 +Running +1"),
)


@dataclass(frozen=True, slots=True)
class Recording:
    """Two terminals: what the cluster's showed, and since when each of the story's commands is in the other one."""

    shots: list[Shot]
    commands: list[tuple[float, str]]


def record(story: Sequence[Scene]) -> Recording:
    """Run the command, and the story's beside it.

    Raises ``TimeoutError`` when a scene does not come to what it should, and ``CalledProcessError`` for a command of
    the story that fails.
    """
    clock = RealClock()
    commands: list[tuple[float, str]] = []
    with tempfile.TemporaryDirectory(prefix="kubemu-picture-") as folder:
        env = {
            **{"PATH": os.environ["PATH"], "HOME": folder, "XDG_RUNTIME_DIR": folder},
            **{"TERM": "xterm-256color", "LANG": "C.UTF-8"},
        }
        start = Shot(clock.monotonic(), ())
        with Program(_argv(COMMAND), env, ROOT, clock, rows=ROWS, columns=COLUMNS) as program:
            for scene in story:
                commands += [(clock.monotonic(), scene.command)] if scene.command else []
                with _beside(scene.command, env):
                    program.until(scene.until, _SECONDS)
                program.watch(_SETTLED_SECONDS)
            program.interrupt()
            shown = program.screen.shots
    shots = [Shot(shot.at, tuple(line.replace(folder, RUNTIME_DIR) for line in shot.lines)) for shot in shown]
    return Recording([start, *shots], commands)


@contextlib.contextmanager
def _beside(command: str, env: Mapping[str, str]) -> Iterator[None]:
    """Run a command, if there is one, while the block runs; raise ``CalledProcessError`` when it fails."""
    if not command:
        yield
        return
    with subprocess.Popen(_argv(command), env=env, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        yield
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _argv(command: str) -> list[str]:
    return [sys.executable, "-m", *shlex.split(command)]


def frames(recording: Recording) -> list[Frame]:
    """Return what is shown: both terminals below one another, slowed down to what one can follow."""
    typed = {at for at, _ in recording.commands}
    moments = sorted({*typed, *(shot.at for shot in recording.shots)})
    height = max(len(shot.lines) for shot in recording.shots)
    found: list[Frame] = []
    for now, following in zip(moments, [*moments[1:], None], strict=True):
        lines = [shot.lines for shot in recording.shots if shot.at <= now][-1]
        commands = [_typed(command) for at, command in recording.commands if at <= now]
        other = [f"\x1b[2m{OTHER_TERMINAL.ljust(COLUMNS, '─')}\x1b[0m", *commands]
        both = [_typed(COMMAND), *lines, *[""] * (height - len(lines) + 1), *other]
        least = _LAST_OF_SCENE if following is None or following in typed else _SHORTEST
        found.append(Frame(both, least if following is None else max(least, following - now)))
    return found


def _typed(command: str) -> str:
    return f"\x1b[32m$\x1b[0m \x1b[1m{command}\x1b[0m"


def picture() -> str:
    """Return the recording as SVG."""
    return film(
        frames(record(STORY)),
        columns=COLUMNS,
        title="kubemu up",
        description=f"{COMMAND}, recorded while in another terminal "
        + ", ".join(scene.command for scene in STORY if scene.command),
    )


def main() -> None:
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"{PICTURE.name} written")


if __name__ == "__main__":
    main()
