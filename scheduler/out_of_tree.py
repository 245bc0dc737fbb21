"""Plugins of users: classes that installed distributions offer as entry points."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from apimachinery.errors import FatalError
from scheduler.framework.interface import Handle, Plugin, PluginFactory, Registry
from scheduler.plugins.registry import in_tree_registry

GROUP = "kubemu.scheduler_plugins"
"""The entry point group. An entry's name is the plugin's, its object the class or another factory."""


def out_of_tree_registry(found: Iterable[EntryPoint] | None = None) -> Registry:
    """Return the factories of all that is installed; ``found`` replaces what the environment offers.

    Nothing is imported before a profile enables it. Raises :class:`~apimachinery.errors.FatalError` for a plugin
    with the name of a built-in one, or of another one.
    """
    registry: dict[str, PluginFactory] = {}
    taken = in_tree_registry().keys()
    for entry in entry_points(group=GROUP) if found is None else found:
        if entry.name in taken or entry.name in registry:
            whose = "a built-in scheduler plugin" if entry.name in taken else "another scheduler plugin"
            raise FatalError(f"entry point {entry.value!r} of {GROUP}: {whose} has the name {entry.name!r} already")
        registry[entry.name] = _factory(entry)
    return registry


def _factory(entry: EntryPoint) -> PluginFactory:
    def make(args: Any, handle: Handle) -> Plugin:
        try:
            plugin = entry.load()(args, handle)
        except Exception as error:
            raise FatalError(f"scheduler plugin {entry.name!r} ({entry.value}) cannot be made: {error}") from error
        if not isinstance(plugin, Plugin) or plugin.name != entry.name:
            raise FatalError(f"scheduler plugin {entry.name!r} ({entry.value}) must have that as its attribute `name`")
        return plugin

    return make
