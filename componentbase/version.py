"""The versions that the components report."""

import functools
from importlib.metadata import PackageNotFoundError, version

KUBERNETES_MINOR = "36"
KUBERNETES_VERSION = f"v1.{KUBERNETES_MINOR}.0"
"""The Kubernetes release whose API and behaviour this is."""


@functools.cache
def kubemu_version() -> str:
    """Return the installed distribution's version, ``0.0.0`` when run from a bare checkout."""
    try:
        return version("kubemu")
    except PackageNotFoundError:
        return "0.0.0"


def git_version() -> str:
    """Return what ``/version`` and nodes report, such as ``v1.36.0+kubemu.0.1.0``."""
    return f"{KUBERNETES_VERSION}+kubemu.{kubemu_version()}"
