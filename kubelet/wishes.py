"""What annotations ask of fake containers: one table of all of them, how each is read, and what it comes to.

Each holds for every container of its pod, or, with ``.CONTAINER`` after its name, for that one::

    kubemu.io/run-for: 30s
    kubemu.io/exit-code.worker: "3"

Images carry the same annotations, for every container that is made of them; a pod's go before those.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apimachinery.duration import parse_duration
from apimachinery.quantity import parse_quantity

PREFIX = "kubemu.io/"

_PROBES = ("liveness", "readiness", "startup")
_ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Failing:
    """Probes of one kind (all, when ``probe`` is empty) fail between two ages of a container, in seconds."""

    probe: str = ""
    since: float = 0.0
    until: float = math.inf

    def covers(self, probe: str, age: float) -> bool:
        """Whether a probe of that kind (``liveness``) fails at that age; matters of case are none."""
        return self.since <= age < self.until and self.probe in {"", probe.lower()}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of one container; the defaults ask for nothing. Times are in seconds."""

    pull_time: float | None = None
    """How long a pull of its image takes."""
    pull_error: str = ""
    """Why its image cannot be pulled."""
    start_delay: float = 0.0
    """How long it runs before its program begins."""
    run_for: float | None = None
    """How long after its start it ends."""
    exit_code: int | None = None
    """What it ends with, unless it is killed."""
    fail_probe: tuple[Failing, ...] = ()
    """When its probes fail, whatever its program answers."""
    cpu: float | None = None
    """How many cores it uses."""
    memory: int | None = None
    """How many bytes it uses."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An annotation that cannot be followed."""

    annotation: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f'annotation {self.annotation}: "{self.value}" is ignored: {self.reason}'


def _seconds(text: str) -> float:
    found = parse_duration(text)
    if found < 0:
        raise ValueError("must not be negative")
    return found


def _amount(text: str) -> float:
    found = float(parse_quantity(text))
    if found < 0:
        raise ValueError("must not be negative")
    return found


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("must say something")
    return text


def _exit_code(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 255:
        raise ValueError("must be a number from 0 to 255")
    return int(text)


def _failing(text: str) -> tuple[Failing, ...]:
    return tuple(_failing_once(part.strip()) for part in text.split(","))


def _failing_once(text: str) -> Failing:
    probe, colon, when = text.rpartition(":")
    if colon and probe not in _PROBES:
        raise ValueError(f"there is no {probe} probe, but {', '.join(_PROBES)}")
    if when == _ALWAYS:
        return Failing(probe)
    since, dash, until = when.partition("-")
    if not dash:
        raise ValueError("must be always, or a time range such as 10s-30s")
    found = Failing(probe, _seconds(since), _seconds(until) if until else math.inf)
    if found.until <= found.since:
        raise ValueError("must end after it begins")
    return found


@dataclass(frozen=True, slots=True)
class Wish:
    """One annotation. ``read`` turns its value into that of the field of :class:`Wishes`, or raises ``ValueError``."""

    read: Callable[[str], Any]
    form: str
    """What its value looks like."""
    meaning: str
    """What it does."""
    live: str
    """What a change does while the container runs."""


WISHES: Mapping[str, Wish] = {
    "pull-time": Wish(_seconds, "duration", "a pull of the image takes that long", "counts for the next pull"),
    "pull-error": Wish(
        _text,
        "text",
        "the image cannot be pulled, with this error, even where it is on the node already",
        "counts for the next start; without it the next try succeeds",
    ),
    "start-delay": Wish(
        _seconds, "duration", "the container runs that long before its program does", "counts for the next start"
    ),
    "run-for": Wish(_seconds, "duration", "the container ends that long after its start", "counts from the start"),
    "exit-code": Wish(
        _exit_code, "0 … 255", "the container ends with this code, unless it is killed (0 with `run-for` alone)", "yes"
    ),
    "fail-probe": Wish(
        _failing,
        "`always`, `10s-30s`, `10s-`, `readiness:always`, or several with commas between",
        "probes fail, always or between two ages of the container: all, or those of one kind",
        "yes",
    ),
    "cpu": Wish(_amount, "quantity", "the container uses that many cores", "yes"),
    "memory": Wish(
        lambda text: math.ceil(_amount(text)),
        "quantity",
        "the container uses that much memory; past its limit it is OOMKilled",
        "yes",
    ),
}
"""Every annotation by its name without the prefix; its field has the same name, with underscores."""


def read_wishes(container: str, annotations: Mapping[str, str]) -> Wishes:
    """Return what annotations ask of a container. What cannot be read is left out (see :func:`problems`)."""
    found: dict[str, Any] = {}
    if annotations:
        for name, wish in WISHES.items():
            for key in (f"{PREFIX}{name}.{container}", f"{PREFIX}{name}"):
                if (text := annotations.get(key)) is not None:
                    try:
                        found[name.replace("-", "_")] = wish.read(text)
                    except ValueError:
                        continue
                    break
    return Wishes(**found) if found else _NONE


_NONE = Wishes()


def addressed(container: str, annotations: Mapping[str, str]) -> dict[str, str]:
    """Return the annotations with what is said of this container alone in the place of what is said of all."""
    if not annotations:
        return {}
    own = {}
    for name in WISHES:
        if (text := annotations.get(f"{PREFIX}{name}.{container}")) is not None:
            own[f"{PREFIX}{name}"] = text
    return {**annotations, **own}


def problems(annotations: Mapping[str, str], containers: Iterable[str]) -> list[Problem]:
    """Return which of a pod's annotations cannot be followed; ``containers`` are the names of those it has."""
    names, found = None, []
    for key, text in annotations.items():
        if not key.startswith(PREFIX):
            continue
        name, dot, container = key.removeprefix(PREFIX).partition(".")
        wish = WISHES.get(name)
        if wish is None:
            continue
        if names is None:
            names = set(containers)
        if dot and container not in names:
            found.append(Problem(key, text, f'there is no container "{container}"'))
            continue
        try:
            wish.read(text)
        except ValueError as error:
            found.append(Problem(key, text, str(error)))
    return found
