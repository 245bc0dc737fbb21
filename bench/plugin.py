"""What the pytest plugin adds to a test run: to the session, and to each test that has a namespace.

    python -m bench.plugin [--rounds 5]

Writes folders of tests that do nothing and runs pytest on them as its users do: without the plugin, with it loaded and
not used, with one test that has the cluster, and with few and many tests that have a namespace each. What a test adds
is the difference between many and few, less the same difference without fixtures. Medians of rounds in turn; beside
wall times are the processor times of pytest and the cluster together, which say more on a busy machine. The first tests
share the processors with what a cluster has to do once it is ready.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.starts import installed_environment, python_seconds

FEW, MANY = 25, 125


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of time and of processors."""

    wall: float
    cpu: float

    def __sub__(self, other: "Took") -> "Took":
        return Took(self.wall - other.wall, self.cpu - other.cpu)

    def each(self, number: int) -> "Took":
        return Took(self.wall / number, self.cpu / number)

    def __str__(self) -> str:
        return f"{self.wall * 1000:7.1f} ms, processor {self.cpu * 1000:7.1f} ms"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of pytest: so many tests that each have the fixture, if one is named."""

    tests: int
    fixture: str = ""
    options: tuple[str, ...] = ()

    def took(self) -> Took:
        with tempfile.TemporaryDirectory() as folder:
            lines = (f"def test_{number}({self.fixture}): pass\n" for number in range(self.tests))
            Path(folder, "test_it.py").write_text("".join(lines))
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *self.options, "test_it.py"],
                cwd=folder,
                env=installed_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


RUNS = {
    "without the plugin": Run(1, options=("-p", "no:kubemu")),
    "loaded, not used": Run(1),
    "few tests": Run(FEW),
    "many tests": Run(MANY),
    "a cluster": Run(1, "kubemu_cluster"),
    "few namespaces": Run(FEW, "kubemu_namespace"),
    "many namespaces": Run(MANY, "kubemu_namespace"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    # What is imported for the first time is compiled.
    RUNS["few namespaces"].took()
    seen: dict[str, list[Took]] = {name: [] for name in RUNS}
    references: list[Took] = []
    for _ in range(rounds):
        references.append(Took(*python_seconds()))
        for name, run in RUNS.items():
            seen[name].append(run.took())
    of = {name: median(found) for name, found in seen.items()}
    tests = (of["many tests"] - of["few tests"]).each(MANY - FEW)
    namespaces = (of["many namespaces"] - of["few namespaces"]).each(MANY - FEW)
    for name, took in of.items():
        print(f"{name:24} {took}")
    print(f"{'python':24} {median(references)}")
    print(f"{'loading adds':24} {of['loaded, not used'] - of['without the plugin']}")
    print(f"{'a session adds':24} {of['a cluster'] - of['loaded, not used']}")
    print(f"{'a namespace adds':24} {namespaces - tests}")


def median(found: list[Took]) -> Took:
    return Took(statistics.median(one.wall for one in found), statistics.median(one.cpu for one in found))


if __name__ == "__main__":
    main()
