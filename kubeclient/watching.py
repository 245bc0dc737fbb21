"""What a watch tells, line by line, and read no further than somebody needs it.

Of an object that has gone nobody looks at more than at which one it was, and that stands at a line's beginning: where
thousands go at once, most of what their watchers would do is to parse the rest.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from apimachinery.errors import error_from_status

ADDED = "ADDED"
MODIFIED = "MODIFIED"
DELETED = "DELETED"
BOOKMARK = "BOOKMARK"

_ERROR = "ERROR"

_DELETION = re.compile(
    rb'\{"type":"DELETED","object":\{"kind":"\w+","apiVersion":"[\w./-]+",'
    rb'"metadata":\{"name":"([^"\\]+)",(?:"generateName":"[^"\\]*",)?(?:"namespace":"([^"\\]+)",)?'
    rb'"uid":"[^"\\]*","resourceVersion":"([^"\\]+)"'
)
"""A deletion, with what kubemu's server and upstream's write first of metadata; others are parsed."""


class Change(NamedTuple):
    """One event: ``type``, which object, at which version of the resource.

    ``object`` is its JSON when it was added or modified. A bookmark has a version alone.
    """

    type: str
    key: str
    resource_version: str
    object: dict[str, Any] | None = None


def read_changes(lines: Iterable[bytes]) -> Iterator[Change]:
    """Yield what the lines of a watch say; raise the error in which it ends, if it does.

    That is an :class:`~apimachinery.errors.Expired` when the version it goes on from is too old.
    """
    for line in lines:
        if gone := _DELETION.match(line):
            name, namespace, version = gone.groups()
            key = b"%b/%b" % (namespace, name) if namespace else name
            yield Change(DELETED, key.decode(), version.decode())
        elif line and not line.isspace():
            event = orjson.loads(line)
            kind, found = event["type"], event["object"]
            if kind == _ERROR:
                raise error_from_status(found, found.get("code", 500))
            metadata = found["metadata"]
            version = metadata.get("resourceVersion", "")
            if kind == BOOKMARK:
                yield Change(kind, "", version)
            else:
                name, namespace = metadata["name"], metadata.get("namespace")
                key = f"{namespace}/{name}" if namespace else name
                yield Change(kind, key, version, None if kind == DELETED else found)
