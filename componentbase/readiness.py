"""What ``/healthz``, ``/livez`` and ``/readyz`` say (``k8s.io/apiserver/pkg/server/healthz``, v0.36).

Apart from :mod:`componentbase.health`, so that a server with a web framework of its own need not load that one's.
"""

from collections.abc import Callable, Mapping, Sequence

Check = Callable[[], bool]


def readiness_report(
    checks: Mapping[str, Check], *, name: str = "readyz", excluded: Sequence[str] = ()
) -> tuple[bool, str]:
    """Return whether all checks that are not ``excluded`` hold, and the page that says so check by check."""
    lines, passed = [], True
    for check, holds in checks.items():
        if check in excluded:
            lines.append(f"[+]{check} excluded: ok")
        elif holds():
            lines.append(f"[+]{check} ok")
        else:
            passed = False
            lines.append(f"[-]{check} failed: reason withheld")
    if unknown := sorted(set(excluded) - set(checks)):
        quoted = ",".join(f'"{check}"' for check in unknown)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {quoted}")
    lines.append(f"{name} check {'passed' if passed else 'failed'}")
    return passed, "\n".join(lines) + "\n"
