"""Env files, as init containers write them for others (``pkg/kubelet/util/env``, v1.36; KEP-3721).

A file is lines of ``NAME='value'``. What is between the quotes is taken as it is and may go over several lines; lines
that are blank or begin with ``#`` count for nothing. Nothing else that a shell would take is allowed.
"""

import re

_STATEMENT = re.compile(
    r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)|[ \t]*(?P<name>[^\s='#][^\s=']*)='(?P<value>[^']*)'[ \t]*(?:[ \t]#[^\n]*)?(?:\n|\Z)"
)


class BadEnvFile(ValueError):
    """The file has a line that is not of the form ``NAME='value'``."""


def find(text: str, key: str) -> str:
    """Return the value that the file gives ``key``, empty when it gives none; raise :class:`BadEnvFile`.

    The first line with the key counts. What comes behind it is not looked at.
    """
    text = text.replace("\r\n", "\n")
    position = 0
    while position < len(text):
        found = _STATEMENT.match(text, position)
        if found is None:
            line = text.count("\n", 0, position) + 1
            raise BadEnvFile(f"invalid environment variable format at line {line}")
        if found["name"] == key:
            return found["value"]
        position = found.end()
    return ""
