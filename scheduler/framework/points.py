"""Which plugins of a profile are asked at which extension point, and in which order."""

from collections.abc import Mapping

from scheduler.framework.interface import (
    BindPlugin,
    EnabledPlugin,
    FilterPlugin,
    PermitPlugin,
    Plugin,
    PointPlugins,
    PostBindPlugin,
    PostFilterPlugin,
    PreBindPlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreScorePlugin,
    Profile,
    QueueSortPlugin,
    ReservePlugin,
    ScorePlugin,
)

POINTS: dict[str, type] = {
    "preEnqueue": PreEnqueuePlugin,
    "queueSort": QueueSortPlugin,
    "preFilter": PreFilterPlugin,
    "filter": FilterPlugin,
    "postFilter": PostFilterPlugin,
    "preScore": PreScorePlugin,
    "score": ScorePlugin,
    "reserve": ReservePlugin,
    "permit": PermitPlugin,
    "preBind": PreBindPlugin,
    "bind": BindPlugin,
    "postBind": PostBindPlugin,
}
"""The protocols by the points' names in a profile."""

_NONE = PointPlugins()


def enabled_names(profile: Profile) -> list[str]:
    """Return every plugin that the profile names as enabled, each once, in order."""
    at_points = (entry.name for chosen in profile.points.values() for entry in chosen.enabled)
    return list(dict.fromkeys((*(entry.name for entry in profile.plugins), *at_points)))


class PointTable:
    """The plugins by point, and the weights of their scores.

    At each point come first the plugins that were enabled there although they are in the profile's general list,
    then the rest of that list, then what was enabled only there. Follows ``expandMultiPointPlugins`` of
    ``pkg/scheduler/framework/runtime/framework.go`` (v1.36). Raises ``ValueError`` for a plugin that is enabled at
    a point which it does not implement, or twice.
    """

    def __init__(self, profile: Profile, instances: Mapping[str, Plugin]) -> None:
        self._plugins: dict[str, list[Plugin]] = {}
        self.weights: dict[str, int] = {}
        _refuse_repeats(profile.scheduler_name, "multiPoint", profile.plugins)
        for point, protocol in POINTS.items():
            chosen = profile.points.get(point, _NONE)
            _refuse_repeats(profile.scheduler_name, point, chosen.enabled)
            for entry in chosen.enabled:
                if not isinstance(instances[entry.name], protocol):
                    raise ValueError(f"plugin {entry.name!r} does not extend {protocol.__name__}")
            general = [entry for entry in profile.plugins if isinstance(instances[entry.name], protocol)]
            ordered = _ordered(general, chosen)
            self._plugins[point] = [instances[entry.name] for entry in ordered]
            if point == "score":
                self.weights = {entry.name: entry.weight for entry in ordered}

    def at(self, point: str) -> list[Plugin]:
        return self._plugins[point]


def _ordered(general: list[EnabledPlugin], chosen: PointPlugins) -> list[EnabledPlugin]:
    here = {entry.name for entry in chosen.enabled}
    names = {entry.name for entry in general}
    rest = [] if chosen.disables_all else [entry for entry in general if entry.name not in chosen.disabled | here]
    first = [entry for entry in chosen.enabled if entry.name in names]
    last = [entry for entry in chosen.enabled if entry.name not in names]
    return [*first, *rest, *last]


def _refuse_repeats(profile: str, point: str, entries: tuple[EnabledPlugin, ...]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            raise ValueError(f"profile {profile!r} enables the plugin {entry.name!r} twice at {point}")
        seen.add(entry.name)
