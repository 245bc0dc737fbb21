"""One log format for all processes: time, level, logger, message, on standard error."""

import logging

DEBUG_VERBOSITY = 4
"""From this ``--v`` on, debug lines are shown; upstream calls level 4 "debug level verbosity"."""


def configure(verbosity: int, *, quiet: bool = False) -> None:
    """Set up the root logger; called once, by a process's entry point. ``quiet`` leaves out all but warnings."""
    level = logging.DEBUG if verbosity >= DEBUG_VERBOSITY else logging.WARNING if quiet else logging.INFO
    logging.basicConfig(
        level=level,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        force=True,
    )
    # Their debug lines are about themselves.
    for noisy in ("asyncio", "aiohttp", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(max(level, logging.INFO))
