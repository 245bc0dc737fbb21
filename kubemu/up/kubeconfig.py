"""The kubeconfig entry of a cluster: in a file of its own, or among those of others.

A file that others use too is changed as little as can be: its YAML is read as a tree of nodes, so that everything but
the cluster's own entries is written back with the very words it had. Comments are lost, as when kubectl writes it.
``LOCK`` beside the file keeps kubectl and this apart, as client-go's does (``tools/clientcmd/config.go``, v0.36).
"""

import contextlib
import json
import os
import secrets
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apimachinery.clock import Clock
from apimachinery.errors import FatalError

if TYPE_CHECKING:
    import yaml

_LISTS = ("clusters", "contexts", "users")
_CURRENT = "current-context"
_BEFORE = "kubemu.io/context-before"
"""An extension of a context that was made the current one: which one was so before."""
_TEXT = "tag:yaml.org,2002:str"
_LOCK_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Entry:
    """What a kubeconfig says of a cluster: cluster, user and context have one ``name``."""

    name: str
    server: str

    def document(self, *, before: str = "") -> str:
        """Return a kubeconfig with nothing else in it; ``before`` is the context to go back to at the end."""
        # JSON's strings are YAML's.
        name, server = json.dumps(self.name), json.dumps(self.server)
        extension = f"{{name: {_BEFORE}, extension: {{context: {json.dumps(before)}}}}}"
        remembered = f"    extensions: [{extension}]\n" if before else ""
        return (
            "apiVersion: v1\n"
            "kind: Config\n"
            f"clusters:\n- name: {name}\n  cluster:\n    server: {server}\n"
            f"contexts:\n- name: {name}\n  context:\n    cluster: {name}\n    user: {name}\n{remembered}"
            f"users:\n- name: {name}\n  user: {{}}\n"
            f"{_CURRENT}: {name}\n"
        )


class BadKubeconfig(FatalError):
    """A kubeconfig cannot be read or written; the text says which, and why."""


def context_name(cluster: str) -> str:
    """Return what the context of the cluster of this name is called."""
    return f"kubemu-{cluster}"


def default_path(environment: str | None, home: Path) -> Path:
    """Return the file that kubectl would write to (``GetDefaultFilename`` in client-go's ``tools/clientcmd``, v0.36).

    ``environment`` is the value of ``KUBECONFIG``: of several files in it the first that is there, else the last.
    """
    named = [Path(part) for part in (environment or "").split(os.pathsep) if part]
    if not named:
        return home / ".kube" / "config"
    return next((path for path in named if path.exists()), named[-1])


def merged(text: str, entry: Entry, *, use_context: bool) -> str:
    """Return a kubeconfig with the entry put in, in place of one of the same name.

    The current context stays as it is unless ``use_context``, or unless there was nothing at all before. Raises
    ``ValueError`` for a text that is no kubeconfig.
    """
    root = _tree(text)
    if root is None:
        return entry.document()
    before = current_context(text) if use_context else ""
    if before == entry.name:
        # Left by a cluster of the same name.
        before = _before(root, entry.name)
    new = _tree(entry.document(before=before))
    assert new is not None
    for name in _LISTS:
        items, found = _list(root, name), _list(new, name)
        items[:] = [item for item in items if _name_of(item) != entry.name] + found
    if use_context:
        _set_current(root, entry.name)
    return _text(root)


def without(text: str, name: str) -> str:
    """Return a kubeconfig with the entries called ``name`` taken out; nothing at all when none are left.

    If that was the current context, the one before is it again, if it is there; else none is. So it is for a cluster
    that came after this one and goes after it. Raises ``ValueError`` for a text that is no kubeconfig.
    """
    root = _tree(text)
    if root is None:
        return ""
    before = _before(root, name)
    for list_name in _LISTS:
        items = _list(root, list_name)
        items[:] = [item for item in items if _name_of(item) != name]
    if not any(_list(root, list_name) for list_name in _LISTS):
        return ""
    contexts = _list(root, "contexts")
    for item in contexts:
        remembered = _remembered(item)
        if remembered is not None and remembered.value == name:
            remembered.value = before
    if current_context(text) == name:
        _set_current(root, before if before in {_name_of(item) for item in contexts} else "")
    return _text(root)


def current_context(text: str) -> str:
    """Return the current context, empty when there is none."""
    root = _tree(text)
    if root is not None:
        for key, value in root.value:
            if key.value == _CURRENT:
                return str(value.value)
    return ""


def others(text: str, name: str) -> bool:
    """Return whether a kubeconfig has entries that are not called ``name``."""
    root = _tree(text)
    return root is not None and any(_name_of(item) != name for list_name in _LISTS for item in _list(root, list_name))


