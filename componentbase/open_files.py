"""How many files and sockets a process may have open."""

import resource


def allow_open_files() -> None:
    """Use as many as the system lets this process have; the usual soft limit is for programs with few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
