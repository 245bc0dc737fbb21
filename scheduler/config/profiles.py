"""From a profile as the file has it to the profile that the framework runs: the default one, changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scheduler.config.types import POINTS, KubeSchedulerProfile, PluginRef, PluginSet
from scheduler.framework.interface import EnabledPlugin, PointPlugins, Profile
from scheduler.profile import default_profile

ALL = "*"


def profile_of(profile: KubeSchedulerProfile, args: Mapping[str, Any]) -> Profile:
    """Return the profile with the default plugins merged in, as upstream's ``mergePlugins`` does (v1.36).

    ``args`` are the plugins' decoded arguments by plugin name.
    """
    default = default_profile()
    points = {}
    for point in POINTS:
        chosen: PluginSet = getattr(profile.plugins, _attribute(point))
        if chosen != PluginSet():
            disabled = frozenset(entry.name for entry in chosen.disabled)
            points[point] = PointPlugins(tuple(_enabled(entry) for entry in chosen.enabled), disabled)
    return replace(
        default,
        scheduler_name=profile.scheduler_name,
        plugins=merged(default.plugins, profile.plugins.multi_point),
        points=points,
        args={**default.args, **args},
    )


def _attribute(point: str) -> str:
    """Return how the model spells a point: ``preFilter`` is ``pre_filter`` there."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in point)


def _enabled(entry: PluginRef) -> EnabledPlugin:
    return EnabledPlugin(entry.name, entry.weight or 1)


def merged(default: Sequence[EnabledPlugin], chosen: PluginSet) -> tuple[EnabledPlugin, ...]:
    """Return the default plugins without the disabled ones, then the enabled ones.

    An enabled plugin that is among the defaults left takes its place there, so that its weight changes but not the
    order; ``*`` disables all defaults.
    """
    disabled = {entry.name for entry in chosen.disabled}
    enabled = {entry.name: _enabled(entry) for entry in chosen.enabled}
    kept = [] if ALL in disabled else [entry for entry in default if entry.name not in disabled]
    in_place = {entry.name for entry in kept if entry.name in enabled}
    result = [enabled.get(entry.name, entry) for entry in kept]
    return (*result, *(entry for name, entry in enabled.items() if name not in in_place))
