"""Trees of files as JSON: what a file system has of its own, beside the tree that it was made over."""

import base64
from typing import Any

from kubelet.fake.disk import Disk
from kubelet.fake.tree import (
    BlockDevice,
    Directory,
    File,
    FullDevice,
    Layer,
    Node,
    NullDevice,
    RandomDevice,
    Socket,
    Symlink,
    TerminalDevice,
    ZeroDevice,
)

JSONObject = dict[str, Any]

_DEVICES: dict[str, type[Node]] = {
    "full": FullDevice,
    "null": NullDevice,
    "random": RandomDevice,
    "socket": Socket,
    "tty": TerminalDevice,
    "zero": ZeroDevice,
}
_NAMES = {kind: name for name, kind in _DEVICES.items()}


def encode(node: Node, base: Node | None, linked: dict[File, int] | None = None) -> JSONObject | None:
    """Return a node as JSON; ``None`` where it is still the one of ``base``, the tree below.

    A folder lists all its names, so that what has been removed from it is missing there. ``linked`` numbers the files
    met so far that have several names; at the second they are only named by number.
    """
    if node is base:
        return None
    linked = {} if linked is None else linked
    if isinstance(node, File) and node in linked:
        return {"link": linked[node]}
    saved: JSONObject = {"mode": node.mode, "uid": node.uid, "gid": node.gid, "mtime": node.mtime}
    match node:
        case Directory():
            below = base.entries if isinstance(base, Directory) else {}
            saved["entries"] = {name: encode(child, below.get(name), linked) for name, child in node.entries.items()}
        case File():
            saved["content"] = base64.b64encode(bytes(node.content)).decode()
            if node.links > 1:
                saved["link"] = linked[node] = len(linked)
        case Symlink():
            saved["target"] = node.target
        case BlockDevice():
            saved["disk"] = _encode_disk(node.disk)
        case _:
            saved["device"] = _NAMES[type(node)]
    return saved


def decode(saved: JSONObject | None, base: Node | None, layer: Layer, linked: dict[int, File] | None = None) -> Node:
    """Return what :func:`encode` has saved, over the same ``base``; new nodes belong to ``layer``.

    Raises ``ValueError`` when ``base`` has no longer what was left out: it is another image.
    """
    if saved is None:
        if base is None:
            raise ValueError("the tree below has changed since it was saved")
        return base
    linked = {} if linked is None else linked
    if (known := linked.get(saved.get("link", -1))) is not None:
        known.links += 1
        return known
    owner = (saved["uid"], saved["gid"], saved["mtime"])
    if "entries" in saved:
        below = base.entries if isinstance(base, Directory) else {}
        entries = {name: decode(child, below.get(name), layer, linked) for name, child in saved["entries"].items()}
        return Directory(layer, saved["mode"], entries, *owner)
    if "content" in saved:
        file = File(layer, saved["mode"], base64.b64decode(saved["content"]), *owner)
        if "link" in saved:
            linked[saved["link"]] = file
        return file
    if "target" in saved:
        return Symlink(layer, saved["target"], *owner)
    if "disk" in saved:
        return BlockDevice(layer, saved["mode"], _decode_disk(saved["disk"]), *owner)
    return _DEVICES[saved["device"]](layer, saved["mode"], *owner)


def _encode_disk(disk: Disk) -> JSONObject:
    chunks = {str(number): base64.b64encode(chunk).decode() for number, chunk in disk.chunks.items()}
    return {"size": disk.size, "chunks": chunks}


def _decode_disk(saved: JSONObject) -> Disk:
    return Disk(saved["size"], {int(number): base64.b64decode(chunk) for number, chunk in saved["chunks"].items()})
