"""Flags as Go's pflag reads them, and log lines as klog writes them."""

from collections.abc import Mapping, Sequence

from kubelet.fake.process import Process


class FlagFault(Exception):
    """A flag that nobody knows, or a value that does not fit."""


def parse_flags(arguments: Sequence[str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the value of every flag in ``defaults``; a flag whose default is a truth value needs no argument."""
    values = dict(defaults)
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-"):
            continue
        if name not in values:
            raise FlagFault(f"unknown flag: --{name}")
        if not equals:
            if defaults[name] in {"true", "false"}:
                value = "true"
            elif rest:
                value = rest.pop(0)
            else:
                raise FlagFault(f"flag needs an argument: --{name}")
        values[name] = value
    return values


def port_flag(values: Mapping[str, str], name: str) -> int:
    """Return a flag's number; raise :class:`FlagFault`."""
    try:
        return int(values[name])
    except ValueError:
        raise FlagFault(f'invalid argument "{values[name]}" for "--{name}" flag') from None


def log_line(process: Process, text: str, severity: str = "I") -> bytes:
    """Return a line as klog writes it; ``severity`` is ``I``, ``W``, ``E`` or ``F``."""
    now = process.clock.now()
    return f"{severity}{now:%m%d %H:%M:%S.%f} {process.pid:7d} log.go:245] {text}\n".encode()


def go_error(action: str, path: str, error: OSError) -> str:
    """Return an error as Go's ``PathError`` says it: ``open /x: no such file or directory``."""
    return f"{action} {path}: {(error.strerror or str(error)).lower()}"