def holds(text: str, entry: Entry) -> bool:
    """Return whether a kubeconfig has a cluster of the entry's name at the entry's server."""
    root = _tree(text)
    clusters = _list(root, "clusters") if root is not None else []
    return any(
        _name_of(item) == entry.name and _text_of(_child(item, "cluster"), "server") == entry.server
        for item in clusters
    )


def _tree(text: str) -> "yaml.MappingNode | None":
    """Return the YAML's nodes; ``None`` when there are none."""
    if not text.strip():
        return None
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value in {"", "null"}):
        return None
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("it is no mapping")
    return root if root.value else None


def _list(root: "yaml.MappingNode", name: str) -> "list[yaml.Node]":
    """Return the nodes of a list, which is made where it is missing."""
    import yaml

    items: list[yaml.Node]
    for number, (key, value) in enumerate(root.value):
        if key.value != name:
            continue
        if isinstance(value, yaml.SequenceNode):
            items = value.value
            return items
        if isinstance(value, yaml.ScalarNode) and value.tag == "tag:yaml.org,2002:null":
            items = []
            root.value[number] = (key, yaml.SequenceNode("tag:yaml.org,2002:seq", items))
            return items
        raise ValueError(f"{name} is no list")
    items = []
    root.value.append((yaml.ScalarNode(_TEXT, name), yaml.SequenceNode("tag:yaml.org,2002:seq", items)))
    return items


def _before(root: "yaml.MappingNode", name: str) -> str:
    """Return which context was the current one before that of this name, empty when that is not known."""
    found = next((item for item in _list(root, "contexts") if _name_of(item) == name), None)
    remembered = _remembered(found)
    return str(remembered.value) if remembered is not None else ""


def _remembered(item: "yaml.Node | None") -> "yaml.Node | None":
    """Return the node of a context that says which one was the current one before."""
    extensions = _child(_child(item, "context"), "extensions")
    listed = extensions.value if extensions is not None and isinstance(extensions.value, list) else []
    found = next((extension for extension in listed if _name_of(extension) == _BEFORE), None)
    return _child(_child(found, "extension"), "context")


def _name_of(item: "yaml.Node") -> str:
    return _text_of(item, "name")


def _text_of(item: "yaml.Node | None", name: str) -> str:
    found = _child(item, name)
    return str(found.value) if found is not None else ""


def _child(item: "yaml.Node | None", name: str) -> "yaml.Node | None":
    import yaml

    pairs = item.value if isinstance(item, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _set_current(root: "yaml.MappingNode", name: str) -> None:
    import yaml

    root.value[:] = [(key, value) for key, value in root.value if key.value != _CURRENT]
    # JSON's quotes say that it is text, whatever it looks like.
    text = yaml.ScalarNode(_TEXT, name, style='"')
    root.value.append((yaml.ScalarNode(_TEXT, _CURRENT), text))


def _text(root: "yaml.MappingNode") -> str:
    import yaml

    return str(yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True, width=1_000_000))


def _target(path: Path) -> Path:
    """Return the file itself where ``path`` is a link, which stays one."""
    return path.resolve()


@contextlib.asynccontextmanager
async def locked(path: Path, clock: Clock) -> AsyncIterator[None]:
    """Keep kubectl and others of its kind from writing the file while the block runs; raise :class:`BadKubeconfig`."""
    target = _target(path)
    lock = target.with_name(f"{target.name}.lock")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        async with clock.timeout(_LOCK_SECONDS):
            while True:
                try:
                    os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
                    break
                except FileExistsError:
                    await clock.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        raise BadKubeconfig(f"kubeconfig {path}: somebody else is writing it; if not, remove {lock}") from None
    except OSError as error:
        raise BadKubeconfig(f"kubeconfig {path}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def read(path: Path) -> str:
    """Return what is in a kubeconfig, nothing when there is none; raise :class:`BadKubeconfig`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadKubeconfig(f"kubeconfig {path}: {getattr(error, 'strerror', None) or error}") from error


def write(path: Path, text: str) -> None:
    """Put ``text`` in place of the file at once: readers see the old or the new.

    It keeps its mode and its owner, who may be somebody else when this is root; a new one has mode 600. With nothing to
    write it is removed. Raises :class:`BadKubeconfig`.
    """
    target = _target(path)
    try:
        if not text:
            target.unlink(missing_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        before = target.stat() if target.exists() else None
        beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                if before is not None:
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                    os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            beside.replace(target)
        except PermissionError:
            if before is None:
                raise
            # A file of somebody else's that may be written to, but not given back to them.
            target.write_text(text, encoding="utf-8")
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise BadKubeconfig(f"kubeconfig {path}: {error.strerror or error}") from error
