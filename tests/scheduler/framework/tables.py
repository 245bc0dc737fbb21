"""Point tables from plugins at hand."""

from scheduler.framework.interface import EnabledPlugin, Plugin, PointPlugins, Profile
from scheduler.framework.points import PointTable


def point_table(*plugins: Plugin, **points: PointPlugins) -> PointTable:
    """The table of a profile that has these plugins everywhere, save what ``points`` say."""
    profile = Profile("test", tuple(EnabledPlugin(plugin.name) for plugin in plugins), points)
    return PointTable(profile, {plugin.name: plugin for plugin in plugins})
