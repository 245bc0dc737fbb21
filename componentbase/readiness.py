"""What ``/readyz`` says: named checks, and the page that lists them.

Apart from :mod:`componentbase.health`, so that a server with a web framework of its own need not load that one's.
"""

from collections.abc import Callable, Mapping

Check = Callable[[], bool]


def readiness_report(checks: Mapping[str, Check]) -> tuple[bool, str]:
    """Return whether all checks hold, and the page that says so check by check."""
    results = {name: check() for name, check in checks.items()}
    lines = [f"[+]{name} ok" if held else f"[-]{name} failed: not yet" for name, held in results.items()]
    ready = all(results.values())
    lines.append("readyz check passed" if ready else "readyz check failed")
    return ready, "\n".join(lines) + "\n"
