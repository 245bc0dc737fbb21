"""How to start another Python that finds the same kubemu, and nothing by mistake in the place of its packages."""

import importlib.metadata
import site
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
"""The folder that the packages are in."""


def isolated_python() -> list[str]:
    """Return the start of a command line for ``-m MODULE`` that heeds neither working folder nor environment.

    The user's own site-packages are left out too, unless kubemu is installed there (``pip install --user``).
    """
    return [sys.executable, *(("-E", "-P") if _is_in_user_site() else ("-I",))]


def same_python() -> list[str]:
    """Return the start of a command line for ``-m MODULE`` that looks for modules where this process does.

    ``-m`` would look into the working folder first, which has perhaps something else called ``store`` or ``scheduler``:
    that is left out, unless it is where kubemu is.
    """
    flags = sys.flags
    if flags.isolated:
        return [sys.executable, "-I"]
    kept = [(flags.ignore_environment, "-E"), (flags.no_user_site, "-s"), (flags.safe_path or not _is_here(), "-P")]
    return [sys.executable, *(option for on, option in kept if on)]


def _is_in_user_site() -> bool:
    if not site.ENABLE_USER_SITE:
        return False
    try:
        # For an editable installation too, whose packages are elsewhere.
        installed = Path(str(importlib.metadata.distribution("kubemu").locate_file("")))
    except importlib.metadata.PackageNotFoundError:
        return False
    return installed.resolve() == Path(site.getusersitepackages()).resolve()


def _is_here() -> bool:
    try:
        return Path.cwd() == _ROOT
    except OSError:
        # The working folder has been removed, or is nobody's to look at.
        return False
