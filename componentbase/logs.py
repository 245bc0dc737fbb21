"""One log format for all processes: time, level, logger, message, on standard error.

Messages about one thing among many are structured, as klog writes them: :func:`structured`.
"""

import json
import logging

DEBUG_VERBOSITY = 4
"""From this ``--v`` on, debug lines are shown; upstream calls level 4 "debug level verbosity"."""

REQUESTS_VERBOSITY = 3
"""From this ``--v`` on, a server logs each request; upstream's ``httplog`` does so from 3 on, too."""

REQUESTS = 15
"""The level that such lines are logged at: below ``logging.INFO``, above ``logging.DEBUG``."""


def configure(verbosity: int, *, quiet: bool = False) -> None:
    """Set up the root logger; called once, by a process's entry point. ``quiet`` leaves out all but warnings."""
    logging.addLevelName(REQUESTS, "INFO")
    level = logging.WARNING if quiet else logging.INFO
    if verbosity >= DEBUG_VERBOSITY:
        level = logging.DEBUG
    elif verbosity >= REQUESTS_VERBOSITY:
        level = REQUESTS
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        force=True,
    )
    # Their debug lines are about themselves.
    for noisy in ("asyncio", "aiohttp", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(max(level, logging.INFO))


def structured(message: str, **values: object) -> str:
    """Return a message and what belongs to it as klog writes them: ``"HTTP" verb="GET" resp=200``.

    In a keyword an underscore stands for the hyphen of a key.
    """
    pairs = [f"{key.replace('_', '-')}={_shown(value)}" for key, value in values.items()]
    return " ".join([json.dumps(message), *pairs])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    # One line, whatever a client puts into it.
    return json.dumps(str(value))
